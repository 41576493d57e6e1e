"""The number of a merged ticket stands for its target, which is deleted and purged with it."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from parley.conversations.deletion.actions import purge_some
from parley.conversations.notifications.queries.subjects import subject_of
from parley.conversations.notifications.rules.kinds import NEW_CONVERSATIONS, MemberNotice
from parley.conversations.tickets.tables import (
    comment,
    ticket,
    ticket_merge,
    ticket_tag,
)


@pytest.mark.parametrize("field", ["id", "ticket_number"])
async def test_a_merged_ticket_is_answered_with_the_target_and_says_so(desk, pair, alice, field):
    one, other = await desk.open(message="mine"), await desk.open()
    await pair.merge(one, str(other["ticket_number"]))
    found = await desk.ticket(one[field])
    assert found["id"] == other["id"]
    said = found["merged_from"]
    assert (said["id"], said["ticket_number"]) == (one["id"], one["ticket_number"])
    assert said["merged_by"]["email"] == alice.email and said["merged_at"].endswith("Z")
    assert (await desk.ticket(other[field]))["merged_from"] is None


async def test_what_is_done_to_a_merged_ticket_is_done_to_the_target(desk, pair):
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


async def test_a_deleted_target_comes_back_with_its_merges(desk, pair):
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


async def test_the_external_api_shows_and_changes_the_target(desk, pair, cast, project):
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


async def test_purging_a_target_purges_what_is_merged_into_it(desk, pair, services, clock, database):
    a, b, c, d = [await desk.open(message=name, tags=[name]) for name in "abcd"]
    await pair.merge(c, b["id"])
    await pair.merge(b, a["id"])
    await desk.delete(a["id"])
    clock.advance(timedelta(days=13))
    async with database.transaction() as db:
        assert await purge_some(db, services, desk.project.id, clock.now()) == 0
    clock.advance(timedelta(days=1, seconds=1))
    async with database.transaction() as db:
        assert await purge_some(db, services, desk.project.id, clock.now()) == 3
        assert await purge_some(db, services, desk.project.id, clock.now()) == 0
        for table in (ticket, comment, ticket_tag):
            mine = select(func.count()).select_from(table).where(table.c.project_id == desk.project.id)
            assert (await db.execute(mine)).scalar_one() == 1, table.name
        mine = (
            select(func.count()).select_from(ticket_merge).where(ticket_merge.c.project_id == desk.project.id)
        )
        assert (await db.execute(mine)).scalar_one() == 0
    assert await desk.numbers() == [d["ticket_number"]]


async def test_a_merged_ticket_is_not_purged_on_its_own(desk, pair, services, clock, database):
    one, other = await desk.open(message="mine"), await desk.open()
    await pair.merge(one, other["id"])
    clock.advance(timedelta(days=30))
    async with database.transaction() as db:
        assert await purge_some(db, services, desk.project.id, clock.now()) == 0
    assert (await pair.unmerge(one["id"]))["message_count"] == 1


async def test_a_mail_about_a_first_message_is_sent_for_a_ticket_that_was_merged_meanwhile(
    desk, pair, database
):
    one, other = await desk.open(message="mine", name="Eve"), await desk.open(message="theirs")
    await pair.merge(one, other["id"])
    notices = [MemberNotice(kind=NEW_CONVERSATIONS, ticket_id=UUID(ticket["id"])) for ticket in (one, other)]
    async with database.transaction() as db:
        found = await subject_of(db, desk.project.id, notices[0], 0)
        assert found is not None
        assert (found.number, found.content, found.customer) == (1, "mine", "Eve")
        unmerged = await subject_of(db, desk.project.id, notices[1], 0)
        assert unmerged is not None and unmerged.content == "theirs"
