"""What happens to a row of the outbox when its handler or its work failed."""

from collections.abc import Awaitable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from sqlalchemy import ColumnElement, and_, true, update

from parley.kernel.database.error_translation import is_conflict
from parley.kernel.database.transaction import Db
from parley.kernel.errors import TransactionConflict
from parley.kernel.jobs.registry import Event
from parley.kernel.jobs.tables import outbox

log = structlog.get_logger(__name__)


Answer = TypeVar("Answer")


class NoHandler(Exception):
    """The program has no function for this row; an older or newer version of it may have had one."""


class Failed(Exception):
    """A function of a feature failed with `error`.

    `error` is not chained as the cause: the transaction would take a ConnectionError there for a failure of its own.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__(description(error))
        self.error = error


async def outcome_of(call: Awaitable[Answer]) -> Answer:
    """Return the result of a feature's function.

    What it raises becomes Failed, so that it isn't taken for a fault of the database.
    """
    try:
        return await call
    except Exception as error:
        if isinstance(error, TransactionConflict) or is_conflict(error):
            raise  # this is no fault of the function, and the transaction is retried
        failed = Failed(error)
    raise failed


def description(error: BaseException) -> str:
    """Return an error's type and text, short enough to be stored."""
    text = f"{type(error).__name__}: {error}"[:2000].replace("\0", "")
    return text.encode("utf-8", "replace").decode()  # half an emoji can't be stored


def row_of(event: Event, handler: str, holder: str | None = None) -> ColumnElement[bool]:
    """Return the condition for the event's row, unless another process has recorded a failure of it or taken it since."""
    c = outbox.c
    mine = c.holder == holder if holder else true()
    same = and_(c.project_id == event.project_id, c.id == event.id, c.handler == handler)
    return and_(same, c.attempts == event.attempts, mine)


async def note_failure(
    db: Db,
    event: Event,
    handler: str,
    error: str,
    now: datetime,
    retries_s: Sequence[int],
    *,
    holder: str | None = None,
) -> None:
    """Postpone the row, or mark it dead when it was tried often enough. Safe to run twice."""
    row = update(outbox).where(row_of(event, handler, holder))
    row = row.values(attempts=event.attempts + 1, last_error=error, holder=None)
    if event.attempts < len(retries_s):
        pause = timedelta(seconds=retries_s[event.attempts])
        await db.execute(row.values(available_at=now + pause))
    else:
        await db.execute(row.values(dead_at=now))
        log.error("outbox_row_is_dead", name=event.name, id=str(event.id), error=error.partition(":")[0])
