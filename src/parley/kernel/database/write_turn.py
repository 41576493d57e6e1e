"""A queue of the writers to SQLite, which allows one writer at a time.

Waiting here is fair and cheap; waiting in SQLite is polling. When another program holds the lock of the file, those who wait
don't try one after the other: they are told at once, and one newcomer at a time tries whether the file is free again.
"""

import asyncio
import sqlite3

from parley.kernel.errors import Unavailable

MOST_S = 10.0
"""How long to wait for one's turn."""


class WriteTurn:
    """The turn of one process; enter it around a writing transaction. Raises Unavailable."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._is_file_locked = False  # by another program, when we tried last

    async def __aenter__(self) -> None:
        if not self._lock.locked():
            await self._lock.acquire()
            return
        if self._is_file_locked:
            raise Unavailable
        try:
            async with asyncio.timeout(MOST_S):
                await self._lock.acquire()
        except TimeoutError as error:
            raise Unavailable from error
        self._check_file()

    def _check_file(self) -> None:
        """Give the turn up where the one before has found the file locked."""
        if self._is_file_locked:
            self._lock.release()
            raise Unavailable

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        self._is_file_locked = (
            isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode == sqlite3.SQLITE_BUSY
        )
        self._lock.release()
