"""Messages are settled, and the answers that they are of say so."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, update

from parley.conversations.ticket_changes.actions.announcing import announce
from parley.conversations.ticket_changes.rules.changes import message_edited
from parley.conversations.ticket_changes.rules.log import TicketRef
from parley.conversations.tickets.actions.messages import set_context
from parley.conversations.tickets.queries.messages import locked_context
from parley.conversations.tickets.rules.comments import SMS_DETAIL_KEY, SMS_STATUS_KEY
from parley.integrations.sms.queries.contacts import stopped_beside
from parley.integrations.sms_outbound.queries.messages import states_of_answer
from parley.integrations.sms_outbound.rules.states import (
    SENTENCES,
    DeliveryStatus,
    Reason,
    State,
    delivery_status,
)
from parley.integrations.sms_outbound.tables import sms_message
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services


async def settle_all(
    db: Db,
    services: Services,
    project_id: int,
    wanted: ColumnElement[bool],
    state: State,
    reason: Reason,
    detail: str,
) -> int:
    """End messages without another attempt, and forget their words; return how many. Their answers say so."""
    values: dict[str, Any] = {
        "state": state, "reason": reason, "detail": detail or None, "body": "", "next_at": None,
        "finished_at": services.clock.now(),
    }  # fmt: skip
    ended = update(sms_message).where(wanted).values(values).returning(sms_message.c.comment_id)
    found = list((await db.execute(ended)).scalars())
    for comment_id in sorted(set(found)):
        await show_sms_status(db, services, project_id, comment_id)
    return len(found)


async def settle_opted_out(db: Db, services: Services, project_id: int, contact_id: UUID) -> None:
    """Give up what waits for a customer who has opted out; what has been begun may be with Twilio. Safe to repeat."""
    m = sms_message.c
    waits = or_(m.state == "waiting", m.state == "held")
    theirs = m.contact_id.in_(await stopped_beside(db, project_id, contact_id))
    mine = and_(m.project_id == project_id, theirs, waits)
    await settle_all(db, services, project_id, mine, "failed", "opted_out", SENTENCES["opted_out"])


async def show_sms_status(db: Db, services: Services, project_id: int, comment_id: UUID) -> None:
    """Have an answer say what has become of its messages. Safe to repeat."""
    states = await states_of_answer(db, project_id, comment_id)
    status = delivery_status([state for state, _ in states])
    detail = next((text for state, text in states if text and state in ("failed", "held")), None)
    await note_sms_status(db, services, project_id, comment_id, status, detail)


async def note_sms_status(
    db: Db,
    services: Services,
    project_id: int,
    comment_id: UUID,
    status: DeliveryStatus | None,
    detail: str | None = None,
) -> None:
    """Note in the context of an answer what becomes of it, and in a sentence why. Safe to repeat."""
    found = await locked_context(db, project_id, comment_id)
    if found is None:
        return
    before, ticket_id, number = found
    after = {key: value for key, value in before.items() if key not in (SMS_STATUS_KEY, SMS_DETAIL_KEY)}
    if status is not None:
        after |= {SMS_STATUS_KEY: status, **({SMS_DETAIL_KEY: detail} if detail else {})}
    if after != before:
        await set_context(db, project_id, comment_id, after)
        await announce(db, services, message_edited(TicketRef(project_id, ticket_id, number), comment_id))
