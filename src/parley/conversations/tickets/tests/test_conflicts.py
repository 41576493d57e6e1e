"""Changes of tickets that meet others in the database are made all the same, once, and nobody is told."""

import asyncio
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update

from parley.conversations.messages.actions.limits import one_at_a_time
from parley.conversations.messages.schemas import NewNote
from parley.conversations.tickets.tables import ticket
from parley.kernel.redis.cache import RedisCache


@pytest.fixture
def crossed(desk, database):
    """Give a function that makes a request wait for a ticket, and then wait for the request: a deadlock."""

    async def cross(ids, request):
        first, second = sorted(UUID(id) for id in ids)
        async with database.transaction() as db:
            # The request is the one that gives up, however slow this machine is.
            await db.execute(text("SET LOCAL deadlock_timeout = '10min'"))
            await db.execute(text("SET LOCAL lock_timeout = '10min'"))
            await db.execute(update(ticket).where(ticket.c.id == second).values(priority="low"))
            asked = asyncio.create_task(request())
            waiting = select(func.count()).select_from(text("pg_locks")).where(text("NOT granted"))
            while not (await db.execute(waiting)).scalar_one():
                await asyncio.sleep(0.01)
            await db.execute(update(ticket).where(ticket.c.id == first).values(priority="low"))
        return await asked

    return cross


# SQLite has one writer at a time, so none can cross another.
@pytest.mark.parametrize("settings", ["postgresql"], indirect=True, scope="session")
@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "once"}])
async def test_a_bulk_change_that_the_database_gives_up_is_made_again(desk, crossed, headers):
    ids = [(await desk.open())["id"] for _ in range(2)]

    async def move():
        body = {"ids": ids, "status": "pending"}
        return await desk.client.post(f"{desk.tickets}bulk_update_status/", json=body, headers=headers)

    answer = await crossed(ids, move)
    assert (answer.status_code, answer.json()["updated"]) == (200, 2)
    assert "Idempotent-Replayed" not in answer.headers
    listed = (await desk.listed())["results"]
    assert [(one["status"], one["priority"]) for one in listed] == [("pending", "low")] * 2
    for id in ids:
        query = {"scope": "Ticket", "item_id": id}
        log = await desk.client.get(f"/api/projects/{desk.project.id}/activity_log/", params=query)
        changes = [change for entry in log.json()["results"] for change in entry["detail"]["changes"] or ()]
        assert [change["after"] for change in changes if change["field"] == "status"] == ["pending"]


async def test_bulk_changes_beside_merges_all_succeed(desk):
    ids = [(await desk.open())["id"] for _ in range(12)]

    async def move(status):
        body = {"ids": ids if status == "pending" else ids[::-1], "status": status}
        return await desk.client.post(f"{desk.tickets}bulk_update_status/", json=body)

    async def merge(one, into):
        return await desk.client.post(f"{desk.tickets}{one}/merge/", json={"into": into})

    moves = [move(status) for status in ("pending", "open") * 3]
    merges = [merge(ids[number], ids[11 - number]) for number in range(6)]
    answers = await asyncio.gather(*(one for both in zip(moves, merges, strict=True) for one in both))
    assert [answer.status_code for answer in answers] == [200] * 12


async def test_a_reply_whose_process_was_killed_may_be_sent_again_soon(desk, services, cast):
    """The mark of the killed request is left behind; it passes by itself."""
    number = (await desk.open())["ticket_number"]
    path = f"{desk.tickets}{number}/notes/"
    writer: Any = SimpleNamespace(project_id=desk.project.id, user_id=cast.alice.user_id)
    killed = one_at_a_time(services, writer, (str(number), True, NewNote(message="Yes"), None))
    await killed.__aenter__()
    answer = await desk.client.post(path, json={"message": "Yes"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (409, "1")
    async with asyncio.timeout(60):
        while answer.status_code == 409:
            await asyncio.sleep(float(answer.headers["Retry-After"]))
            answer = await desk.client.post(path, json={"message": "Yes"})
    assert answer.status_code == 201


async def test_a_reply_that_was_answered_while_redis_is_down_is_answered_again(desk, services, monkeypatch):
    dead = RedisCache("redis://127.0.0.1:1")
    monkeypatch.setattr(services, "cache", dead)
    number = (await desk.open())["ticket_number"]
    path = f"{desk.tickets}{number}/notes/"
    answers = [await desk.client.post(path, json={"message": "Yes"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    await dead.close()
