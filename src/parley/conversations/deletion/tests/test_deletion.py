"""Deleted tickets: restored within 14 days, purged after them."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from parley.conversations.deletion import actions
from parley.conversations.tickets.tables import comment, ticket, ticket_tag
from parley.conversations.tickets.tests.factories import Desk

DAYS = timedelta(days=14)
SECOND = timedelta(seconds=1)


async def restore(desk, key):
    return await desk.client.post(f"{desk.tickets}{key}/restore/")


async def rows(database, project_id, *tables):
    """Return how many rows of each table the project has."""
    async with database.transaction(write=False) as db:
        counts = [
            select(func.count()).select_from(one).where(one.c.project_id == project_id) for one in tables
        ]
        return [(await db.execute(count)).scalar_one() for count in counts]


async def ids(database, project_id):
    """Return the ids of a project's tickets, deleted ones included."""
    async with database.transaction(write=False) as db:
        mine = select(ticket.c.id).where(ticket.c.project_id == project_id)
        return set((await db.execute(mine)).scalars())


async def run_purge(queue):
    """Run the daily job and what follows from it; return in how many projects there was something to do."""
    found = await queue.run_job("tickets.purge_deleted")
    await queue.drain()
    return found


async def logged(desk, id):
    """Return the log of a ticket, newest first."""
    query = {"scope": "Ticket", "item_id": id}
    answer = await desk.client.get(f"/api/projects/{desk.project.id}/activity_log/", params=query)
    return [(one["activity"], one["detail"]["name"]) for one in answer.json()["results"]]


@pytest.mark.parametrize("by", ["id", "ticket_number"])
async def test_a_restored_ticket_is_as_it_was(desk, by):
    opened = await desk.open(message="Hello", tags=["one"], status="pending")
    await desk.say(opened, "Hi")
    before = await desk.listed()
    await desk.delete(1)
    assert (await desk.listed(status="pending"))["count"] == await desk.unread() == 0
    answer = await restore(desk, opened[by])
    assert (answer.status_code, answer.json()) == (200, before["results"][0])
    assert await desk.listed() == before
    assert (await desk.listed(status="pending"))["count"] == await desk.unread() == 1
    assert len((await desk.client.get(f"{desk.tickets}1/messages/")).json()["results"]) == 2
    assert await logged(desk, opened["id"]) == [
        (activity, "Ticket #1") for activity in ("restored", "deleted", "created")
    ]


async def test_restoring_a_ticket_that_is_there_changes_nothing(desk):
    opened = await desk.open(message="Hello")
    answer = await restore(desk, 1)
    assert (answer.status_code, answer.json()) == (200, opened)
    assert (await desk.listed())["count"] == await desk.unread() == 1
    assert await logged(desk, opened["id"]) == [("created", "Ticket #1")]


