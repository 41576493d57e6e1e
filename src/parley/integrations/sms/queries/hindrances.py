"""Why an answer by text message would not be sent."""

from uuid import UUID

from parley.integrations.sms.queries.contacts import contact_of_ticket, has_opted_out
from parley.integrations.sms.rules.numbers import may_be_answered
from parley.kernel.database.transaction import Db

STOPPED = "Not sent: this person has stopped text messages (STOP), until they send START."
NO_NUMBER = "Not sent: the sender of these text messages has no number that can be answered."


async def hindrance_of_text(db: Db, project_id: int, ticket_id: UUID) -> str | None:
    """Return why no text message would go out from a ticket, as a sentence."""
    contact = await contact_of_ticket(db, project_id, ticket_id)
    if contact is None:
        return None
    if await has_opted_out(db, contact):
        return STOPPED
    return None if may_be_answered(contact.number) else NO_NUMBER
