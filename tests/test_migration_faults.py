"""Migrations that are killed, that meet, that find a foreign or a half-made database, or no room."""

import asyncio
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import asyncpg
import pytest
from alembic import command
from sqlalchemy import create_engine, event, inspect, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.ext.asyncio import create_async_engine

from parley.kernel.config.settings import Settings
from parley.kernel.config.values import SettingsError
from parley.kernel.migrations import runner
from parley.kernel.migrations.revisions import config, newest, revisions
from parley.kernel.migrations.runner import (
    LOCK_NUMBER,
    current,
    upgrade,
    upgrade_now,
    with_alembic,
    with_connection,
)
from parley.kernel.migrations.safety import schemas
from parley.kernel.sql_functions.sqlite_functions import add_functions
from tests import servers
from tests.effort import examples
from tests.forked_program import ForkedProgram, run
from tests.parley_server import ParleyServer
from tests.test_upgrade import FIRST, rows_copied

KEY = "a secret key that is only good for tests, and long"
KILLS = examples(12)


def settings_of(file: Path) -> Settings:
    return Settings(data_dir=file.parent, database_url=f"sqlite:///{file}", secret_key=KEY)


def content(file: Path) -> list[str]:
    """Return everything in a database as SQL, without the bytes of the index of search, which may differ."""
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return [line for line in connection.iterdump() if "search_index_" not in line]


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of the first version with ten conversations."""
    server = ParleyServer(tmp_path_factory.mktemp("new"), {})
    project = server.bootstrap("owner@example.com")
    assert run("demo", "--project", str(project.project_id), settings=server.settings)[0] == 0
    file = tmp_path_factory.mktemp("old") / "parley.sqlite3"

    async def fill() -> None:
        await with_alembic(f"sqlite:///{file}", lambda config: command.upgrade(config, FIRST))
        source, target = (
            create_async_engine(f"sqlite+aiosqlite:///{one}")
            for one in (server.folder / "data" / "parley.sqlite3", file)
        )
        _, rows = await rows_copied(source, target)
        assert rows["ticket"] and rows["comment"]
        await source.dispose()
        await target.dispose()

    asyncio.run(fill())
    # Ten of the conversations are enough to be migrated many times.
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.executescript("PRAGMA foreign_keys=ON; DELETE FROM ticket WHERE number > 10; VACUUM")
        assert connection.execute("SELECT count(*) FROM comment").fetchone()[0] >= 10
    return file


@pytest.fixture
def copy(old: Path, tmp_path: Path) -> Path:
    file = tmp_path / "parley.sqlite3"
    file.write_bytes(old.read_bytes())
    return file


@pytest.fixture(scope="module")
def killed(old: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Copies of it, each with a migration that was killed before another change; the last one was not."""
    folder = tmp_path_factory.mktemp("killed")
    command_line = [sys.executable, "-m", "tests.killed_migrations", str(old), str(folder), str(KILLS)]
    subprocess.run(command_line, check=True)
    return sorted(folder.glob("*/parley.sqlite3"))


def test_a_migration_that_is_killed_anywhere_changes_nothing_and_succeeds_later(old, killed):
    before, after = content(old), content(killed[-1])
    assert len(killed) == KILLS + 1 and before != after
    for file in killed[:-1]:
        assert content(file) == before, f"killed before change {file.parent.name}"
    for file in killed[:-1:4]:
        assert upgrade_now(settings_of(file))
        assert content(file) == after


def test_a_backup_is_kept_until_the_migration_is_done(old, copy):
    backup = copy.with_name(f"{copy.name}.before-{newest()}")
    seen: list[list[str]] = []

    def look(connection: Connection) -> None:
        if connection.engine.url.database == str(copy):
            seen.append(content(backup))

    event.listen(Engine, "commit", look)
    try:
        copy.chmod(0o600)
        assert upgrade_now(settings_of(copy))
    finally:
        event.remove(Engine, "commit", look)
    assert seen[0] == content(old)
    assert not list(copy.parent.glob("*before*"))


