"""The open connections of one process, lent to one request or job at a time.

A loan by SQLAlchemy's own pool costs 40 to 70 microseconds, which is as much as a prepared statement; one from here
costs two. The engine below therefore keeps none (`NullPool`).
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

MOST_S = 10.0
"""How long to wait for a connection when all are lent."""


class Loan:
    """A connection as SQLAlchemy and as the driver know it."""

    __slots__ = ("_is_closed", "connection", "driver")

    def __init__(self, connection: AsyncConnection, driver: Any) -> None:
        self.connection = connection
        self.driver = driver
        # asyncpg knows at once that the server has hung up. SQLite never does.
        self._is_closed: Callable[[], bool] = getattr(driver, "is_closed", _never)

    @property
    def is_usable(self) -> bool:
        """Say whether nobody has noticed yet that the connection is of no use."""
        return not self._is_closed() and not self.connection.invalidated


def _never() -> bool:
    return False


class Pool:
    """Opens at most `most` connections, keeps `kept` of them, and lends the one that was used last."""

    def __init__(self, engine: AsyncEngine, *, kept: int, most: int) -> None:
        self._engine = engine
        self._kept = kept
        self._free: list[Loan] = []
        self._places = asyncio.Semaphore(most)

    async def take(self) -> Loan:
        """Lend a connection, opening one where none is free; raises SQLAlchemy's TimeoutError when all stay lent."""
        await self._take_place()
        try:
            while self._free:
                loan = self._free.pop()
                if loan.is_usable:
                    return loan
                await _close(loan)
            return await self._open()
        except BaseException:
            self._places.release()
            raise

    async def give_back(self, loan: Loan, *, broken: bool = False) -> None:
        """End a loan; a broken connection is thrown away."""
        try:
            if broken or not loan.is_usable or len(self._free) >= self._kept:
                await _close(loan, broken=broken)
            else:
                self._free.append(loan)
        finally:
            self._places.release()

    async def discard_free(self) -> None:
        """Close every connection that isn't lent, such as after a restart of the database."""
        free, self._free = self._free, []
        for loan in free:
            await _close(loan)

    async def _take_place(self) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        try:
            async with asyncio.timeout(MOST_S):
                await self._places.acquire()
        except TimeoutError as error:
            raise PoolTimeout(f"all connections stayed in use for {MOST_S} seconds") from error

    async def _open(self) -> Loan:
        connection = await self._engine.connect()
        raw = await connection.get_raw_connection()
        return Loan(connection, raw.driver_connection)


async def _close(loan: Loan, *, broken: bool = False) -> None:
    with suppress(Exception):
        if broken:
            await loan.connection.invalidate()
        await loan.connection.close()