async def test_restoring_twice_at_the_same_time_counts_once(desk):
    await desk.open(message="Hello")
    await desk.delete(1)
    answers = await asyncio.gather(*(restore(desk, 1) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {200}
    assert (await desk.listed())["count"] == len((await desk.listed())["results"]) == 1


async def test_a_restored_ticket_can_be_deleted_again(desk):
    await desk.open()
    for _ in range(2):
        await desk.delete(1)
        assert (await desk.client.get(f"{desk.tickets}1/")).status_code == 404
        assert (await restore(desk, 1)).status_code == 200
    assert (await desk.open())["ticket_number"] == 2


async def test_after_fourteen_days_there_is_no_way_back(desk, clock):
    for _ in range(2):
        await desk.open()
    clock.freeze()
    await desk.delete(1)
    await desk.delete(2)
    clock.advance(DAYS - SECOND)
    assert (await restore(desk, 1)).status_code == 200
    clock.advance(SECOND)
    answer = await restore(desk, 2)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("key", ["7", "0", "x", "%C2%B2", "0196f3a0-0000-7000-8000-000000000001", "9" * 30])
async def test_what_never_was_cannot_be_restored(desk, key):
    assert (await restore(desk, key)).status_code == 404


async def test_tickets_of_others_cannot_be_restored(desk, alice, mallory, cast):
    opened = await desk.open()
    await desk.delete(1)
    theirs = Desk(mallory, mallory.project)
    assert [(await restore(theirs, key)).status_code for key in (opened["id"], 1)] == [404, 404]
    foreign = await mallory.client.post(f"{desk.tickets}1/restore/")
    assert foreign.status_code in (403, 404)
    reader = await cast.make_key(alice, ["ticket:read"])
    assert (await reader.post(f"{desk.tickets}1/restore/")).status_code == 403
    assert (await desk.client.get(f"{desk.tickets}1/")).status_code == 404


async def test_open_pages_hear_of_a_restored_ticket(desk, services):
    opened = await desk.open()
    await desk.delete(1)
    async with services.live.subscription(f"project:{desk.project.id}") as notices:
        await restore(desk, 1)
        notice = notices.get_nowait()
    assert (notice.name, notice.data["ticket_id"]) == ("ticket.changed", opened["id"])


async def test_the_purge_removes_what_was_deleted_fourteen_days_ago(desk, clock, database, queue):
    old, young, live = [await desk.open(message="Hello", tags=["one"]) for _ in range(3)]
    clock.freeze()
    await desk.delete(1)
    clock.advance(SECOND)
    await desk.delete(2)
    clock.advance(DAYS - SECOND)
    before = await rows(database, desk.project.id, ticket, comment, ticket_tag)
    assert await run_purge(queue) >= 1
    assert await ids(database, desk.project.id) == {UUID(young["id"]), UUID(live["id"])}
    assert await rows(database, desk.project.id, ticket, comment, ticket_tag) == [
        count - 1 for count in before
    ]
    assert await logged(desk, old["id"]) == [
        (activity, "Ticket #1") for activity in ("purged", "deleted", "created")
    ]
    assert ((await restore(desk, 2)).status_code, (await restore(desk, 1)).status_code) == (200, 404)
    assert (await desk.open())["ticket_number"] == 4
    page = await desk.listed()
    assert page["count"] == len(page["results"]) == 3


async def test_purging_again_changes_nothing(desk, clock, database, queue):
    await desk.open()
    await desk.delete(1)
    clock.advance(DAYS)
    await run_purge(queue)
    after = await rows(database, desk.project.id, ticket, comment)
    assert await run_purge(queue) == 0
    assert await rows(database, desk.project.id, ticket, comment) == after


async def test_the_purge_works_in_small_transactions(
    desk, mallory, clock, database, queue, monkeypatch, services
):
    monkeypatch.setattr(actions, "PURGE_BATCH", 2)
    theirs = Desk(mallory, mallory.project)
    for here in (desk, theirs):
        for number in range(1, 6):
            await here.open(message="Hello")
            await here.delete(number)
    clock.advance(DAYS)
    for left in (3, 1, 0, 0):
        async with database.transaction() as db:
            await actions.purge_some(db, services, desk.project.id, clock.now())
        assert len(await ids(database, desk.project.id)) == left
    assert len(await ids(database, theirs.project.id)) == 5


async def test_a_batch_that_is_cut_short_leaves_everything(desk, clock, database, services):
    await desk.open(message="Hello", tags=["one"])
    await desk.delete(1)
    clock.advance(DAYS)
    before = await rows(database, desk.project.id, ticket, comment, ticket_tag)
    with pytest.raises(RuntimeError):
        async with database.transaction() as db:
            assert await actions.purge_some(db, services, desk.project.id, clock.now()) == 1
            raise RuntimeError("killed")
    assert await rows(database, desk.project.id, ticket, comment, ticket_tag) == before
    async with database.transaction() as db:
        assert await actions.purge_some(db, services, desk.project.id, clock.now()) == 1


async def test_two_workers_purge_each_ticket_once(desk, clock, database, services):
    opened = [await desk.open() for _ in range(4)]
    for number in range(1, 5):
        await desk.delete(number)
    clock.advance(DAYS)

    async def purged():
        async with database.transaction() as db:
            return await actions.purge_some(db, services, desk.project.id, clock.now())

    assert sum(await asyncio.gather(*(purged() for _ in range(3)))) == 4
    assert await ids(database, desk.project.id) == set()
    for one in opened:
        assert [activity for activity, _ in await logged(desk, one["id"])].count("purged") == 1
