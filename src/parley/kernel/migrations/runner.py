"""Bringing the database to the shape that this version needs: one step from any version, all or nothing."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, inspect, text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from parley.kernel.config.settings import Settings
from parley.kernel.config.values import SettingsError
from parley.kernel.database.engine import asyncpg_url
from parley.kernel.database.error_sentences import (
    BUSY,
    READ_ONLY,
    explained,
    unusable_file,
)
from parley.kernel.database.error_translation import is_conflict
from parley.kernel.database.url import sqlite_file
from parley.kernel.database.watched_connection import WatchedConnection
from parley.kernel.migrations.revisions import config, newest, revisions
from parley.kernel.sql_functions.sqlite_functions import add_functions

if TYPE_CHECKING:
    from alembic.config import Config

# Any constant of our own: two servers that start at once must not migrate at the same time.
LOCK_NUMBER = 7_269_253
PATIENCE_S = 30
"""How long to wait for a connection, and on SQLite for whoever is writing, such as another migration."""

MOST_TRIES = 10
"""How often a migration begins that the database has undone, since requests of a running server were in its way."""

# What a database sets for its sessions must not end a migration, or let it see less than is committed.
SESSION = {
    "application_name": "parley migrate",
    "default_transaction_isolation": "read committed",
    "idle_in_transaction_session_timeout": "0",
    "lock_timeout": "0",
    "statement_timeout": "0",
}


async def upgrade(settings: Settings) -> bool:
    """Apply what is missing; return whether anything was. Safe to run in several processes at once.

    Raises SettingsError with a sentence for a database that can't be reached, read or written, or is not ours.
    """
    for _ in range(MOST_TRIES - 1):
        try:
            return bool(await with_connection(settings.database_url, _upgrade))
        except SettingsError as error:
            if not is_conflict(error):
                raise
    return bool(await with_connection(settings.database_url, _upgrade))


def upgrade_now(settings: Settings) -> bool:
    """The same for callers outside an event loop."""
    return asyncio.run(upgrade(settings))


def current(connection: Connection) -> str | None:
    """Return the revision that a database has, None for one without tables of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def check_is_known(revision: str | None) -> None:
    """Raise SettingsError for a revision that this version has never heard of."""
    if revision is not None and revision not in revisions():
        raise SettingsError(
            f"PARLEY_DATABASE_URL: the database has the schema {revision}, and this version of Parley knows those up "
            f"to {newest()} only. Start the newer version that has migrated it, or restore the backup from before."
        )


def _upgrade(connection: Connection) -> bool:
    # On SQLite the transaction has begun with the lock for writing.
    if connection.dialect.name == "postgresql":
        if connection.execute(text("SHOW transaction_read_only")).scalar() == "on":
            raise SettingsError(f"PARLEY_DATABASE_URL: {READ_ONLY}")
        if current(connection) != newest():
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK_NUMBER})
    found = current(connection)
    if found == newest():
        return False
    check_is_known(found)
    # Alembic is imported only when there is something to do: it costs memory that the server would keep.
    from alembic import command

    from parley.kernel.migrations.safety import mend_half_migration, with_backup

    with with_backup(connection, found):
        mend_half_migration(connection, found)
        command.upgrade(config(connection), "head")
        connection.commit()
    return True


async def with_alembic(url: str, do: Callable[["Config"], Any]) -> Any:
    """Run an Alembic command on a database of the settings."""
    return await with_connection(url, lambda connection: do(config(connection)))


async def with_connection(url: str, do: Callable[[Connection], Any]) -> Any:
    """Call a function with a connection for migrations, and commit; raises SettingsError for a fault of the database."""
    _check_file(url)
    try:
        engine = _engine(url)
        try:
            async with engine.connect() as connection:
                found = await connection.run_sync(do)
                await connection.commit()
                return found
        finally:
            await engine.dispose()
    except SettingsError:
        raise
    except Exception as error:
        sentence = explained(error, url)
        if sentence is None:
            raise
        raise SettingsError(sentence) from error


def _check_file(url: str) -> None:
    """Raise SettingsError for a file that can't be written: SQLite would open it, and fail with the first change."""
    if url.startswith("sqlite") and (reason := unusable_file(sqlite_file(url))):
        raise SettingsError(f"PARLEY_DATABASE_URL: {reason}")


def _engine(url: str) -> AsyncEngine:
    """Return an engine whose transactions hold every statement, those that change tables, too.

    Python's driver of SQLite begins a transaction late and lets what changes tables commit by itself, so it is told to
    begin none, and `BEGIN` is said here.
    """
    scheme, _, rest = url.partition(":")
    if scheme == "postgresql":
        return create_async_engine(
            asyncpg_url(url),
            connect_args={
                "timeout": PATIENCE_S,
                "connection_class": WatchedConnection,
                "server_settings": SESSION,
            },
        )
    made = create_async_engine(
        f"sqlite+aiosqlite:{rest}", connect_args={"timeout": PATIENCE_S, "isolation_level": None}
    )
    event.listen(made.sync_engine, "connect", _prepare_sqlite)
    event.listen(made.sync_engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return made


def _prepare_sqlite(connection: Any, _: object) -> None:
    add_functions(connection)
    connection.run_async(_use_wal)
    cursor = connection.cursor()
    for pragma in ("synchronous=FULL", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


async def _use_wal(connection: Any) -> None:
    """Make the file a WAL one. Of several programs that do so at once, SQLite refuses all but one without waiting."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            await connection.execute_fetchall("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != BUSY or time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.05)
