"""The time that a long SELECT may take."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg
from sqlalchemy.exc import DBAPIError

from parley.kernel.database.transaction import Db, run_command
from parley.kernel.errors import AppError


class QueryTookTooLong(AppError):
    """The query was stopped at its time limit."""

    status, type, code = 504, "server_error", "query_too_slow"
    default_detail = "The query took too long and was stopped. Ask for a shorter time, or for less of it."


@asynccontextmanager
async def stopped_after(db: Db, limit_s: float) -> AsyncIterator[None]:
    """Stop a statement at its limit, or when nobody waits for it any more; raises QueryTookTooLong.

    On SQLite the limit is that of all statements inside together.
    """
    timer: asyncio.Task[None] | None = None
    if db.dialect.name == "sqlite":
        timer = asyncio.create_task(_interrupted_after(db, limit_s))
    else:
        await run_command(db.driver, f"SET LOCAL statement_timeout = {round(limit_s * 1000)}")
    try:
        yield
    except asyncio.CancelledError:
        if timer:
            with suppress(ValueError):  # the connection is closed by now
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
