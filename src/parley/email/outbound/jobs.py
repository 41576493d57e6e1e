"""Background work of mail that goes out."""

from datetime import timedelta
from uuid import UUID

from parley.email.outbound.actions.planning import plan_answer
from parley.email.outbound.actions.queue import bring_forward, call_for_all_due
from parley.email.outbound.rules.states import UNREAD_AT_LATEST
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Event, job, on
from parley.kernel.services import Services


@on("ticket.answered", "email.plan_answer")
async def plan_mails(db: Db, services: Services, event: Event) -> None:
    """Plan the mails by which an answer of the team reaches its people, if the project sends mail."""
    await plan_answer(db, services, event.project_id, UUID(event.payload["comment_id"]))


@job("email.call_for_due_mails", every=timedelta(seconds=10))
async def call_for_due_mails(db: Db, services: Services) -> int:
    """Have mails sent that have become due; return for how many projects. Safe to run twice."""
    return await call_for_all_due(db, services.clock.now())


@on("clock.set_back", "email.bring_mails_forward")
async def bring_mails_forward(db: Db, services: Services, _: Event) -> None:
    """Have mails sent that would wait until the time comes again at which the clock was set back."""
    await bring_forward(db, services.clock.now(), UNREAD_AT_LATEST)
