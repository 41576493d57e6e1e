"""Deletes rows of the outbox that are about a person whose data is erased."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, select, tuple_

from parley.kernel.database.transaction import Db
from parley.kernel.jobs.tables import outbox


async def erase_rows(db: Db, project_id: int, is_about: Callable[[Any], bool]) -> int:
    """Delete the project's rows whose payload `is_about` somebody; return how many (primary key).

    Rows that are being handled are waited for, so that what follows from them can be found afterwards.
    """
    c = outbox.c
    waiting = select(c.id, c.handler, c.payload).where(c.project_id == project_id)
    found = await db.execute(waiting.order_by(c.id, c.handler).with_for_update())
    gone = [(row.id, row.handler) for row in found if is_about(row.payload)]
    if gone:
        mine = (c.project_id == project_id, tuple_(c.id, c.handler).in_(gone))
        await db.execute(delete(outbox).where(*mine))
    return len(gone)
