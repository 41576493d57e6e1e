"""Many tickets at once: their priority, who takes care of them, and until when they are snoozed."""

from uuid import uuid4

import pytest

from parley.conversations.bulk_changes.tests.test_bulk_changes import logged, opened

UNTIL, LATER = "2099-01-31T09:00:00Z", "2099-02-28T09:00:00Z"


async def change(desk, what, ids, **fields):
    return await desk.client.post(f"{desk.tickets}bulk_update_{what}/", json={"ids": ids, **fields})


async def shown(desk, *names):
    """Return fields of the tickets, by number."""
    return {one["ticket_number"]: [one[name] for name in names] for one in (await desk.listed())["results"]}


async def test_tickets_are_assigned_together(desk, bob):
    ids, theirs = await opened(desk), {"type": "user", "id": bob.user_id}
    await desk.change(2, assignee=theirs)
    answer = await change(desk, "assignee", [*ids, ids[0]], assignee=theirs)
    assert (answer.status_code, answer.json()) == (200, {"updated": [ids[0], ids[2]], "skipped": []})
    assert [one[0]["id"] for one in (await shown(desk, "assignee")).values()] == [bob.user_id] * 3
    changes = await logged(desk, ids[0])
    assert [(one["field"], one["before"], one["after"]) for one in changes] == [("assignee", None, theirs)]
    await change(desk, "assignee", ids[:2], assignee=None)
    assert [one[0] is None for one in (await shown(desk, "assignee")).values()].count(True) == 2
    assert (await change(desk, "assignee", ids[:2], assignee=None)).json() == {"updated": [], "skipped": []}


async def test_tickets_get_a_priority_together(desk):
    ids = await opened(desk)
    await desk.change(2, priority="high")
    assert (await change(desk, "priority", [*ids, ids[0]], priority="high")).json() == {
        "updated": [ids[0], ids[2]],
        "skipped": [],
    }
    assert await shown(desk, "priority") == {1: ["high"], 2: ["high"], 3: ["high"]}
    changes = [(one["field"], one["before"], one["after"]) for one in await logged(desk, ids[0])]
    assert changes == [("priority", None, "high")]
    assert (await change(desk, "priority", ids[:1], priority=None)).json()["updated"] == ids[:1]
    assert await shown(desk, "priority") == {1: [None], 2: ["high"], 3: ["high"]}
    assert (await change(desk, "priority", ids[:1], priority=None)).json()["updated"] == []


async def test_tickets_are_snoozed_and_woken_together(desk):
    ids = await opened(desk, status="new")
    await desk.change(2, snoozed_until=LATER, status="pending")
    assert (await change(desk, "snooze", ids, snoozed_until=UNTIL)).json()["updated"] == ids
    assert await shown(desk, "status", "snoozed_until") == {
        1: ["on_hold", UNTIL],
        2: ["pending", UNTIL],
        3: ["on_hold", UNTIL],
    }
    for status, count in (("on_hold", 2), ("pending", 1), ("new", 0)):
        assert (await desk.listed(status=status))["count"] == count
    assert (await change(desk, "snooze", ids, snoozed_until=UNTIL)).json()["updated"] == []
    assert (await change(desk, "snooze", ids, snoozed_until=None)).json()["updated"] == ids
    assert await shown(desk, "status", "snoozed_until") == {number: ["open", None] for number in (1, 2, 3)}
    fields = [one["field"] for one in await logged(desk, ids[0])]
    assert sorted(fields) == ["snoozed_until", "snoozed_until", "status", "status"]


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        ("priority", {"priority": "low"}),
        ("assignee", {"assignee": None}),
        ("snooze", {"snoozed_until": UNTIL}),
    ],
)
async def test_what_the_caller_cannot_change_is_named(desk, cast, mallory, what, fields):
    hidden, unknown = (await desk.open())["id"], str(uuid4())
    url = f"{desk.tickets}{hidden}/access_controls/"
    assert (await desk.client.put(url, json={"access_level": "viewer"})).status_code == 200
    body = {"ids": [hidden, unknown], **fields}
    url = f"{desk.tickets}bulk_update_{what}/"
    skipped = {one["id"] for one in (await cast.bob.client.post(url, json=body)).json()["skipped"]}
    assert skipped == {hidden, unknown}
    assert (await mallory.client.post(url, json=body)).status_code in (403, 404)
    assert await shown(desk, "priority", "assignee", "snoozed_until") == {1: [None, None, None]}
    assert [one["id"] for one in (await desk.client.post(url, json=body)).json()["skipped"]] == [unknown]


@pytest.mark.parametrize(
    ("what", "fields", "attr"),
    [
        ("priority", {}, "priority"),
        ("priority", {"priority": "urgent"}, "priority"),
        ("priority", {"priority": "low", "ids": ["x"]}, "ids__0"),
        ("assignee", {}, "assignee"),
        ("assignee", {"assignee": {"type": "user", "id": 2_000_000_000}}, "assignee"),
        ("assignee", {"assignee": "me"}, "assignee"),
        ("snooze", {}, "snoozed_until"),
        ("snooze", {"snoozed_until": "soon"}, "snoozed_until"),
        ("snooze", {"snoozed_until": "0001-01-01T00:00:00Z"}, "snoozed_until"),
        ("snooze", {"snoozed_until": UNTIL, "ids": []}, "ids"),
    ],
)
async def test_bad_input_changes_nothing(desk, what, fields, attr):
    ids = await opened(desk, 1)
    answer = await change(desk, what, **{"ids": ids, **fields})
    assert (answer.status_code, answer.json()["attr"]) == (400, attr)
    assert await shown(desk, "priority", "assignee", "snoozed_until") == {1: [None, None, None]}
