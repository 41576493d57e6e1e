"""One ticket is merged into another."""

import asyncio
from typing import Any

import pytest

from parley.conversations.tickets.rules.merges import MAX_MERGED


async def test_merging_moves_messages_and_adds_up_counters(desk, pair):
    one = await desk.open(message="mine", tags=["a", "b"])
    other = await desk.open(message="first", tags=["b", "c"])
    await desk.say(other, "answer")
    await desk.say(one, "a note", is_private=True)
    target = await pair.merge(one, other["ticket_number"])
    assert target["id"] == other["id"]
    assert target["message_count"] == 3
    assert target["unread_team_count"] == 2
    assert target["unread_customer_count"] == 1
    assert target["tags"] == ["a", "b", "c"]
    assert target["last_message_text"] == "answer"
    assert target["merged_ticket_numbers"] == [one["ticket_number"]]
    assert target["merged_from"] is None
    assert await pair.texts(other["id"]) == ["mine", "first", "answer", "a note"]
    assert await desk.numbers() == [other["ticket_number"]]
    assert await pair.counts() == {"new": 1, "open": 0, "pending": 0, "on_hold": 0, "resolved": 0}
    assert await desk.unread() == 2


@pytest.mark.parametrize(
    ("target", "merged", "after"),
    [("resolved", "open", "open"), ("resolved", "resolved", "resolved"), ("pending", "new", "pending")],
)
async def test_only_a_resolved_target_takes_the_others_status(desk, pair, target, merged, after):
    one, other = await desk.open(status=merged), await desk.open(status=target)
    assert (await pair.merge(one, other["id"]))["status"] == after
    assert await pair.counts() == {**dict.fromkeys(await pair.counts(), 0), after: 1}
    await pair.unmerge(one["id"])
    assert (await desk.ticket(other["id"]))["status"] == target
    assert (await desk.ticket(one["id"]))["status"] == merged


async def test_merging_again_changes_nothing(desk, pair):
    one, other, third = await desk.open(message="a"), await desk.open(), await desk.open()
    first = await pair.merge(one, other["id"])
    assert await pair.merge(one, other["id"]) == first
    await pair.merge(other, third["id"])
    assert (await pair.merge(one, third["id"]))["merged_ticket_numbers"] == [1, 2]
    assert (await pair.merge(one, other["id"]))["id"] == third["id"]


async def test_a_target_that_is_merged_itself_stands_for_the_last_one(desk, pair):
    a, b, c, d = [await desk.open(message=name) for name in "abcd"]
    await pair.merge(c, b["id"])
    await pair.merge(b, a["id"])
    assert (await pair.merge(d, c["ticket_number"]))["id"] == a["id"]
    found = await desk.ticket(c["id"])
    assert (found["id"], found["merged_ticket_numbers"]) == (a["id"], [2, 3, 4])
    assert await pair.texts(d["id"]) == ["a", "b", "c", "d"]


async def test_what_cannot_be_merged_is_refused(desk, pair, mallory):
    one, other, gone = await desk.open(), await desk.open(), await desk.open()
    theirs = (await mallory.client.post(mallory.project.tickets, json={"distinct_id": "x"})).json()
    await desk.delete(gone["id"])
    for into in (gone["id"], 99, theirs["id"], "what", "", -1, 2**80, "00000000-0000-0000-0000-000000000000"):
        error = await pair.refused(one, into)
        assert (error["attr"], error["code"]) == ("into", "does_not_exist"), into
    assert (await pair.refused(one, one["ticket_number"]))["attr"] == "into"
    for into in (None, {}, [1], 1.5, True, "\x00"):
        assert (await pair.refused(one, into))["attr"] == "into"
    await pair.merge(one, other["id"])
    third = await desk.open()
    error = await pair.refused(one, third["id"])
    assert error["code"] == "already_merged" and f"#{other['ticket_number']}" in error["detail"]
    for into in (one["id"], other["id"]):
        assert (await pair.refused(other, into))["attr"] == "into"
    assert (await pair.refused(one, one["id"]))["attr"] == "into"


