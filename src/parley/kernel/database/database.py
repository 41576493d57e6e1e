"""The database of this process: its pooled connections, and the transactions that are opened on them.

SQL is built with SQLAlchemy Core everywhere. SQLAlchemy runs most statements. In the measured parts of the program they are
`Prepared`: compiled once and run on the driver (docs/decisions/0004). Transactions are opened here by hand, with the
drivers in autocommit mode, so that both ways of running share one transaction on both databases.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Self, TypeVar

import structlog
from sqlalchemy import (
    literal,
    select,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from parley.kernel.database.engine import PATIENCE_S, make_engine
from parley.kernel.database.error_translation import is_connection_lost, translate, translated
from parley.kernel.database.file import DatabaseFile
from parley.kernel.database.pool import Pool, PooledConnection
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.retries import note_commit
from parley.kernel.database.transaction import Db, run_command
from parley.kernel.database.url import sqlite_file
from parley.kernel.database.write_turn import WriteTurn

log = structlog.get_logger(__name__)

A = TypeVar("A")
B = TypeVar("B")

KEPT_CONNECTIONS, SPARE_CONNECTIONS = 10, 10
"""Of each process: how many stay open, and how many more are opened when those are lent."""

MOST_CONNECTIONS = KEPT_CONNECTIONS + SPARE_CONNECTIONS
"""What each process needs; `parley doctor` asks for them."""

PING = Prepared(select(literal(1)))


class Database:
    """The engine of this process and its connections; `open` and `close` once."""

    ships_events = False
    """Whether what is captured goes on to ClickHouse: each transaction then leaves a note of what is to be shipped."""

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
    def open(cls, url: str, *, pool_size: int = KEPT_CONNECTIONS, ships_events: bool = False) -> Self:
        """Make the pools for a URL of the settings; connections are opened when first needed."""
        file = DatabaseFile(sqlite_file(url)) if url.startswith("sqlite") else None
        engine = make_engine(url)
        made = cls(engine, Pool(engine, kept=pool_size, most=pool_size + SPARE_CONNECTIONS), file)
        made.ships_events = ships_events
        return made

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
            pooled = await self._take()
            broken = True
            try:
                # Without patience: who waits here for a long reading lets nobody write.
                for command in (
                    "busy_timeout=100",
                    "wal_checkpoint(TRUNCATE)",
                    f"busy_timeout={PATIENCE_S}000",
                ):
                    await pooled.driver.execute_fetchall(f"PRAGMA {command}")
                broken = False
            finally:
                await self._pool.give_back(pooled, broken=broken)

    @property
    def _begin_write(self) -> str:
        return "BEGIN IMMEDIATE" if self.dialect == "sqlite" else "BEGIN"

    @asynccontextmanager
    async def _begun(self, begin: str) -> AsyncIterator[Db]:
        pooled = await self._begin(begin)
        broken = False
        try:
            db = Db(pooled.connection, pooled.driver, ships_events=self.ships_events)
            yield db
            await db.finish_writing()
            await run_command(db.driver, "COMMIT")
        except BaseException as error:
            broken = not await _roll_back(pooled.driver, error)
            raise
        finally:
            await self._pool.give_back(pooled, broken=broken)

    async def _take(self) -> PooledConnection:
        if self._file is not None:
            self._file.check()
        return await self._pool.take()

    async def _begin(self, begin: str) -> PooledConnection:
        """Take a connection and begin; one that died in the pool is replaced once, as nothing has happened yet."""
        for attempt in (1, 2):
            pooled = await self._take()
            try:
                await run_command(pooled.driver, begin)
            except BaseException as error:
                lost = is_connection_lost(error)
                await self._pool.give_back(pooled, broken=lost or isinstance(error, asyncio.CancelledError))
                if not lost or attempt == 2:
                    raise
                # The whole pool is stale after a database restart; connecting anew tells at once whether it is back.
                await self._pool.discard_free()
            else:
                return pooled
        raise AssertionError("unreachable")

    async def read(self, prepared: Prepared, **values: Any) -> Sequence[Sequence[Any]]:
        """Run one prepared SELECT outside any transaction: the cheapest way to read."""
        broken = False
        try:
            pooled = await self._take()
            try:
                return await prepared.run(pooled.driver, self._sql, values)
            except BaseException as error:
                broken = is_connection_lost(error) or isinstance(error, asyncio.CancelledError)
                raise
            finally:
                await self._pool.give_back(pooled, broken=broken)
        except Exception as error:
            translate(error)
            raise

    async def both(self, first: Coroutine[Any, Any, A], second: Coroutine[Any, Any, B]) -> tuple[A, B]:
        """Return what two parts of a request read: on PostgreSQL at the same time, over two connections.

        On SQLite one after the other, as all work is done in this process, and each connection keeps pages of its own.
        """
        if self.dialect == "sqlite":
            try:
                found = await first
            except BaseException:
                second.close()
                raise
            return found, await second
        other = asyncio.create_task(second)
        try:
            return await first, await other
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError):
                other.cancel()  # else it ends by itself: a query that is cancelled costs its connection
            await asyncio.gather(other, return_exceptions=True)
            raise

    async def ping(self) -> None:
        """Raise Unavailable when the database does not answer."""
        await self.read(PING)


class _NoLock:
    async def __aenter__(self) -> None: ...

    async def __aexit__(self, *_: object) -> None: ...


async def _roll_back(driver: Any, error: BaseException) -> bool:
    """Roll back; return whether that was possible (not when lost, or cancelled in the middle of an answer)."""
    if is_connection_lost(error) or isinstance(error, asyncio.CancelledError):
        return False
    try:
        await run_command(driver, "ROLLBACK")
    except Exception:
        return False
    return True