def test_two_migrations_at_once_wait_for_each_other(copy, old, killed):
    """Run as people run it: two programs, started at the same moment."""
    environment = {**os.environ, "PARLEY_DATA_DIR": str(copy.parent), "PARLEY_SECRET_KEY": KEY}
    places = [(copy.with_name(f"said-{one}"), copy.with_name(f"complained-{one}")) for one in "ab"]
    both = [ForkedProgram(["migrate"], environment, *place) for place in places]
    assert [one.wait(60) for one in both] == [0, 0]
    said = sorted(tuple(file.read_text() for file in place) for place in places)
    assert said == [("The database has been migrated.\n", ""), ("The database is up to date.\n", "")]
    assert content(copy) == content(killed[-1])


async def test_a_migration_that_a_running_server_is_in_the_way_of_begins_anew(tmp_path):
    url = servers.new_postgres_url()
    settings = Settings(data_dir=tmp_path, database_url=url, secret_key=KEY)
    await with_alembic(url, lambda config: command.upgrade(config, FIRST))
    request = await asyncpg.connect(url)
    async with asyncio.timeout(60):
        await request.execute(
            "BEGIN; SET LOCAL deadlock_timeout = '1h'; LOCK TABLE ticket IN ACCESS SHARE MODE"
        )
        migration = asyncio.create_task(upgrade(settings))
        while not await request.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            await asyncio.sleep(0.02)
        # Each now waits for the other, until the database ends the migration, which noticed it.
        await request.execute(f"SELECT pg_advisory_xact_lock({LOCK_NUMBER})")
        assert not migration.done()
        await request.execute("ROLLBACK")
        assert await migration
    await request.close()
    assert not await upgrade(settings)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_two_migrations_of_an_empty_database_make_one_of_it(kind, tmp_path):
    url = servers.new_postgres_url() if kind == "postgresql" else f"sqlite:///{tmp_path}/parley.sqlite3"
    settings = Settings(data_dir=tmp_path, database_url=url, secret_key=KEY)
    assert sorted(await asyncio.gather(*(upgrade(settings) for _ in range(3)))) == [False, False, True]


async def test_programs_that_make_one_file_at_once_do_not_refuse_each_other(tmp_path):
    """SQLite answers those who switch a new file to WAL at the same moment that it is locked, and doesn't wait."""
    for number in range(40):
        url = f"sqlite:///{tmp_path}/{number}.sqlite3"
        found = await asyncio.gather(*(with_connection(url, current) for _ in range(4)))
        assert found == [None] * 4


async def test_a_setting_of_the_database_does_not_end_a_migration(tmp_path):
    url = servers.new_postgres_url()
    name = url.rsplit("/", 1)[1]
    engine = create_async_engine(
        url.replace("postgresql:", "postgresql+asyncpg:"), isolation_level="AUTOCOMMIT"
    )
    async with engine.connect() as connection:
        for setting in (
            "default_transaction_isolation = 'serializable'",
            "statement_timeout = 5",
            "lock_timeout = 1",
        ):
            await connection.exec_driver_sql(f"ALTER DATABASE {name} SET {setting}")
    await engine.dispose()
    settings = Settings(data_dir=tmp_path, database_url=url, secret_key=KEY)
    assert sorted(await asyncio.gather(*(upgrade(settings) for _ in range(3)))) == [False, False, True]


# ------------------------------------------------------------------ what earlier versions left


def as_before(url: str, revision: str, steps: int) -> bool:
    """Migrate as the first versions did, each statement for itself, and stop after some; say whether all were run."""
    left = count(steps, -1)

    def step(connection: Connection, _: object, statement: str, *__: object) -> None:
        if not statement.lstrip().startswith(("SELECT", "PRAGMA")) and next(left) == 0:
            raise KeyboardInterrupt

    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    event.listen(engine, "before_cursor_execute", step)
    event.listen(engine, "connect", lambda connection, _: add_functions(connection))
    try:
        with engine.connect() as connection:
            command.upgrade(config(connection), revision)
    except KeyboardInterrupt:
        return False
    finally:
        engine.dispose()
    return True


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
def test_what_an_earlier_version_left_half_made_is_mended(old, killed, tmp_path, revision):
    expected = content(killed[-1])
    steps, is_done = 0, False
    while not is_done:
        file = tmp_path / f"{steps}" / "parley.sqlite3"
        file.parent.mkdir()
        if revision != "0001":
            file.write_bytes(old.read_bytes())
        if revision == "0003":
            assert as_before(f"sqlite:///{file}", "0002", 10_000)
        is_done = as_before(f"sqlite:///{file}", revision, steps)
        assert upgrade_now(settings_of(file)) or is_done
        assert revision == "0001" or content(file) == expected
        steps += (30 if revision == "0001" else 10) // examples(1)
    assert steps >= 30


