"""What the activity log and the project's events say of merging and splitting."""

from typing import Any

import pytest_asyncio


@pytest_asyncio.fixture
async def through(desk, pair):
    """Three tickets: the first was merged into the second, taken out again, and the third split off it."""
    one, other = await desk.open(message="m", status="open", tags=["a"]), await desk.open(status="resolved")
    said = (await desk.client.get(f"{desk.tickets}{one['id']}/messages/")).json()["results"][0]
    await pair.merge(one, other["id"])
    await desk.say(other, "stays")
    await pair.unmerge(one["id"])
    await desk.say(one, "stays")
    body = {"message_ids": [said["id"]]}
    split = await desk.client.post(f"{desk.tickets}{one['id']}/split/", json=body)
    return one, other, split.json()


async def test_the_log_of_all_tickets_tells_of_it(desk, through, alice):
    async def log(on: dict[str, Any]) -> list[Any]:
        path = f"/api/projects/{desk.project.id}/activity_log/"
        found = (await desk.client.get(path, params={"scope": "Ticket", "item_id": on["id"]})).json()[
            "results"
        ]
        assert {entry["user"]["email"] for entry in found} == {alice.email}
        return [
            (
                entry["activity"],
                [(c["action"], c["field"], c["before"], c["after"]) for c in entry["detail"]["changes"]],
            )
            for entry in found
        ]

    of_one, of_other, of_new = [
        {"id": each["id"], "ticket_number": each["ticket_number"]} for each in through
    ]
    assert (await log(through[0]))[:3] == [
        ("split", [("changed", "split_into", None, of_new)]),
        ("unmerged", [("changed", "merged_into", of_other, None)]),
        ("merged", [("changed", "merged_into", None, of_other)]),
    ]
    gone = [("deleted", "merged_ticket", of_one, None), ("deleted", "tag", "a", None)]
    come = [("created", "merged_ticket", None, of_one), ("created", "tag", None, "a")]
    assert (await log(through[1]))[:2] == [
        ("unmerged", [*gone, ("changed", "status", "open", "resolved")]),
        ("merged", [*come, ("changed", "status", "resolved", "open")]),
    ]
    assert [activity for activity, _ in await log(through[2])] == ["split", "created"]


async def test_the_events_of_the_project_tell_of_it(desk, through):
    path = f"/api/projects/{desk.project.id}/events/"
    events = (await desk.client.get(path, params={"limit": 100})).json()["results"]
    properties = {
        event["event"].removeprefix("$conversation_ticket_"): event["properties"]
        for event in events
        if "other_ticket_id" in event["properties"]
    }
    one, other, new = through
    assert set(properties) == {"merged", "unmerged", "split"}
    assert (properties["merged"]["ticket_id"], properties["merged"]["other_ticket_id"]) == (
        other["id"],
        one["id"],
    )
    assert (properties["unmerged"]["ticket_number"], properties["unmerged"]["other_ticket_number"]) == (2, 1)
    assert (properties["split"]["ticket_id"], properties["split"]["other_ticket_id"]) == (
        one["id"],
        new["id"],
    )
    assert [event["event"] for event in events].count("$conversation_ticket_status_changed") == 2
