"""Changes of many tickets are undone by a request: by who made them, for ten minutes, unless somebody has changed them."""

from datetime import timedelta
from uuid import uuid4

import pytest

from parley.conversations.bulk_changes.tests.test_assigning_and_snoozing import UNTIL, change, shown
from parley.conversations.bulk_changes.tests.test_bulk_changes import opened

FIELDS = ("status", "priority", "assignee", "snoozed_until", "tags")


def url_of(desk, id):
    return f"/api/projects/{desk.project.id}/conversations/bulk_changes/{id}/undo/"


async def undo(desk, id, client=None):
    return await (client or desk.client).post(url_of(desk, id))


async def listed(desk, client=None):
    url = f"/api/projects/{desk.project.id}/conversations/bulk_changes/"
    return (await (client or desk.client).get(url)).json()["results"]


@pytest.mark.parametrize(
    ("what", "fields", "words"),
    [
        ("status", {"status": "resolved"}, "set to resolved"),
        ("priority", {"priority": "low"}, "given the priority low"),
        ("priority", {"priority": None}, "left without a priority"),
        ("assignee", {"assignee": None}, "unassigned"),
        ("snooze", {"snoozed_until": UNTIL}, "snoozed"),
        ("snooze", {"snoozed_until": None}, "woken up"),
        ("tags", {"action": "add", "tags": ["a", "b", "c", "d", "e"]}, "tagged a, b, c and 2 more"),
        ("tags", {"action": "remove", "tags": ["a"]}, "untagged a"),
        ("tags", {"action": "set", "tags": ["z"]}, "given the tags z"),
        ("tags", {"action": "set", "tags": []}, "left without tags"),
    ],
)
async def test_a_request_undoes_exactly_what_another_did(desk, bob, what, fields, words):
    ids = await opened(desk)
    theirs = {"type": "user", "id": bob.user_id}
    await desk.change(1, status="open", priority="high", assignee=theirs, tags=["vip", "a"])
    await desk.change(2, status="resolved", tags=["a"], snoozed_until="2098-01-31T09:00:00Z")
    before = await shown(desk, *FIELDS)
    done = await change(desk, what, ids, **fields)
    assert await shown(desk, *FIELDS) != before
    id = done.headers["Bulk-Change-Id"]
    [kept] = await listed(desk)
    assert (kept["id"], kept["words"], kept["can_undo"], kept["undone_at"]) == (id, words, True, None)
    answer = await undo(desk, id)
    assert (answer.status_code, answer.json()["skipped"]) == (200, [])
    assert await shown(desk, *FIELDS) == before
    again = await undo(desk, id)
    assert again.json() == answer.json() and await shown(desk, *FIELDS) == before
    [kept] = await listed(desk)
    assert kept["can_undo"] is False and kept["undone_at"]


async def test_what_somebody_has_changed_since_stays_and_is_named(desk):
    ids = await opened(desk)
    id = (await change(desk, "priority", ids, priority="high")).headers["Bulk-Change-Id"]
    await desk.change(2, status="pending")
    await desk.delete(3)
    answer = (await undo(desk, id)).json()
    assert (answer["updated"], [one["id"] for one in answer["skipped"]]) == (ids[:1], ids[1:])
    assert answer["skipped"][0]["reason"] == "Changed since, deleted, or no edit access"
    assert await shown(desk, "priority", "status") == {1: [None, "new"], 2: ["high", "pending"]}
    assert (await undo(desk, id)).json() == answer


async def test_what_changes_nothing_has_nothing_to_undo(desk):
    ids = await opened(desk, 2)
    answer = await change(desk, "status", [*ids, ids[0]], status="new")
    assert "Bulk-Change-Id" not in answer.headers and await listed(desk) == []


async def test_the_last_change_is_listed_first_and_each_is_undone_alone(desk):
    ids = await opened(desk, 2)
    done = [await change(desk, "status", ids, status=status) for status in ("open", "pending")]
    first, last = [one.headers["Bulk-Change-Id"] for one in done]
    assert [one["id"] for one in await listed(desk)] == [last, first]
    assert len((await undo(desk, first)).json()["skipped"]) == 2
    assert len((await undo(desk, last)).json()["updated"]) == 2
    assert await shown(desk, "status") == {1: ["open"], 2: ["open"]}


async def test_ten_minutes_later_it_stays(desk, clock):
    clock.freeze()
    ids = await opened(desk, 1)
    id = (await change(desk, "status", ids, status="open")).headers["Bulk-Change-Id"]
    clock.advance(timedelta(minutes=10, seconds=1))
    answer = await undo(desk, id)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert "more than 10 minutes" in answer.json()["detail"]
    assert [one["can_undo"] for one in await listed(desk)] == [False]
    assert await shown(desk, "status") == {1: ["open"]}


async def test_nobody_else_finds_it(desk, cast, alice):
    ids = await opened(desk, 1)
    id = (await change(desk, "status", ids, status="open")).headers["Bulk-Change-Id"]
    for other in (cast.bob, cast.mallory):
        assert (await undo(desk, id, other.client)).status_code in (403, 404)
    assert await listed(desk, cast.bob.client) == []
    theirs = f"/api/projects/{cast.mallory.project.id}/conversations/bulk_changes/{id}/undo/"
    assert (await cast.mallory.client.post(theirs)).status_code == 404
    reader = await cast.make_key(alice, ["ticket:read"])
    assert len(await listed(desk, reader)) == 1 and (await undo(desk, id, reader)).status_code == 403
    assert await shown(desk, "status") == {1: ["open"]}


async def test_who_may_not_change_a_ticket_any_more_does_not_put_it_back(desk, cast):
    [id] = await opened(desk, 1)
    url, body = f"{desk.tickets}bulk_update_status/", {"ids": [id], "status": "open"}
    change_id = (await cast.bob.client.post(url, json=body)).headers["Bulk-Change-Id"]
    access = f"{desk.tickets}{id}/access_controls/"
    assert (await desk.client.put(access, json={"access_level": "viewer"})).status_code == 200
    answer = (await undo(desk, change_id, cast.bob.client)).json()
    assert (answer["updated"], [one["id"] for one in answer["skipped"]]) == ([], [id])
    assert await shown(desk, "status") == {1: ["open"]}


@pytest.mark.parametrize("id", [uuid4(), "x", "1"])
async def test_what_is_no_bulk_change_is_not_found(desk, id):
    assert (await undo(desk, id)).status_code == 404