def test_what_holds_something_is_not_taken_away(copy):
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("CREATE TABLE change_head (project_id INTEGER, last_place INTEGER)")
        connection.execute("INSERT INTO change_head VALUES (1, 7)")
        connection.commit()
    before = content(copy)
    with pytest.raises(SettingsError, match="Restore the backup from before"):
        upgrade_now(settings_of(copy))
    assert content(copy) == before


def test_things_of_other_programs_stay(copy):
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("CREATE INDEX my_own ON comment (created_at)")
        connection.execute("CREATE TABLE notes_of_mine (text)")
        connection.commit()
    assert upgrade_now(settings_of(copy))
    assert any("my_own" in line for line in content(copy)) and any(
        "notes_of" in line for line in content(copy)
    )


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_newer_database_is_named_and_left_alone(kind, tmp_path):
    url = servers.new_postgres_url() if kind == "postgresql" else f"sqlite:///{tmp_path}/parley.sqlite3"
    settings = Settings(data_dir=tmp_path, database_url=url, secret_key=KEY)
    await upgrade(settings)
    newer = text("UPDATE alembic_version SET version_num = '0999'")
    await with_connection(url, lambda connection: connection.execute(newer))
    with pytest.raises(SettingsError, match=r"the schema 0999.*Start the newer version"):
        await upgrade(settings)


def test_a_migration_begins_only_where_it_has_room(copy, monkeypatch):
    size = copy.stat().st_size
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2 * size - 1))
    before = content(copy)
    with pytest.raises(SettingsError, match="Make room and start again; nothing has been changed"):
        upgrade_now(settings_of(copy))
    assert content(copy) == before
    assert [one.name for one in copy.parent.iterdir() if "before" in one.name] == []


def test_who_waits_too_long_for_a_migration_is_told(copy, monkeypatch):
    monkeypatch.setattr(runner, "PATIENCE_S", 0.05)
    with closing(sqlite3.connect(copy, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(SettingsError, match=r"another program keeps .* locked"):
            upgrade_now(settings_of(copy))
    assert upgrade_now(settings_of(copy))


def test_revisions_are_numbered_without_gaps():
    assert revisions() == [f"{number:04}" for number in range(1, len(revisions()) + 1)]


LAST_KEPT, SCHEMA_OF_IT = "0036", "78eaf0a44db8b17cb532812eba1c5c4b22a187b61b60b204a9b9615c765e931f"


def test_revisions_that_databases_have_stay_as_they_were():
    """What one of them lacks comes by a revision of its own: whoever has it already gets nothing of a change to it."""
    made = sorted(schemas(LAST_KEPT)[0].statements.items())
    assert hashlib.sha256(repr(made).encode()).hexdigest() == SCHEMA_OF_IT


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("has_it_already", [False, True])
async def test_what_revisions_once_made_comes_to_whoever_lacks_it(kind, has_it_already, tmp_path):
    url = servers.new_postgres_url() if kind == "postgresql" else f"sqlite:///{tmp_path}/parley.sqlite3"
    additions = (
        "ALTER TABLE insight_result ADD COLUMN n_bytes INTEGER",
        "CREATE INDEX ix_insight_id ON insight (id)",
        "ALTER TABLE subscription ADD COLUMN unsubscribed JSON NOT NULL DEFAULT '[]'",
    )

    def prepare(connection: Connection) -> None:
        command.upgrade(config(connection), "0034")
        for one in additions if has_it_already else ():
            connection.execute(text(one))

    def found(connection: Connection) -> tuple[bool, bool, bool]:
        of = inspect(connection)
        columns = {one["name"] for one in of.get_columns("insight_result")}
        left = {one["name"] for one in of.get_columns("subscription")}
        indexes = {one["name"] for one in of.get_indexes("insight")}
        return "n_bytes" in columns, "ix_insight_id" in indexes, "unsubscribed" in left

    await with_connection(url, prepare)
    assert await with_connection(url, found) == (has_it_already,) * 3
    await upgrade(Settings(data_dir=tmp_path, database_url=url, secret_key=KEY))
    assert await with_connection(url, found) == (True,) * 3
