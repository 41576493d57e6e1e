"""The queues of projects, locked by whoever calls for work or does it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, select

from parley.email.outbound.tables import WAITING, outbound_email, outbound_queue
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db


class LockedQueue(msgspec.Struct, frozen=True):
    """Who is at the mails of a project; held until the transaction ends."""

    called_at: datetime | None
    busy_by: UUID | None
    busy_until: datetime | None


_QUEUE = StructColumns(LockedQueue, outbound_queue)
_LOCKED = Prepared(
    select(*_QUEUE.columns)
    .where(outbound_queue.c.project_id == bindparam("project_id"))
    .with_for_update(key_share=True)
)


async def locked_queue(db: Db, project_id: int) -> LockedQueue | None:
    """Lock the queue of a project (primary key)."""
    row = await db.row(_LOCKED, project_id=project_id)
    return _QUEUE(row) if row else None


_e = outbound_email.c
_NOW: Any = bindparam("now", type_=_e.next_at.type)
_DUE = Prepared(select(_e.project_id).where(WAITING, _e.next_at <= _NOW).distinct().limit(1000))


async def projects_with_due_mail(db: Db, now: datetime) -> list[int]:
    """Return projects whose mail has become due, in order (ix_outbound_email_waiting)."""
    return sorted(row[0] for row in await db.rows(_DUE, now=now))


_HAS_DUE = Prepared(
    select(_e.id).where(_e.project_id == bindparam("project_id"), WAITING, _e.next_at <= _NOW).limit(1)
)


async def has_due_mail(db: Db, project_id: int, now: datetime) -> bool:
    """Say whether any mail of a project is due (ix_outbound_email_due)."""
    return await db.row(_HAS_DUE, project_id=project_id, now=now) is not None
