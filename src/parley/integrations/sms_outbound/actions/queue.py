"""The queue of one customer: what is for them goes out in its order, by one piece of work at a time.

The row of the contact is the lock.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, update

from parley.integrations.sms.queries.contacts import locked_contact
from parley.integrations.sms.schemas import SmsContact
from parley.integrations.sms_outbound.queries.queue import queue_of
from parley.integrations.sms_outbound.tables import sms_queue
from parley.kernel.clock import is_ahead
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import enqueue

SEND = "sms.send_to_contact"
LOST = timedelta(minutes=5)
"""Work that was asked for so long ago and hasn't begun is asked for again."""
LEASE = timedelta(minutes=3)
"""Longer than an attempt can take. After that, whoever has the queue is taken for dead."""
q = sms_queue.c


async def call_for_work(db: Db, project_id: int, contact_id: UUID, now: datetime) -> None:
    """Have the messages for a customer sent that are due, unless work that hasn't begun will do so."""
    if await locked_contact(db, project_id, contact_id) is None:
        return
    found = await queue_of(db, project_id, contact_id)
    if found and is_ahead(found.called_at and found.called_at + LOST, now, LOST):
        return
    row = insert_for(db.dialect, sms_queue).values(
        project_id=project_id, contact_id=contact_id, called_at=now
    )
    again = row.on_conflict_do_update(index_elements=["project_id", "contact_id"], set_={"called_at": now})
    await db.execute(again)
    await enqueue(db, SEND, {"contact_id": str(contact_id)}, project_id=project_id, queue="outbound")


async def take_queue(
    db: Db, project_id: int, contact_id: UUID, work_id: UUID, now: datetime
) -> SmsContact | None:
    """Lock a customer and take their queue for some minutes; None where other work is at it, or they are forgotten."""
    contact = await locked_contact(db, project_id, contact_id)
    found = await queue_of(db, project_id, contact_id)
    if contact is None or found is None:
        return None
    if found.busy_by != work_id and is_ahead(found.busy_until, now, LEASE):
        return None
    taken = {"busy_by": work_id, "busy_until": now + LEASE, "called_at": None}
    mine = and_(q.project_id == project_id, q.contact_id == contact_id)
    await db.execute(update(sms_queue).where(mine).values(taken))
    return contact


async def leave_queue(db: Db, project_id: int, contact_id: UUID, work_id: UUID) -> None:
    """Let other work have the queue; what is due by then is found by the clock."""
    mine = and_(q.project_id == project_id, q.contact_id == contact_id, q.busy_by == work_id)
    await db.execute(update(sms_queue).where(mine).values(busy_by=None, busy_until=None))
