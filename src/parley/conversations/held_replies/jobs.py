"""Held replies are sent when their time has come."""

from datetime import datetime
from uuid import UUID

from parley.conversations.held_replies.actions import WORK, send_due
from parley.kernel.jobs import Work, work
from parley.kernel.services import Services


@work(WORK)
async def send_held(services: Services, work: Work) -> None:
    """Send what somebody holds on a ticket, unless they have taken it back."""
    told = work.payload
    until = datetime.fromisoformat(told["until"])
    await send_due(services, work.project_id, UUID(told["ticket_id"]), told["user_id"], until)
