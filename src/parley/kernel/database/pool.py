"""The open connections of one process, lent to one request or job at a time.

To lend one from SQLAlchemy's own pool costs 40 to 70 microseconds, which is as much as a prepared statement; one from here
costs two. The engine below therefore keeps none (`NullPool`).
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any

import structlog
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from parley.kernel.database.error_translation import is_exhausted

log = structlog.get_logger(__name__)

MOST_S = 10.0
"""How long to wait for a connection when all are lent."""

FULL_S = 1.0
"""How long to open no further connection after the database had none left."""

SPARE_S = 30.0
"""How long a connection beyond those that are kept may lie unused before it is closed; opening one costs milliseconds."""


class PooledConnection:
    """A connection as SQLAlchemy and as the driver know it."""

    __slots__ = ("_is_closed", "connection", "driver", "free_since")

    def __init__(self, connection: AsyncConnection, driver: Any) -> None:
        self.connection = connection
        self.driver = driver
        self.free_since = 0.0
        # asyncpg knows at once that the server has hung up. SQLite never does.
        self._is_closed: Callable[[], bool] = getattr(driver, "is_closed", _never)

    @property
    def is_usable(self) -> bool:
        """Say whether the connection is not known to be broken."""
        return not self._is_closed() and not self.connection.invalidated


def _never() -> bool:
    return False


class Pool:
    """Opens at most `most` connections, and lends the one that was used last; beyond `kept`, unused ones are closed."""

    def __init__(self, engine: AsyncEngine, *, kept: int, most: int) -> None:
        self._engine = engine
        self._kept = kept
        self._free: list[PooledConnection] = []  # the longest unused first
        self._places = asyncio.Semaphore(most)
        self._n_lent = 0
        self._n_opening = 0
        self._waiting: deque[asyncio.Future[None]] = deque()  # for a connection that is given back
        self._full_until = 0.0

    async def take(self) -> PooledConnection:
        """Lend a connection, opening one where none is free; raises SQLAlchemy's TimeoutError when all stay lent.

        Where the database has no connection left for this process, those that it has are all there are.
        """
        await self._take_place()
        try:
            pooled = await self._free_or_new()
        except BaseException:
            self._places.release()
            raise
        self._n_lent += 1
        return pooled

    async def give_back(self, pooled: PooledConnection, *, broken: bool = False) -> None:
        """Take a connection back; a broken connection is thrown away."""
        try:
            if broken or not pooled.is_usable:
                await _close(pooled, broken=broken)
            else:
                pooled.free_since = monotonic()
                self._free.append(pooled)
        finally:
            self._n_lent -= 1
            self._places.release()
            self._wake_one()
        while len(self._free) > self._kept and self._free[0].free_since < monotonic() - SPARE_S:
            await _close(self._free.pop(0))

    async def _free_or_new(self) -> PooledConnection:
        until = monotonic() + MOST_S
        while True:
            while self._free:
                pooled = self._free.pop()
                if pooled.is_usable:
                    return pooled
                await _close(pooled)
            if monotonic() > self._full_until or self._n_lent + self._n_opening == 0:
                self._n_opening += 1
                try:
                    return await self._open()
                except Exception as error:
                    if not is_exhausted(error) or not (self._free or self._n_lent + self._n_opening > 1):
                        self._wake_one()  # who waits for this one would wait in vain
                        raise
                    self._full_until = monotonic() + FULL_S
                finally:
                    self._n_opening -= 1
            if not self._free:
                await self._given_back(until)

    async def _given_back(self, until: float) -> None:
        """Wait until a connection is given back; whoever waits longest comes first."""
        mine = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        try:
            async with asyncio.timeout(until - monotonic()):
                await mine
        except BaseException as error:
            if mine in self._waiting:
                self._waiting.remove(mine)
            else:
                self._wake_one()  # in place of this one, which was woken and goes
            if isinstance(error, TimeoutError):
                raise PoolTimeout(f"all connections stayed in use for {MOST_S} seconds") from error
            raise

    def _wake_one(self) -> None:
        while self._waiting:
            first = self._waiting.popleft()
            if not first.done():
                first.set_result(None)
                return

    async def discard_free(self) -> None:
        """Close every connection that isn't lent, such as after a restart of the database."""
        free, self._free = self._free, []
        for pooled in free:
            await _close(pooled)

    async def _take_place(self) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        try:
            async with asyncio.timeout(MOST_S):
                await self._places.acquire()
        except TimeoutError as error:
            raise PoolTimeout(f"all connections stayed in use for {MOST_S} seconds") from error

    async def _open(self) -> PooledConnection:
        connection = await self._engine.connect()
        raw = await connection.get_raw_connection()
        return PooledConnection(connection, raw.driver_connection)


async def _close(pooled: PooledConnection, *, broken: bool = False) -> None:
    with suppress(Exception):
        if broken:
            await pooled.connection.invalidate()
        await pooled.connection.close()
