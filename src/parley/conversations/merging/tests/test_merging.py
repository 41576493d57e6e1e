"""Merging tickets, and taking them apart again."""

import asyncio
from datetime import timedelta
from operator import itemgetter
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from parley.conversations.notifications.queries import new_conversation
from parley.conversations.tickets.actions.purge import purge_some
from parley.conversations.tickets.rules.merged import MAX_MERGED
from parley.conversations.tickets.tables import (
    comment,
    ticket,
    ticket_merge,
    ticket_tag,
)


class Pair:
    """What the tests of merging do with tickets."""

    def __init__(self, desk):
        self.desk = desk
        self.path = desk.tickets

    async def merge(self, one: dict[str, Any], into: Any) -> dict[str, Any]:
        answer = await self.desk.client.post(f"{self.path}{one['id']}/merge/", json={"into": into})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def unmerge(self, key: Any) -> dict[str, Any]:
        answer = await self.desk.client.post(f"{self.path}{key}/unmerge/")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def refused(self, one: dict[str, Any], into: Any) -> dict[str, Any]:
        answer = await self.desk.client.post(f"{self.path}{one['id']}/merge/", json={"into": into})
        assert answer.status_code == 400, answer.text
        return dict(answer.json())

    async def texts(self, key: Any) -> list[str]:
        answer = await self.desk.client.get(f"{self.path}{key}/messages/")
        assert answer.status_code == 200, answer.text
        return [message["content"] for message in answer.json()["results"]]

    async def counts(self) -> dict[str, int]:
        found = {}
        for status in ("new", "open", "pending", "on_hold", "resolved"):
            found[status] = (await self.desk.listed(status=status))["count"]
        return found


@pytest.fixture
def pair(desk):
    return Pair(desk)


async def test_merging_moves_messages_and_adds_up_counters(desk, pair):
    one = await desk.open(message="mine", tags=["a", "b"])
    other = await desk.open(message="first", tags=["b", "c"])
    await desk.say(other, "answer")
    await desk.say(one, "a note", is_private=True)
    survivor = await pair.merge(one, other["ticket_number"])
    assert survivor["id"] == other["id"]
    assert survivor["message_count"] == 3
    assert survivor["unread_team_count"] == 2
    assert survivor["unread_customer_count"] == 1
    assert survivor["tags"] == ["a", "b", "c"]
    assert survivor["last_message_text"] == "answer"
    assert survivor["merged_ticket_numbers"] == [one["ticket_number"]]
    assert survivor["merged_from"] is None
    assert await pair.texts(other["id"]) == ["mine", "first", "answer", "a note"]
    assert await desk.numbers() == [other["ticket_number"]]
    assert await pair.counts() == {"new": 1, "open": 0, "pending": 0, "on_hold": 0, "resolved": 0}
    assert await desk.unread() == 2


@pytest.mark.parametrize("field", ["id", "ticket_number"])
async def test_a_merged_ticket_is_answered_with_the_survivor_and_says_so(desk, pair, alice, field):
    one, other = await desk.open(message="mine"), await desk.open()
    await pair.merge(one, str(other["ticket_number"]))
    found = await desk.ticket(one[field])
    assert found["id"] == other["id"]
    said = found["merged_from"]
    assert (said["id"], said["ticket_number"]) == (one["id"], one["ticket_number"])
    assert said["merged_by"]["email"] == alice.email and said["merged_at"].endswith("Z")
    assert (await desk.ticket(other[field]))["merged_from"] is None


async def test_what_is_done_to_a_merged_ticket_is_done_to_the_survivor(desk, pair):
    one, other = await desk.open(message="mine"), await desk.open()
    await pair.merge(one, other["id"])
    changed = await desk.change(one["ticket_number"], priority="high")
    assert (changed["id"], changed["priority"]) == (other["id"], "high")
    assert changed["merged_from"]["id"] == one["id"]
    for kind in ("reply", "notes"):
        path = f"{desk.tickets}{one['id']}/{kind}/"
        assert (await desk.client.post(path, json={"message": kind})).status_code == 201
    said = await desk.say(one, "a comment")
    assert said["item_id"] == other["id"]
    assert await pair.texts(one["ticket_number"]) == ["mine", "reply", "notes", "a comment"]
    assert (await desk.ticket(other["id"]))["message_count"] == 3
    again = await desk.client.post(f"{desk.tickets}{one['id']}/restore/")
    assert (again.status_code, again.json()["id"]) == (200, other["id"])
    email = await desk.client.get(f"{desk.tickets}{one['id']}/messages/{said['id']}/full_email/")
    assert email.json()["error_type"] == "full_email_not_found"


