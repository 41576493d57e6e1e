"""Background work of text messages that go out."""

from datetime import timedelta
from uuid import UUID

from parley.integrations.sms.actions.contacts import OPTED_OUT
from parley.integrations.sms_outbound.actions.planning import plan_answer
from parley.integrations.sms_outbound.actions.queue import SEND, call_for_work
from parley.integrations.sms_outbound.actions.sending import send_to_contact
from parley.integrations.sms_outbound.actions.status import settle_opted_out
from parley.integrations.sms_outbound.queries.messages import contacts_with_due_texts
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Event, Work, job, on, work
from parley.kernel.services import Services

MOST_CONTACTS = 200


@on("ticket.answered", "sms.plan_answer")
async def plan_texts(db: Db, services: Services, event: Event) -> None:
    """Plan the messages by which an answer of the team reaches a customer who writes by text message."""
    await plan_answer(db, services, event.project_id, UUID(event.payload["comment_id"]))


@on(OPTED_OUT, "sms.stop_waiting_texts")
async def stop_waiting_texts(db: Db, services: Services, event: Event) -> None:
    """Give up what waits for a customer who has opted out."""
    await settle_opted_out(db, services, event.project_id, UUID(event.payload["contact_id"]))


@work(SEND, timeout_s=300)
async def send_texts(services: Services, work: Work) -> None:
    """Send what is due for one customer."""
    await send_to_contact(services, work)


@job("sms.call_for_due_texts", every=timedelta(seconds=15))
async def call_for_due_texts(db: Db, services: Services) -> int:
    """Have messages sent that have become due, or were left by a crash; return to how many customers. Safe to run twice."""
    now = services.clock.now()
    found = await contacts_with_due_texts(db, now, limit=MOST_CONTACTS)
    for project_id, contact_id in sorted(found):
        await call_for_work(db, project_id, contact_id, now)
    return len(found)
