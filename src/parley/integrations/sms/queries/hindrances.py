"""Why an answer by text message would not be sent."""

from uuid import UUID

from sqlalchemy import and_, select

from parley.integrations.sms.rules.numbers import may_be_answered
from parley.integrations.sms.tables import sms_contact, sms_thread
from parley.kernel.database.transaction import Db

STOPPED = "Not sent: this person has stopped text messages (STOP), until they send START."
NO_NUMBER = "Not sent: the sender of these text messages has no number that can be answered."


async def hindrance_of_text(db: Db, project_id: int, ticket_id: UUID) -> str | None:
    """Return why no text message would go out from a ticket, as a sentence (primary keys)."""
    t, k = sms_thread.c, sms_contact.c
    joined = sms_thread.join(sms_contact, and_(k.project_id == t.project_id, k.id == t.contact_id))
    wanted = select(k.number, k.opted_out_at).select_from(joined)
    row = (await db.execute(wanted.where(t.project_id == project_id, t.ticket_id == ticket_id))).first()
    if row is None:
        return None
    if row.opted_out_at is not None:
        return STOPPED
    return None if may_be_answered(row.number) else NO_NUMBER
