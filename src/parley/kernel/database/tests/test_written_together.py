"""What is written by `Db.write`: PostgreSQL gets it in one statement, and nobody can tell but by the time that it takes."""

import asyncio

import pytest
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import MOST_TOGETHER
from parley.kernel.jobs import emit, outbox
from parley.kernel.jobs.outbox import new_event

TAKEN = r"(?i)unique"
columns = outbox.c
GIVEN = tuple(new_event("thing.happened", {}, project_id=0))
INSERT = Prepared(insert(outbox).values({name: bindparam(name, type_=columns[name].type) for name in GIVEN}))
MINE = (columns.project_id == bindparam("in_project"), columns.id == bindparam("event_id"))
TRY_AGAIN = Prepared(update(outbox).where(*MINE).values(attempts=columns.attempts + 1))
RENAME = Prepared(update(outbox).where(*MINE).values(name=bindparam("new_name", type_=columns.name.type)))


async def stored(database, project):
    async with database.transaction(write=False) as db:
        mine = select(columns.name, columns.attempts).where(columns.project_id == project.id)
        return [tuple(row) for row in await db.execute(mine.order_by(columns.name))]


async def test_many_writes_are_one_round_trip_on_postgresql(database, project):
    sent = []
    names = [f"thing.happened_{number:02}" for number in range(MOST_TOGETHER)]
    async with database.transaction() as db:
        if database.dialect == "postgresql":
            db.driver.add_query_logger(lambda record: sent.append(record.query.split(maxsplit=1)[0]))
        for number, name in enumerate(names):
            await emit(db, name, {"at": number}, project_id=project.id)
    assert await stored(database, project) == [(name, 0) for name in names]
    await asyncio.sleep(0)  # asyncpg tells of a query a turn of the loop later
    if database.dialect == "postgresql":
        assert sent[:2] == ["WITH", "COMMIT"]


async def test_a_read_in_the_same_transaction_sees_what_was_written(database, project):
    async with database.transaction() as db:
        await emit(db, "thing.happened", {}, project_id=project.id)
        mine = select(columns.name).where(columns.project_id == project.id)
        assert (await db.execute(mine)).scalars().all() == ["thing.happened"]


async def test_changes_of_one_row_follow_each_other(database, project):
    event = new_event("thing.happened", {}, project_id=project.id)
    own = {"in_project": project.id, "event_id": event["id"]}
    async with database.transaction() as db:
        await db.write(INSERT, **event)
        await db.write(TRY_AGAIN, **own)
        await db.write(RENAME, **own, new_name="thing.was_renamed")
        await db.write(TRY_AGAIN, **own)
    assert await stored(database, project) == [("thing.was_renamed", 2)]


async def test_a_write_that_fails_undoes_the_others(database, project):
    event = new_event("thing.happened", {}, project_id=project.id)
    with pytest.raises(Exception, match=TAKEN):
        async with database.transaction() as db:
            await emit(db, "other.happened", {}, project_id=project.id)
            await db.write(INSERT, **event)
            await db.write(INSERT, **event)
    assert await stored(database, project) == []


async def test_what_fails_in_a_savepoint_takes_only_that_along(database, project):
    async with database.transaction() as db:
        await emit(db, "first.happened", {}, project_id=project.id)
        with pytest.raises(RuntimeError, match="no"):
            async with db.savepoint():
                await emit(db, "second.happened", {}, project_id=project.id)
                raise RuntimeError("no")
        async with db.savepoint():
            await emit(db, "third.happened", {}, project_id=project.id)
    assert await stored(database, project) == [("first.happened", 0), ("third.happened", 0)]


async def test_a_write_that_fails_in_a_savepoint_fails_there(database, project):
    event = new_event("thing.happened", {}, project_id=project.id)
    async with database.transaction() as db:
        await db.write(INSERT, **event)
        with pytest.raises(Exception, match=TAKEN):
            async with db.savepoint():
                await db.write(INSERT, **event)
        await emit(db, "zebra.came", {}, project_id=project.id)
    assert await stored(database, project) == [("thing.happened", 0), ("zebra.came", 0)]


async def test_what_is_undone_is_never_sent(database, project):
    with pytest.raises(RuntimeError, match="no"):
        async with database.transaction() as db:
            await emit(db, "thing.happened", {}, project_id=project.id)
            raise RuntimeError("no")
    assert await stored(database, project) == []


REMOVE = Prepared(delete(outbox).where(*MINE))


async def test_what_is_removed_and_written_again_is_there(database, project):
    event = new_event("thing.happened", {}, project_id=project.id)
    own = {"in_project": project.id, "event_id": event["id"]}
    async with database.transaction() as db:
        await db.write(INSERT, **event)
        await db.write(REMOVE, **own)
        await db.write(INSERT, **event | {"name": "thing.came_back"})
    assert await stored(database, project) == [("thing.came_back", 0)]


async def test_rows_that_are_added_or_changed_follow_each_other(database, project):
    event = new_event("thing.happened", {}, project_id=project.id)
    given = postgresql if database.dialect == "postgresql" else sqlite
    values = {name: bindparam(name, type_=columns[name].type) for name in GIVEN}
    more = {"attempts": columns.attempts + 1}
    key = [columns.project_id, columns.id, columns.handler]
    once = given.insert(outbox).values(values).on_conflict_do_update(index_elements=key, set_=more)
    counted = Prepared(once)
    async with database.transaction() as db:
        await db.write(counted, **event)
        await db.write(counted, **event)
    assert await stored(database, project) == [("thing.happened", 1)]


async def test_what_is_changed_after_it_was_written_changes_nothing(database, project):
    payload = {"at": 1}
    async with database.transaction() as db:
        await emit(db, "thing.happened", payload, project_id=project.id)
        payload["at"] = 2
    async with database.transaction(write=False) as db:
        mine = select(columns.payload).where(columns.project_id == project.id)
        assert (await db.execute(mine)).scalar_one() == {"at": 1}