async def test_a_merged_ticket_is_not_deleted_by_mistake(desk, pair):
    one, other = await desk.open(message="mine"), await desk.open()
    await pair.merge(one, other["id"])
    answer = await desk.client.delete(f"{desk.tickets}{one['id']}/")
    assert (answer.status_code, answer.json()["code"]) == (409, "ticket_merged")
    assert f"#{other['ticket_number']}" in answer.json()["detail"]
    assert (await desk.ticket(other["id"]))["message_count"] == 1


async def test_comments_of_a_merged_ticket_are_found_by_its_id(desk, pair):
    one, other = await desk.open(message="mine"), await desk.open(message="theirs")
    await pair.merge(one, other["id"])
    for id in (one["id"], other["id"]):
        query = {"scope": "conversations_ticket", "item_id": id}
        listed = (await desk.client.get(desk.comments, params=query)).json()["results"]
        assert [comment["content"] for comment in listed] == ["theirs", "mine"]


@pytest.mark.parametrize(
    ("survivor", "merged", "after"),
    [("resolved", "open", "open"), ("resolved", "resolved", "resolved"), ("pending", "new", "pending")],
)
async def test_only_a_resolved_survivor_takes_the_others_status(desk, pair, survivor, merged, after):
    one, other = await desk.open(status=merged), await desk.open(status=survivor)
    assert (await pair.merge(one, other["id"]))["status"] == after
    assert await pair.counts() == {**dict.fromkeys(await pair.counts(), 0), after: 1}
    await pair.unmerge(one["id"])
    assert (await desk.ticket(other["id"]))["status"] == survivor
    assert (await desk.ticket(one["id"]))["status"] == merged


async def test_merging_again_changes_nothing(desk, pair):
    one, other, third = await desk.open(message="a"), await desk.open(), await desk.open()
    first = await pair.merge(one, other["id"])
    assert await pair.merge(one, other["id"]) == first
    await pair.merge(other, third["id"])
    assert (await pair.merge(one, third["id"]))["merged_ticket_numbers"] == [1, 2]
    assert (await pair.merge(one, other["id"]))["id"] == third["id"]


async def test_a_survivor_that_is_merged_itself_stands_for_the_last_one(desk, pair):
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


async def test_unmerging_gives_back_both_tickets_as_they_were(desk, pair):
    one = await desk.open(
        message="mine", tags=["a"], status="pending", priority="high", email="eve@example.com", name="Eve"
    )
    other = await desk.open(message="theirs", tags=["b"], email="ada@example.com", distinct_id="ada")
    await desk.say(one, "answer")
    await desk.say(one, "note", is_private=True)
    query = {"limit": 10}
    before = (await desk.listed(**query))["results"]
    survivor = await pair.merge(one, other["id"])
    assert survivor["cc_participants"] == ["eve@example.com"]
    parted = await pair.unmerge(one["ticket_number"])
    assert parted["id"] == one["id"]
    after = (await desk.listed(**query))["results"]
    for found in (before, after):
        found.sort(key=itemgetter("ticket_number"))
    assert after == before
    assert await pair.texts(one["id"]) == ["mine", "answer", "note"]
    assert await pair.texts(other["id"]) == ["theirs"]
    assert await pair.counts() == {"new": 1, "open": 0, "pending": 1, "on_hold": 0, "resolved": 0}


async def test_what_was_addressed_to_it_goes_back_and_what_was_removed_is_gone(desk, pair):
    one, other = await desk.open(message="mine"), await desk.open(message="theirs")
    said = await desk.say(one, "wrong")
    await pair.merge(one, other["id"])
    await desk.say(one, "later, to the merged one")
    await desk.say(other, "later")
    await desk.edit(said, deleted=True)
    parted = await pair.unmerge(one["id"])
    assert (parted["message_count"], parted["last_message_text"]) == (2, "later, to the merged one")
    assert parted["unread_customer_count"] == 2
    assert await pair.texts(one["id"]) == ["mine", "later, to the merged one"]
    assert await pair.texts(other["id"]) == ["theirs", "later"]
    left = await desk.ticket(other["id"])
    assert (left["message_count"], left["last_message_text"]) == (2, "later")
    assert left["unread_customer_count"] == 0


