"""Where events are read from, a bounded number of statements at a time."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol

import asyncpg
from sqlalchemy import Executable
from sqlalchemy.exc import DBAPIError

from parley.analytics.event_source.errors import QueryTookTooLong
from parley.kernel.database.transaction import Db, run_command
from parley.kernel.services import Services

LIMIT_S = 60
"""Of one statement, once it has its turn."""


class EventSource(Protocol):
    """A store of events, persons and distinct ids, under the names of the main database's tables."""

    async def rows(self, statement: Executable) -> Sequence[Any]:
        """Return the rows of a SELECT, in a reading transaction of its own.

        Waits for its turn beside other projects. Raises Throttled when too many wait, QueryTookTooLong
        at LIMIT_S, and Unavailable.
        """


class MainEvents:
    """The events of the main database."""

    def __init__(self, services: Services, project_id: int, limit_s: float = LIMIT_S) -> None:
        self._database = services.database
        self._turns, self._key = services.query_turns, str(project_id)
        self._limit_s = limit_s

    async def rows(self, statement: Executable) -> Sequence[Any]:
        async with (
            self._turns.taken(self._key),
            self._database.transaction(write=False) as db,
            _stopped_after(db, self._limit_s),
        ):
            await db.allow_hashes()
            return (await db.execute(statement)).all()


def event_source(services: Services, project_id: int) -> EventSource:
    """Return the store that insights of a project are answered from."""
    return MainEvents(services, project_id)


@asynccontextmanager
async def _stopped_after(db: Db, limit_s: float) -> AsyncIterator[None]:
    """Stop a statement at its limit, or when nobody waits for it any more, and say so."""
    timer: asyncio.Task[None] | None = None
    if db.dialect.name == "sqlite":
        timer = asyncio.create_task(_interrupted_after(db, limit_s))
    else:
        await run_command(db.driver, f"SET LOCAL statement_timeout = {round(limit_s * 1000)}")
    try:
        yield
    except asyncio.CancelledError:
        if timer:
            await db.driver.interrupt()  # its thread would go on
        raise
    except DBAPIError as error:
        if _was_stopped(error):
            raise QueryTookTooLong from None
        raise
    finally:
        if timer:
            timer.cancel()


async def _interrupted_after(db: Db, limit_s: float) -> None:
    await asyncio.sleep(limit_s)
    await db.driver.interrupt()


def _was_stopped(error: DBAPIError) -> bool:
    cause = error.orig.__cause__ if error.orig else None
    return isinstance(cause, asyncpg.QueryCanceledError) or str(error.orig) == "interrupted"
