"""Transactions: whole or not at all, on both databases, and back by themselves after a fault."""

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import bindparam, delete, func, insert, select, type_coerce
from structlog.testing import capture_logs

from parley.kernel.config.settings import Settings
from parley.kernel.database.columns import RawJson
from parley.kernel.database.database import PING, Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.errors import NotFound, Unavailable
from parley.kernel.ids import new_uuid
from parley.kernel.jobs import job_schedule
from parley.kernel.migrations.runner import upgrade
from parley.people.persons.tables import person

BY_ID = Prepared(
    select(person.c.id, person.c.created_at, type_coerce(person.c.properties, RawJson)).where(
        person.c.project_id == bindparam("project_id"), person.c.id == bindparam("id", type_=person.c.id.type)
    )
)


def new_person(project_id, **values):
    return {
        "project_id": project_id,
        "id": new_uuid(),
        "properties": {},
        "created_at": datetime.now(UTC),
        **values,
    }


async def persons_of(database, project_id):
    async with database.transaction(write=False) as db:
        return (
            (await db.execute(select(person.c.id).where(person.c.project_id == project_id))).scalars().all()
        )


async def test_an_error_rolls_back_both_ways_of_writing(database, project):
    prepared = Prepared(insert(person).values({name: bindparam(name) for name in new_person(1)}))
    with pytest.raises(KeyError):
        async with database.transaction() as db:
            await db.execute(insert(person).values(**new_person(project.id)))
            await db.rows(prepared, **new_person(project.id))
            raise KeyError
    assert await persons_of(database, project.id) == []


async def test_a_savepoint_undoes_only_its_part(database, project):
    kept, lost = new_person(project.id), new_person(project.id)
    async with database.transaction() as db:
        await db.execute(insert(person).values(**kept))
        with pytest.raises(KeyError):
            async with db.savepoint():
                await db.execute(insert(person).values(**lost))
                raise KeyError
    assert await persons_of(database, project.id) == [kept["id"]]


async def test_instants_and_json_come_back_as_they_went_in(database, project):
    at = datetime(2026, 7, 1, 12, 30, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    new = new_person(project.id, created_at=at, properties={"ä": [1, None, {"b": "\U0001f994"}]})
    async with database.transaction() as db:
        await db.execute(insert(person).values(**new))
    [(id, created_at, raw)] = await database.read(BY_ID, project_id=project.id, id=new["id"])
    assert (id, created_at, created_at.tzinfo) == (new["id"], at, UTC)
    assert bytes(raw).decode().replace(" ", "").encode() == '{"ä":[1,null,{"b":"🦔"}]}'.encode()


async def test_effects_run_after_the_commit_and_never_after_a_rollback(database, project):
    seen = []

    async def effect():
        seen.append(len(await persons_of(database, project.id)))

    async def broken():
        raise RuntimeError("an effect that fails")

    async with database.transaction() as db:
        await db.execute(insert(person).values(**new_person(project.id)))
        db.after_commit(broken)
        db.after_commit(effect)
    with pytest.raises(KeyError):
        async with database.transaction() as db:
            db.after_commit(effect)
            raise KeyError
    assert seen == [1]


async def test_parallel_writers_wait_for_each_other(database, project):
    async def write():
        async with database.transaction() as db:
            await db.execute(insert(person).values(**new_person(project.id)))

    await asyncio.gather(*(write() for _ in range(40)))
    assert len(await persons_of(database, project.id)) == 40


async def test_a_cancelled_transaction_leaves_nothing_and_frees_the_database(database, project):
    inside = asyncio.Event()

    async def hang():
        async with database.transaction() as db:
            await db.execute(insert(person).values(**new_person(project.id)))
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hang())
    await inside.wait()
    task.cancel()
    await asyncio.wait([task])
    assert await persons_of(database, project.id) == []
    async with database.transaction() as db:
        await db.execute(delete(person).where(person.c.project_id == project.id))


async def test_a_lost_postgresql_is_unavailable_and_comes_back_by_itself(stoppable_postgres, tmp_path):
    url = stoppable_postgres.make_database("lost")
    settings = Settings.from_env({"PARLEY_DATA_DIR": str(tmp_path), "PARLEY_DATABASE_URL": url})
    await upgrade(settings)
    database = Database.open(url)
    assert await persons_of(database, 1) == []
    stoppable_postgres.stop()
    with pytest.raises(Unavailable):
        await persons_of(database, 1)
    with pytest.raises(Unavailable):
        await database.read(BY_ID, project_id=1, id=new_uuid())
    stoppable_postgres.start()
    assert await persons_of(database, 1) == []
    assert await database.read(BY_ID, project_id=1, id=new_uuid()) == []
    await database.close()