async def test_what_somebody_has_set_since_stays(desk, pair):
    one = await desk.open(tags=["a", "b"], status="open")
    other = await desk.open(status="resolved")
    await pair.merge(one, other["id"])
    await desk.change(other["id"], tags=["a"], status="pending")
    await desk.change(other["id"], tags=["a", "b"])
    await pair.unmerge(one["id"])
    left = await desk.ticket(other["id"])
    assert (left["tags"], left["status"]) == (["b"], "pending")
    assert (await desk.ticket(one["id"]))["tags"] == ["a", "b"]


async def test_naming_the_survivor_undoes_its_latest_merge(desk, pair):
    a, b, c = [await desk.open(message=name) for name in "abc"]
    await pair.merge(b, a["id"])
    await pair.merge(c, a["id"])
    assert (await pair.unmerge(a["id"]))["id"] == c["id"]
    assert (await pair.unmerge(a["ticket_number"]))["id"] == b["id"]
    for key in (a["id"], b["id"]):
        answer = await desk.client.post(f"{desk.tickets}{key}/unmerge/")
        assert (answer.status_code, answer.json()["code"]) == (400, "not_merged")


async def test_a_repeated_request_with_a_key_undoes_one_merge(desk, pair):
    a, b, c = [await desk.open(message=name) for name in "abc"]
    await pair.merge(b, a["id"])
    await pair.merge(c, a["id"])
    answers = [
        await desk.client.post(f"{desk.tickets}{a['id']}/unmerge/", headers={"Idempotency-Key": "once"})
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert (await desk.ticket(a["id"]))["merged_ticket_numbers"] == [b["ticket_number"]]


async def test_a_ticket_leaves_the_middle_of_a_chain(desk, pair):
    a = await desk.open(message="a", status="resolved")
    b = await desk.open(message="b", status="resolved", tags=["b"])
    c = await desk.open(message="c", status="open", tags=["c"])
    await pair.merge(c, b["id"])
    await pair.merge(b, a["id"])
    assert (await desk.ticket(a["id"]))["status"] == "open"
    assert (await pair.unmerge(c["id"]))["status"] == "open"
    left = await desk.ticket(a["id"])
    assert (left["status"], left["tags"], left["merged_ticket_numbers"]) == ("resolved", ["b"], [2])
    assert await pair.texts(a["id"]) == ["a", "b"]
    parted = await pair.unmerge(b["id"])
    assert (parted["status"], parted["tags"], parted["merged_ticket_numbers"]) == ("resolved", ["b"], [])
    assert await pair.texts(b["id"]) == ["b"]


async def test_a_deleted_survivor_comes_back_with_its_merges(desk, pair):
    one, other = await desk.open(message="mine"), await desk.open(message="theirs")
    await pair.merge(one, other["id"])
    await desk.delete(other["id"])
    for key in (one["id"], one["ticket_number"], other["id"]):
        for method, path in (("GET", ""), ("POST", "unmerge/"), ("GET", "messages/")):
            answer = await desk.client.request(method, f"{desk.tickets}{key}/{path}")
            assert answer.status_code == 404, path
    assert (await desk.client.post(f"{desk.tickets}{one['ticket_number']}/restore/")).json()["id"] == other[
        "id"
    ]
    assert await pair.texts(one["id"]) == ["mine", "theirs"]
    assert (await pair.unmerge(one["id"]))["message_count"] == 1


async def test_bulk_changes_pass_over_merged_tickets(desk, pair):
    one, other = await desk.open(), await desk.open()
    await pair.merge(one, other["id"])
    body = {"ids": [one["id"]], "action": "add", "tags": ["x"]}
    answer = (await desk.client.post(f"{desk.tickets}bulk_update_tags/", json=body)).json()
    assert answer["updated"] == [] and answer["skipped"][0]["id"] == one["id"]
    body = {"ids": [one["id"], other["id"]], "status": "pending"}
    answer = (await desk.client.post(f"{desk.tickets}bulk_update_status/", json=body)).json()
    assert answer["ids"] == [other["id"]]


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


async def test_what_is_split_off_a_hidden_ticket_is_hidden(desk, alice, bob):
    one = await desk.open(message="one")
    said = await desk.say(one, "two")
    path = f"{desk.tickets}{one['id']}/access_controls/"
    assert (await alice.client.put(path, json={"access_level": "none"})).status_code == 200
    body = {"message_ids": [said["id"]]}
    new = await alice.client.post(f"{desk.tickets}{one['id']}/split/", json=body)
    for key in (one["id"], new.json()["id"]):
        assert (await bob.client.get(f"{desk.tickets}{key}/")).status_code == 404


async def test_the_external_api_shows_and_changes_the_survivor(desk, pair, cast, project):
    one, other = await desk.open(message="mine"), await desk.open(tags=["x"])
    await pair.merge(one, other["id"])
    program = cast.client(Authorization=f"Bearer {project.secret_api_token}")
    path = f"/api/conversations/external/ticket/{one['id']}"
    shown = (await program.get(path)).json()
    assert (shown["id"], shown["tags"], shown["merged_from"]["id"]) == (other["id"], ["x"], one["id"])
    assert (await program.patch(path, json={"status": "pending"})).json() == {"ok": True}
    assert (await desk.ticket(other["id"]))["status"] == "pending"
    path = f"/api/conversations/external/ticket/{other['id']}"
    assert "merged_from" not in (await program.get(path)).json()


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
    told = {
        event["event"].removeprefix("$conversation_ticket_"): event["properties"]
        for event in events
        if "other_ticket_id" in event["properties"]
    }
    one, other, new = through
    assert set(told) == {"merged", "unmerged", "split"}
    assert (told["merged"]["ticket_id"], told["merged"]["other_ticket_id"]) == (other["id"], one["id"])
    assert (told["unmerged"]["ticket_number"], told["unmerged"]["other_ticket_number"]) == (2, 1)
    assert (told["split"]["ticket_id"], told["split"]["other_ticket_id"]) == (one["id"], new["id"])
    assert [event["event"] for event in events].count("$conversation_ticket_status_changed") == 2


async def test_purging_a_survivor_purges_what_is_merged_into_it(desk, pair, services, clock, database):
    a, b, c, d = [await desk.open(message=name, tags=[name]) for name in "abcd"]
    await pair.merge(c, b["id"])
    await pair.merge(b, a["id"])
    await desk.delete(a["id"])
    clock.advance(timedelta(days=13))
    async with database.transaction() as db:
        assert await purge_some(db, desk.project.id, clock.now()) == 0
    clock.advance(timedelta(days=1, seconds=1))
    async with database.transaction() as db:
        assert await purge_some(db, desk.project.id, clock.now()) == 3
        assert await purge_some(db, desk.project.id, clock.now()) == 0
        for table in (ticket, comment, ticket_tag):
            mine = select(func.count()).select_from(table).where(table.c.project_id == desk.project.id)
            assert (await db.execute(mine)).scalar_one() == 1, table.name
        mine = (
            select(func.count()).select_from(ticket_merge).where(ticket_merge.c.project_id == desk.project.id)
        )
        assert (await db.execute(mine)).scalar_one() == 0
    assert await desk.numbers() == [d["ticket_number"]]


async def test_a_merged_ticket_is_not_purged_on_its_own(desk, pair, clock, database):
    one, other = await desk.open(message="mine"), await desk.open()
    await pair.merge(one, other["id"])
    clock.advance(timedelta(days=30))
    async with database.transaction() as db:
        assert await purge_some(db, desk.project.id, clock.now()) == 0
    assert (await pair.unmerge(one["id"]))["message_count"] == 1


async def test_a_mail_about_a_first_message_is_sent_for_a_ticket_that_was_merged_meanwhile(
    desk, pair, database
):
    one, other = await desk.open(message="mine", name="Eve"), await desk.open(message="theirs")
    await pair.merge(one, other["id"])
    async with database.transaction() as db:
        found = await new_conversation(db, desk.project.id, UUID(one["id"]))
        assert found is not None
        assert (found.number, found.content, found.traits["name"]) == (1, "mine", "Eve")
        unmerged = await new_conversation(db, desk.project.id, UUID(other["id"]))
        assert unmerged is not None and unmerged.content == "theirs"


async def test_merging_and_undoing_leaves_no_trace_on_either_ticket(desk, pair):
    one = await desk.open(message="mine", tags=["a"], status="open", email="ada@example.com")
    other = await desk.open(message="first", tags=["b"], status="resolved", email="bob@example.com")
    await desk.say(other, "answer")
    before = (await desk.listed())["results"]
    assert len(before) == 2
    await pair.merge(one, other["id"])
    assert (await desk.listed())["results"] != before
    await pair.unmerge(one["ticket_number"])
    assert (await desk.listed())["results"] == before


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
