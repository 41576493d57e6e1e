"""The database: column types, the engine, and one transaction as features see it.

SQL is built with SQLAlchemy Core everywhere. Most statements run through SQLAlchemy; the few hottest ones are `Prepared`:
compiled once and run on the driver (docs/decisions/0004). Transactions are opened here by hand, with the drivers
in autocommit mode, so that both ways of running share one transaction on both databases.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Self

import msgspec
import structlog
from sqlalchemy import (
    JSON,
    ColumnElement,
    DateTime,
    Dialect,
    Executable,
    MetaData,
    Text,
    Uuid,
    cast,
    event,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import URL, CursorResult, make_url
from sqlalchemy.engine.interfaces import _CoreAnyExecuteParams
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.types import TypeDecorator

from parley.kernel.database.errors import (
    is_conflict,
    is_connection_lost,
    translate,
    translated,
)
from parley.kernel.database.faults import sqlite_file
from parley.kernel.database.file import DatabaseFile
from parley.kernel.database.pool import Loan, Pool
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.retries import note_commit
from parley.kernel.database.watched_connection import WatchedConnection
from parley.kernel.database.write_turn import WriteTurn
from parley.kernel.text.forms import folded
from parley.kernel.text.json_text import read_json

__all__ = ["Database", "Db", "Json", "RawJson", "UtcDateTime", "Uuid", "metadata"]

log = structlog.get_logger(__name__)

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

KEPT_CONNECTIONS, SPARE_CONNECTIONS = 10, 10
"""Of each process: how many stay open, and how many more are opened when those are lent."""

MOST_CONNECTIONS = KEPT_CONNECTIONS + SPARE_CONNECTIONS
"""What each process needs; `parley doctor` asks for them."""

PING = Prepared(select(literal(1)))

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware and in UTC on the way in and out, on both databases.

    SQLite keeps no time zone and would give naive values back.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant must carry a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        # asyncpg's instants are aware and in UTC; a list of tickets has eight hundred of them.
        return None if dialect.name == "postgresql" else super().result_processor(dialect, coltype)


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""Any JSON value; `jsonb` on PostgreSQL, text on SQLite. None is SQL NULL."""


class RawJson(TypeDecorator[msgspec.Raw]):
    """A JSON column read as its text, to be put into an answer without parsing it (`type_coerce(column, RawJson)`)."""

    impl = JSON
    cache_ok = True

    def column_expression(self, column: Any) -> ColumnElement[Any]:
        # asyncpg would hand over a parsed value otherwise. Without the outer type SQLAlchemy would read the text as text.
        return type_coerce(cast(column, Text), self)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], msgspec.Raw | None]:
        def to_raw(value: str | bytes | None) -> msgspec.Raw | None:
            if value is None:
                return None
            return msgspec.Raw(value.encode() if isinstance(value, str) else value)

        return to_raw


