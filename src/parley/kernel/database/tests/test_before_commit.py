"""What is stored right before COMMIT."""

import pytest
from sqlalchemy import func, select

from parley.kernel.jobs import emit, outbox


async def count(database, project):
    async with database.transaction(write=False) as db:
        mine = select(func.count()).select_from(outbox).where(outbox.c.project_id == project.id)
        return (await db.execute(mine)).scalar_one()


async def test_it_gets_everything_at_once_and_is_part_of_the_transaction(database, project):
    got = []

    async def store(db, items):
        got.append(list(items))
        await emit(db, "thing.happened", {"items": items}, project_id=project.id)

    async with database.transaction() as db:
        db.before_commit(store, 1)
        db.before_commit(store, 2)
        assert got == []
    assert got == [[1, 2]]
    assert await count(database, project) == 1


async def test_its_failure_undoes_all(database, project):
    async def fail(db, items):
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        async with database.transaction() as db:
            await emit(db, "thing.happened", {}, project_id=project.id)
            db.before_commit(fail, 1)
    assert await count(database, project) == 0


async def test_what_is_undone_stores_nothing(database):
    got = []

    async def store(db, items):
        got.append(items)

    with pytest.raises(RuntimeError):
        async with database.transaction() as db:
            db.before_commit(store, 1)
            raise RuntimeError
    assert got == []


async def test_what_a_savepoint_undoes_is_not_stored(database):
    got = []

    async def store(db, items):
        got.append(list(items))

    async with database.transaction() as db:
        db.before_commit(store, 1)
        with pytest.raises(RuntimeError):
            async with db.savepoint():
                db.before_commit(store, 2)
                raise RuntimeError
        async with db.savepoint():
            db.before_commit(store, 3)
    assert got == [[1, 3]]
