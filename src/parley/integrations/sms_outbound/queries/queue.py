"""The queue of one customer."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select

from parley.integrations.sms_outbound.tables import sms_queue
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db


class SmsQueue(msgspec.Struct, frozen=True):
    """When work was called for, and who is at it."""

    called_at: datetime | None
    busy_by: UUID | None
    busy_until: datetime | None


_QUEUE = StructColumns(SmsQueue, sms_queue)


async def queue_of(db: Db, project_id: int, contact_id: UUID) -> SmsQueue | None:
    """Return the queue of a customer whose contact is locked (primary key)."""
    mine = (sms_queue.c.project_id == project_id, sms_queue.c.contact_id == contact_id)
    row = (await db.execute(select(*_QUEUE.columns).where(*mine))).first()
    return _QUEUE(row) if row else None