@pytest.mark.parametrize("path", ["merge", "unmerge"])
async def test_others_cannot_merge(desk, pair, mallory, anonymous, cast, alice, path):
    one, other = await desk.open(), await desk.open()
    await pair.merge(await desk.open(), other["id"])
    body = {"into": other["id"]}
    theirs = mallory.project.tickets
    mine = (await mallory.client.post(theirs, json={"distinct_id": "x"})).json()
    for key in (one["id"], other["id"]):
        assert (await mallory.client.post(f"{theirs}{key}/{path}/", json=body)).status_code == 404
        assert (await mallory.client.post(f"{desk.tickets}{key}/{path}/", json=body)).status_code == 403
    assert (await mallory.client.post(f"{theirs}{mine['id']}/merge/", json=body)).status_code == 400
    url = f"{desk.tickets}{other['id']}/{path}/"
    assert (await anonymous.post(url, json=body)).status_code == 401
    reader = await cast.make_key(alice, ["ticket:read"])
    assert (await reader.post(url, json=body)).status_code == 403


def test_a_ticket_holds_so_many_others_at_most():
    assert MAX_MERGED == 500


async def test_merging_takes_an_editor_of_both(desk, pair, alice, bob):
    one, other, hidden, seen = [await desk.open(message=name) for name in ("one", "other", "hidden", "seen")]
    for guarded, level in ((hidden, "none"), (seen, "viewer")):
        path = f"{desk.tickets}{guarded['id']}/access_controls/"
        assert (await alice.client.put(path, json={"access_level": level})).status_code == 200

    async def tried(path: str, on: dict[str, Any], **body: Any) -> Any:
        answer = await bob.client.post(f"{desk.tickets}{on['id']}/{path}/", json=body)
        return answer.status_code, answer.json().get("code")

    assert await tried("merge", hidden, into=one["id"]) == (404, "not_found")
    assert await tried("merge", one, into=hidden["id"]) == (400, "does_not_exist")
    assert await tried("merge", seen, into=one["id"]) == (403, "permission_denied")
    assert await tried("merge", one, into=seen["id"]) == (403, "permission_denied")
    assert await tried("merge", one, into=other["id"]) == (200, None)
    await pair.merge(hidden, other["id"])
    assert await tried("unmerge", other) == (404, "not_found")
    assert await tried("unmerge", one) == (200, None)
    await pair.merge(other, seen["id"])
    for path in ("merge", "unmerge", "split"):
        body = {"into": one["id"], "message_ids": [one["id"]]}
        assert (await tried(path, other, **body))[0] == 403


async def test_merges_at_the_same_time_wait_for_each_other(desk, pair):
    tickets = [await desk.open(message=str(n)) for n in range(4)]

    async def work(one: dict[str, Any], other: dict[str, Any]) -> set[int]:
        path = f"{desk.tickets}{one['id']}"
        found: set[int] = set()
        for n in range(3):
            answers = [
                await desk.client.post(f"{path}/merge/", json={"into": other["id"]}),
                await desk.client.post(
                    f"{path}/reply/", json={"message": f"{n} of {one['id']} to {other['id']}"}
                ),
                await desk.client.post(f"{path}/unmerge/"),
            ]
            found |= {answer.status_code for answer in answers}
        return found

    pairs = [(one, other) for one in tickets for other in tickets if one is not other]
    statuses = await asyncio.gather(*(work(*two) for two in pairs))
    assert {status for found in statuses for status in found} <= {200, 201, 400}
    listed = await desk.listed(limit=10)
    n_merged = sum(len(one["merged_ticket_numbers"]) for one in listed["results"])
    assert listed["count"] == len(listed["results"]) == 4 - n_merged
    for one in listed["results"]:
        assert one["message_count"] == len(await pair.texts(one["id"]))
    assert sum((await pair.counts()).values()) == listed["count"]
    assert await desk.unread() == 4
