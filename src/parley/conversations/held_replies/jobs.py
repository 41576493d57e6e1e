"""Held replies are sent when their time has come."""

from datetime import datetime
from uuid import UUID

from parley.conversations.held_replies.actions import LONGEST, QUEUE, WORK, send_due
from parley.kernel.clock import is_ahead
from parley.kernel.jobs import Work, enqueue, work
from parley.kernel.services import Services


@work(WORK, ahead_s=LONGEST.total_seconds())
async def send_held(services: Services, work: Work) -> None:
    """Send what somebody holds on a ticket, unless they have taken it back."""
    told = work.payload
    until = datetime.fromisoformat(told["until"])
    if is_ahead(until, services.clock.now(), LONGEST):
        async with services.database.transaction() as db:
            await enqueue(db, WORK, told, project_id=work.project_id, queue=QUEUE, not_before=until)
        return
    await send_due(services, work.project_id, UUID(told["ticket_id"]), told["user_id"], until)
