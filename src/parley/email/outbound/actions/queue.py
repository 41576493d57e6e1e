"""The queue of a project: its mails go out batch after batch, in one piece of work at a time, so in their order.

The queue's row is the lock. Whoever leaves a mail calls for work; whoever works looks again before it goes.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, update

from parley.email.outbound.queries.queue import has_due_mail, locked_queue, projects_with_due_mail
from parley.email.outbound.rules.retries import LONGEST_PAUSE
from parley.email.outbound.tables import WAITING, outbound_email, outbound_queue
from parley.kernel.clock import is_ahead
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import enqueue

SEND = "email.send_due"
LOST = timedelta(minutes=5)
"""Work that was asked for so long ago and hasn't begun is asked for again."""
LEASE = timedelta(minutes=20)
"""Longer than a batch can take. After that, whoever has the queue is taken for dead."""

_q = outbound_queue.c
_MINE = _q.project_id == bindparam("project_id")
_CALL = Prepared(
    update(outbound_queue).where(_MINE).values(called_at=bindparam("now", type_=_q.called_at.type))
)


async def call_for_work(db: Db, project_id: int, now: datetime) -> None:
    """Have the mails of a project sent that are due, unless work that hasn't begun will do so."""
    # Locked even where there is nothing to change: whoever leaves the queue then waits, and sees the mail.
    found = await locked_queue(db, project_id)
    if found is None:
        row = insert_for(db.dialect, outbound_queue).values(project_id=project_id)
        await db.execute(row.on_conflict_do_nothing())
        found = await locked_queue(db, project_id)
    assert found is not None
    if not is_ahead(found.called_at and found.called_at + LOST, now, LOST):
        await db.rows(_CALL, project_id=project_id, now=now)
        await enqueue(db, SEND, {}, project_id=project_id, queue="outbound")


async def call_once(db: Db, called: Sequence[tuple[int, datetime]]) -> None:
    """Have the mails of projects sent, for `before_commit`: so the queues are locked for as short as can be."""
    for project_id, now in sorted(dict(called).items()):
        await call_for_work(db, project_id, now)


_TAKE = Prepared(
    update(outbound_queue)
    .where(_MINE)
    .values(
        called_at=None,
        busy_by=bindparam("by", type_=_q.busy_by.type),
        busy_until=bindparam("until", type_=_q.busy_until.type),
    )
)


async def take_queue(db: Db, project_id: int, work_id: UUID, now: datetime) -> bool:
    """Take a project's queue for some minutes; say whether it was free, or this work's already."""
    found = await locked_queue(db, project_id)
    if found is None or (found.busy_by != work_id and is_ahead(found.busy_until, now, LEASE)):
        return False
    await db.rows(_TAKE, project_id=project_id, by=work_id, until=now + LEASE)
    return True


async def leave_queue(db: Db, project_id: int, now: datetime) -> None:
    """Let others have the queue, and call for work that goes on where more is due."""
    await locked_queue(db, project_id)
    await db.rows(_TAKE, project_id=project_id, by=None, until=None)
    if await has_due_mail(db, project_id, now):
        await call_for_work(db, project_id, now)


_BRING_FORWARD = Prepared(
    update(outbound_email)
    .where(WAITING, outbound_email.c.next_at > bindparam("latest", type_=outbound_email.c.next_at.type))
    .values(next_at=bindparam("now", type_=outbound_email.c.next_at.type))
)


async def bring_forward(db: Db, now: datetime, longest: timedelta) -> None:
    """Make mails due that wait for longer than that: they were put off under a clock that has been set back since.

    Served by ix_outbound_email_waiting.
    """
    await db.rows(_BRING_FORWARD, now=now, latest=now + longest)


async def call_for_all_due(db: Db, now: datetime) -> int:
    """Have everything sent that has become due; return for how many projects."""
    await bring_forward(db, now, LONGEST_PAUSE + LOST)
    found = await projects_with_due_mail(db, now)
    for project_id in found:
        await call_for_work(db, project_id, now)
    return len(found)
