"""One order for all changes of a project, whatever the order in which transactions begin and end."""

import asyncio
import random
from datetime import timedelta
from uuid import uuid4

import pytest

from parley.conversations.change_feed.actions.noting import note
from parley.conversations.change_feed.actions.numbering import give_places
from parley.conversations.change_feed.queries import PAGE, changes_after, last_cursor
from parley.conversations.change_feed.schemas import Noted


@pytest.fixture
def noted(clock, project):
    """Make a change of a ticket with this number."""

    def make(number: int, **fields) -> Noted:
        given = {"name": "ticket.changed", "ticket_id": uuid4(), "message_id": None, "at": clock.now()}
        return Noted(**{"project_id": project.id, "ticket_number": number, **given, **fields})

    return make


@pytest.fixture
def read(database, project):
    """Read all changes that follow a place."""

    async def changes(after: int = 0) -> list[tuple[int, int]]:
        await give_places(database, project.id)
        found: list[tuple[int, int]] = []
        while True:
            answer = await changes_after(database, project.id, after)
            assert not answer.are_lost
            if not answer.page:
                assert answer.last_place == after
                return found
            assert len(answer.page) <= PAGE
            found += [(one.place, one.ticket_number) for one in answer.page]
            after = answer.page[-1].place

    return changes


async def test_changes_of_a_transaction_keep_their_order(database, noted, read):
    async with database.transaction() as db:
        for number in range(250):
            note(db, noted(number))
    assert await read() == [(number + 1, number) for number in range(250)]
    assert await read(after=240) == [(number + 1, number) for number in range(240, 250)]


async def test_the_same_change_of_one_transaction_is_told_once(database, noted, read):
    same = noted(1)
    async with database.transaction() as db:
        note(db, same)
        note(db, same)
    assert await read() == [(1, 1)]


async def test_what_is_undone_has_never_changed(database, noted, read):
    with pytest.raises(RuntimeError):
        async with database.transaction() as db:
            note(db, noted(1))
            raise RuntimeError
    assert await read() == []


# SQLite has one writer at a time, who commits before the next one begins.
@pytest.mark.parametrize("settings", ["postgresql"], indirect=True, scope="session")
async def test_who_commits_later_comes_later(database, noted, read):
    async with database.transaction() as slow:
        note(slow, noted(1))
        # Stored, and seen by nobody yet: as if the transaction took long over its COMMIT.
        await slow.finish_writing()
        async with database.transaction() as quick:
            note(quick, noted(2))
        assert await read() == [(1, 2)]
    assert await read(after=1) == [(2, 1)]


async def test_many_writers_and_readers_lose_nothing_and_repeat_nothing(database, noted, read):
    draw, readers_are_done = random.Random(7), asyncio.Event()

    async def write(number: int) -> None:
        await asyncio.sleep(draw.random() / 20)
        async with database.transaction() as db:
            note(db, noted(number))
            note(db, noted(number + 1000))
            await asyncio.sleep(draw.random() / 50)

    async def follow() -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        while not readers_are_done.is_set():
            found += await read(found[-1][0] if found else 0)
            await asyncio.sleep(0.002)
        found += await read(found[-1][0] if found else 0)
        return found

    readers = [asyncio.create_task(follow()) for _ in range(3)]
    await asyncio.gather(*(write(number) for number in range(40)))
    readers_are_done.set()
    first, *others = await asyncio.gather(*readers)
    assert all(other == first for other in others)
    assert [place for place, _ in first] == list(range(1, 81))
    assert sorted(number for _, number in first) == [*range(40), *range(1000, 1040)]


async def test_a_reader_who_leaves_cuts_nobody_off(database, noted, read, project):
    async with database.transaction() as db:
        for number in range(300):
            note(db, noted(number))
    reader = asyncio.create_task(give_places(database, project.id))
    for _ in range(3):
        await asyncio.sleep(0)
    reader.cancel()
    assert len(await read()) == 300
    async with database.transaction() as db:
        note(db, noted(300))
    assert len(await read()) == 301


async def test_projects_have_orders_of_their_own(database, noted, read, cast):
    async with database.transaction() as db:
        note(db, noted(1))
        note(db, noted(2, project_id=cast.mallory.project_id))
    await give_places(database, cast.mallory.project_id)
    assert await read() == [(1, 1)]
    assert (await last_cursor(database, cast.mallory.project_id)).place == 1


@pytest.mark.parametrize("read_before", [True, False])
async def test_what_is_forgotten_is_missed_by_who_did_not_read_it(
    database, noted, clock, queue, project, read_before
):
    await give_places(database, project.id)
    async with database.transaction() as db:
        note(db, noted(1))
        note(db, noted(2))
    if read_before:
        await give_places(database, project.id)
    clock.advance(timedelta(hours=47))
    async with database.transaction() as db:
        note(db, noted(3))
    clock.advance(timedelta(hours=2))
    assert await queue.run_job("changes.forget_old") >= 2
    await queue.run_job("changes.forget_old")
    await give_places(database, project.id)
    late = await changes_after(database, project.id, 0)
    assert (late.are_lost, late.page, late.last_place) == (True, [], 3)
    assert [one.ticket_number for one in (await changes_after(database, project.id, 2)).page] == [3]
    clock.advance(timedelta(hours=48))
    await queue.run_job("changes.forget_old")
    assert (await changes_after(database, project.id, 2)).are_lost
    up_to_date = await changes_after(database, project.id, 3)
    assert (up_to_date.are_lost, up_to_date.page) == (False, [])
