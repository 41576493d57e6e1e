"""Bringing the database to the shape that this version needs: one step from any version."""

import asyncio
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from parley.kernel.db import add_functions
from parley.kernel.settings import Settings

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent.parent / "migrations"
# Any constant of our own: two servers that start at once must not migrate at the same time.
LOCK_NUMBER = 7_269_253


def import_tables() -> None:
    """Import the tables of every feature, so that `metadata` is complete."""
    for file in sorted(FOLDER.parent.glob("*/tables.py")):
        importlib.import_module(f"parley.{file.parent.name}.tables")
    importlib.import_module("parley.kernel.queue")
    importlib.import_module("parley.kernel.idempotency.tables")


def newest() -> str:
    """Return the name of the newest revision; the files are numbered."""
    return max(file.name for file in (FOLDER / "versions").glob("0*.py")).split("_", 1)[0]


async def upgrade(settings: Settings) -> bool:
    """Apply what is missing; return whether anything was. Safe to run in several processes at once."""
    return bool(await _with_connection(settings.database_url, _upgrade))


def _upgrade(connection: Connection) -> bool:
    if _current(connection) == newest():
        return False
    _lock(connection)
    if _current(connection) == newest():
        return False
    # Alembic is imported only when there is something to do: it costs memory that the server would keep.
    from alembic import command

    command.upgrade(config(connection), "head")
    return True


def _current(connection: Connection) -> str | None:
    try:
        with connection.begin_nested():
            found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            return found
    except DBAPIError:
        return None


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK_NUMBER})


def config(connection: Connection) -> "Config":
    """Return Alembic's configuration for an open connection."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.attributes["connection"] = connection
    return made


async def with_alembic(url: str, do: Callable[["Config"], Any]) -> Any:
    """Run an Alembic command on a database of the settings."""
    return await _with_connection(url, lambda connection: do(config(connection)))


async def _with_connection(url: str, do: Callable[[Connection], Any]) -> Any:
    scheme, _, rest = url.partition(":")
    driver = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}[scheme]
    engine = create_async_engine(f"{driver}:{rest}", connect_args={"timeout": 30})
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", lambda connection, _: add_functions(connection))
    try:
        async with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                await connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            found = await connection.run_sync(do)
            await connection.commit()
            return found
    finally:
        await engine.dispose()


def upgrade_now(settings: Settings) -> bool:
    """The same for callers outside an event loop."""
    return asyncio.run(upgrade(settings))
