"""SQLAlchemy's engine for a URL of the settings, and how each connection is set up.

The drivers are in autocommit mode: transactions are begun by hand (docs/decisions/0004).
"""

from typing import Any

import msgspec
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from parley.kernel.database.watched_connection import WatchedConnection
from parley.kernel.sql_functions.sqlite_functions import add_functions
from parley.kernel.text.json_text import read_json

SESSION = {
    "application_name": "parley",
    # What the statements rely on, whatever is set for the database or the role.
    "default_transaction_isolation": "read committed",
    "default_transaction_deferrable": "off",
    "statement_timeout": "300s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
    "datestyle": "ISO",
    "intervalstyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "standard_conforming_strings": "on",
    "transform_null_equals": "off",
    "gin_fuzzy_search_limit": "0",
    "plan_cache_mode": "auto",
    # Every statement here is served by indexes, row by row. PostgreSQL would rather read all persons of a small project
    # into a hash for each page of tickets, which takes twice as long; a statement that wants hashes may SET LOCAL.
    "jit": "off",
    "enable_hashjoin": "off",
}
"""The settings of each connection to PostgreSQL (docs/operations.md)."""

SILENT_S = 310
"""A connection to PostgreSQL that says nothing for so long is dead; every statement is over before (statement_timeout)."""

PATIENCE_S = 10
"""How long a connection to SQLite waits for a lock."""


def make_engine(url: str) -> AsyncEngine:
    """Return the engine; it connects when first needed, and keeps no connection itself."""
    common: dict[str, Any] = {
        "isolation_level": "AUTOCOMMIT",
        "json_serializer": lambda value: msgspec.json.encode(value).decode(),
        "json_deserializer": read_json,
        "poolclass": NullPool,
        "hide_parameters": True,  # what people have written doesn't belong into logs
    }
    if url.startswith("sqlite"):
        engine = create_async_engine(
            url.replace("sqlite:", "sqlite+aiosqlite:", 1), **common, connect_args={"timeout": PATIENCE_S}
        )
        event.listen(engine.sync_engine, "connect", _tune_sqlite)
    else:
        engine = create_async_engine(
            asyncpg_url(url),
            **common,
            connect_args={
                "timeout": 5,
                "command_timeout": SILENT_S,
                "connection_class": WatchedConnection,
                "server_settings": SESSION,
            },
        )
    return engine


def asyncpg_url(url: str) -> URL:
    """Return a PostgreSQL URL as SQLAlchemy's driver takes it, which knows `sslmode` as `ssl`."""
    found = make_url(url).set(drivername="postgresql+asyncpg")
    mode = found.query.get("sslmode")
    return found.set(query={"ssl": mode}) if mode else found


def _tune_sqlite(connection: Any, _: object) -> None:
    add_functions(connection)
    cursor = connection.cursor()
    # FULL: an acknowledged message survives a power cut, as it does on PostgreSQL.
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-8000",
        "temp_store=MEMORY",
        # What is deleted is overwritten in the file; the default depends on who has built the library.
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