class Db:
    """One open transaction. It belongs to one request or job and to one task at a time."""

    def __init__(self, connection: AsyncConnection, driver: Any) -> None:
        self.connection = connection
        self.driver = driver
        self.dialect: Dialect = connection.dialect
        self.effects: list[Callable[[], Awaitable[None]]] = []
        self.gathered: dict[Callable[[Db, list[Any]], Awaitable[None]], list[Any]] = {}

    async def execute(
        self, statement: Executable, parameters: _CoreAnyExecuteParams | None = None
    ) -> CursorResult[Any]:
        """Run a statement and return its buffered result."""
        return await self.connection.execute(statement, parameters)

    async def rows(self, prepared: Prepared, **values: Any) -> Sequence[Sequence[Any]]:
        """Run a prepared statement on the driver and return its rows, with the column types applied."""
        return await prepared.run(self.driver, self.dialect, values)

    async def row(self, prepared: Prepared, **values: Any) -> Sequence[Any] | None:
        """Return the first row of a prepared statement, or None."""
        found = await prepared.run(self.driver, self.dialect, values)
        return found[0] if found else None

    async def each(self, prepared: Prepared, many: Sequence[dict[str, Any]]) -> None:
        """Run a prepared statement once for each set of values, in one round trip."""
        if many:
            await prepared.run_each(self.driver, self.dialect, many)

    def before_commit(self, store: Callable[["Db", list[Any]], Awaitable[None]], item: Any) -> None:
        """Call `store` once, right before COMMIT, with every item that was given for it; its failure undoes all."""
        self.gathered.setdefault(store, []).append(item)

    async def allow_hashes(self) -> None:
        """Let PostgreSQL join by hashes, too, read an index whole, and remember each row that an index has found.

        To the end of the transaction, for what reads very many rows. By default the pages of an index count as slower
        than those of a table, and four megabytes hold whole pages instead of rows. Each statement is planned for its
        own values: one plan for rare and common words suits neither.
        """
        if self.dialect.name == "postgresql":
            wanted = (
                "enable_hashjoin = on",
                "random_page_cost = 1.1",
                "work_mem = '32MB'",
                "plan_cache_mode = force_custom_plan",
            )
            await _command(self.driver, "; ".join(f"SET LOCAL {setting}" for setting in wanted))

    def after_commit(self, effect: Callable[[], Awaitable[None]]) -> None:
        """Run `effect` once the transaction is committed; what it raises is logged and changes nothing."""
        self.effects.append(effect)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo the statements inside, and only these, when one of them fails."""
        await _command(self.driver, "SAVEPOINT inner_part")
        try:
            yield
        except BaseException as error:
            # Otherwise the whole transaction ends: nothing can be said on this connection any more, or need be.
            if isinstance(error, Exception) and not (is_connection_lost(error) or is_conflict(error)):
                await _command(self.driver, "ROLLBACK TO SAVEPOINT inner_part")
                await _command(self.driver, "RELEASE SAVEPOINT inner_part")
            raise
        await _command(self.driver, "RELEASE SAVEPOINT inner_part")


class Database:
    """The engine of this process and its connections; `open` and `close` once."""

    def __init__(self, engine: AsyncEngine, pool: Pool, file: DatabaseFile | None = None) -> None:
        self.engine = engine
        self._pool = pool
        self._file = file  # of SQLite
        self._sql = engine.dialect
        self.dialect = engine.dialect.name
        self._writer: AbstractAsyncContextManager[Any] = (
            WriteTurn() if self.dialect == "sqlite" else _NoLock()
        )

    @classmethod
    def open(cls, url: str, *, pool_size: int = KEPT_CONNECTIONS) -> Self:
        """Make the pools for a URL of the settings; connections are opened when first needed."""
        common: dict[str, Any] = {
            "isolation_level": "AUTOCOMMIT",
            "json_serializer": lambda value: msgspec.json.encode(value).decode(),
            "json_deserializer": read_json,
            "poolclass": NullPool,
            "hide_parameters": True,  # what people have written doesn't belong into logs
        }
        file = None
        if url.startswith("sqlite"):
            file = DatabaseFile(sqlite_file(url))
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
        return cls(engine, Pool(engine, kept=pool_size, most=pool_size + SPARE_CONNECTIONS), file)

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.discard_free()
        await self.engine.dispose()

    @asynccontextmanager
    async def transaction(self, *, write: bool = True) -> AsyncIterator[Db]:
        """Open a transaction, commit it at the end, roll it back on any error; then run the `after_commit` effects.

        On SQLite a writing one takes the write lock at once, since a later upgrade could fail.
        Raises Unavailable when the database can't be reached or can't store.
        """
        if not write:
            async with translated(), self._begun("BEGIN") as db:
                yield db
        else:
            async with translated(), self._writer, self._begun(self._begin_write) as db:
                yield db
            note_commit()
        for effect in db.effects:
            try:
                await effect()
            except Exception:
                log.exception("after_commit_failed")

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Db]:
        """Open a reading transaction in which every statement sees the same state, however long it takes.

        Raises Unavailable when the database can't be reached.
        """
        begin = "BEGIN" if self.dialect == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        async with translated(), self._begun(begin) as db:
            yield db

    async def shorten_log(self) -> None:
        """Empty SQLite's write-ahead log, unless somebody reads in it, so that it keeps no pages as they were.

        PostgreSQL looks after its log by itself.
        """
        if self.dialect != "sqlite":
            return
        async with self._writer:
            loan = await self._take()
            broken = True
            try:
                # Without patience: who waits here for a long reading lets nobody write.
                for command in (
                    "busy_timeout=100",
                    "wal_checkpoint(TRUNCATE)",
                    f"busy_timeout={PATIENCE_S}000",
                ):
                    await loan.driver.execute_fetchall(f"PRAGMA {command}")
                broken = False
            finally:
                await self._pool.give_back(loan, broken=broken)

    @property
    def _begin_write(self) -> str:
        return "BEGIN IMMEDIATE" if self.dialect == "sqlite" else "BEGIN"

    @asynccontextmanager
    async def _begun(self, begin: str) -> AsyncIterator[Db]:
        loan = await self._begin(begin)
        broken = False
        try:
            yield (db := Db(loan.connection, loan.driver))
            for store, items in db.gathered.items():
                await store(db, items)
            await _command(db.driver, "COMMIT")
        except BaseException as error:
            broken = not await _roll_back(loan.driver, error)
            raise
        finally:
            await self._pool.give_back(loan, broken=broken)

    async def _take(self) -> Loan:
        if self._file is not None:
            self._file.check()
        return await self._pool.take()

    async def _begin(self, begin: str) -> Loan:
        """Take a connection and begin; one that died in the pool is replaced once, as nothing has happened yet."""
        for attempt in (1, 2):
            loan = await self._take()
            try:
                await _command(loan.driver, begin)
            except BaseException as error:
                lost = is_connection_lost(error)
                await self._pool.give_back(loan, broken=lost or isinstance(error, asyncio.CancelledError))
                if not lost or attempt == 2:
                    raise
                # The whole pool is stale after a database restart; connecting anew tells at once whether it is back.
                await self._pool.discard_free()
            else:
                return loan
        raise AssertionError("unreachable")

    async def read(self, prepared: Prepared, **values: Any) -> Sequence[Sequence[Any]]:
        """Run one prepared SELECT outside any transaction: the cheapest way to read."""
        broken = False
        try:
            loan = await self._take()
            try:
                return await prepared.run(loan.driver, self._sql, values)
            except BaseException as error:
                broken = is_connection_lost(error) or isinstance(error, asyncio.CancelledError)
                raise
            finally:
                await self._pool.give_back(loan, broken=broken)
        except Exception as error:
            translate(error)
            raise

    async def ping(self) -> None:
        """Raise Unavailable when the database does not answer."""
        await self.read(PING)


class _NoLock:
    async def __aenter__(self) -> None: ...

    async def __aexit__(self, *_: object) -> None: ...


async def _command(driver: Any, sql: str) -> None:
    await driver.execute(sql)


async def _roll_back(driver: Any, error: BaseException) -> bool:
    """Roll back; return whether that was possible (not when lost, or cancelled in the middle of an answer)."""
    if is_connection_lost(error) or isinstance(error, asyncio.CancelledError):
        return False
    try:
        await _command(driver, "ROLLBACK")
    except Exception:
        return False
    return True


def asyncpg_url(url: str) -> URL:
    """Return a PostgreSQL URL as SQLAlchemy's driver takes it, which knows `sslmode` as `ssl`."""
    found = make_url(url).set(drivername="postgresql+asyncpg")
    mode = found.query.get("sslmode")
    return found.set(query={"ssl": mode}) if mode else found


def add_functions(connection: Any) -> None:
    """Give a connection to SQLite the functions that its triggers call (docs/decisions/0011-search.md)."""
    connection.create_function("search_folded", 1, _folded_or_null, deterministic=True)


def _folded_or_null(text: str | None) -> str | None:
    return None if text is None else folded(text)


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


Values = Mapping[str, Any]