async def test_a_full_disk_is_unavailable_and_what_was_stored_stays(tmp_path):
    settings = Settings.from_env({"PARLEY_DATA_DIR": str(tmp_path)})
    await upgrade(settings)
    database = Database.open(settings.database_url)
    async with database.transaction() as db:
        await db.execute(_job("first"))
        pages = await db.driver.execute_fetchall("PRAGMA page_count")
        await db.driver.execute_fetchall(f"PRAGMA max_page_count={pages[0][0] + 2}")
    with pytest.raises(Unavailable):
        async with database.transaction() as db:
            await db.execute(_job("second", last_error="x" * 1_000_000))
    async with database.transaction() as db:
        await db.driver.execute_fetchall("PRAGMA max_page_count=1000000")
        await db.execute(_job("third"))
    await database.close()
    found = sqlite3.connect(tmp_path / "parley.sqlite3").execute(
        "SELECT name FROM job_schedule ORDER BY name"
    )
    assert [name for (name,) in found] == ["first", "third"]


@pytest.mark.parametrize("instead", ["nothing", "an empty folder", "another database"])
async def test_nothing_is_stored_in_a_file_that_is_not_in_its_place(tmp_path, instead):
    folder, away = tmp_path / "data", tmp_path / "away"
    settings = Settings.from_env({"PARLEY_DATA_DIR": str(folder)})
    await upgrade(settings)
    database = Database.open(settings.database_url)
    async with database.transaction() as db:
        await db.execute(_job("first"))
    folder.rename(away)
    if instead != "nothing":
        folder.mkdir()
    if instead == "another database":
        await upgrade(settings)
    there = sorted(folder.glob("*"))
    for _ in range(2):
        with pytest.raises(Unavailable):
            async with database.transaction() as db:
                await db.execute(_job("second"))
        with pytest.raises(Unavailable):
            await database.ping()
    assert sorted(folder.glob("*")) == there
    if instead != "nothing":
        folder.rename(tmp_path / "instead")
    away.rename(folder)
    async with database.transaction() as db:
        await db.execute(_job("third"))
        assert [*await db.execute(select(job_schedule.c.name).order_by("name"))] == [("first",), ("third",)]
    await database.close()


def _job(name, **values):
    return insert(job_schedule).values(name=name, due_at=datetime.now(UTC), **values)


async def test_while_another_program_holds_the_file_one_at_a_time_waits_for_it(tmp_path, monkeypatch):
    settings = Settings.from_env({"PARLEY_DATA_DIR": str(tmp_path)})
    await upgrade(settings)
    monkeypatch.setattr("parley.kernel.database.engine.PATIENCE_S", 0.5)
    database = Database.open(settings.database_url)
    other = sqlite3.connect(tmp_path / "parley.sqlite3", isolation_level=None)
    begun = []

    async def write(number):
        async with database.transaction() as db:
            begun.append(number)
            await db.execute(_job(f"job {number}"))

    other.execute("BEGIN IMMEDIATE")
    with capture_logs() as logs:
        first = await asyncio.gather(*(write(number) for number in range(10)), return_exceptions=True)
        probing = asyncio.create_task(write(10))
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await write(11)
        assert not probing.done()
        with pytest.raises(Unavailable):
            await probing
    assert [type(error) for error in first] == [Unavailable] * 10
    # SQLite was asked, and waited for, twice: by the first of those ten, and by one that came later.
    assert [entry["error"] for entry in logs] == ["database is locked"] * 2
    other.execute("ROLLBACK")
    await write(12)
    await asyncio.gather(*(write(number) for number in range(13, 20)))
    assert begun == [*range(12, 20)]
    await database.close()


async def test_who_waits_too_long_for_a_turn_to_write_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("parley.kernel.database.write_turn.MOST_S", 0.05)
    settings = Settings.from_env({"PARLEY_DATA_DIR": str(tmp_path)})
    await upgrade(settings)
    database = Database.open(settings.database_url)
    async with database.transaction():
        with pytest.raises(Unavailable):
            async with database.transaction():
                pass
    async with database.transaction() as db:
        await db.execute(_job("after"))
    await database.close()


async def test_two_parts_are_read_at_the_same_time_where_that_is_of_use(database):
    met = asyncio.Event()

    async def waiting() -> int:
        if database.dialect == "postgresql":
            await met.wait()
        return int((await database.read(PING))[0][0])

    async def meeting() -> str:
        met.set()
        return "met"

    assert await database.both(waiting(), meeting()) == (1, "met")


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True, scope="session")
async def test_a_part_that_fails_costs_the_other_no_connection(database):
    pids = []
    begun = asyncio.Event()

    async def failing() -> None:
        await begun.wait()
        raise NotFound

    async def reading() -> None:
        async with database.transaction(write=False) as db:
            pids.append(db.driver.get_server_pid())
            begun.set()
            await db.execute(select(func.pg_sleep(0.2)))

    with pytest.raises(NotFound):
        await database.both(failing(), reading())
    async with database.transaction(write=False) as db:
        assert db.driver.get_server_pid() == pids[0]


async def test_the_second_part_may_fail(database):
    async def reading() -> int:
        return int((await database.read(PING))[0][0])

    async def failing() -> None:
        raise NotFound

    with pytest.raises(NotFound):
        await database.both(reading(), failing())
