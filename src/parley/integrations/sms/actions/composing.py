"""The team begins a conversation by text message: what is said on its ticket goes out like every answer."""

from collections.abc import Sequence
from uuid import UUID

from parley.accounts.access_levels.queries.levels import levels_of
from parley.accounts.access_levels.rules import is_at_least
from parley.conversations.ticket_changes.rules.events import OpenedTicket
from parley.email.compose.other_channels import TextSender
from parley.integrations.sms.actions.contacts import contact_for
from parley.integrations.sms.actions.placing import insert_thread, new_ticket, open_ticket_of
from parley.integrations.sms.queries.channels import sms_channel_by_id, sms_channels_of
from parley.integrations.sms.queries.contacts import has_opted_out
from parley.integrations.sms.rules.numbers import e164_of, shown_number
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid, NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services

NO_NUMBER = "Write the phone number with the code of its country, such as +1 500 555 0006."
NO_CHANNEL = "This number takes no text messages for the project any more. Choose another one."
STOPPED = "This person has stopped text messages (STOP). They get none until they send START; write to them another way."
NOT_YOURS = (
    "There is a conversation with this number that you may not write in, and what its customer says next belongs there. "
    "Ask an admin, or choose another of your numbers."
)
OWN = "This is a number of the project itself. Write to somebody else's."


async def senders(db: Db, project_id: int) -> Sequence[TextSender]:
    """Return the project's numbers, oldest first."""
    return [
        TextSender(one.id, shown_number(one.number), one.name)
        for one in await sms_channels_of(db, project_id)
    ]


def recipient_number(text: str) -> str:
    """Return a number in the form of E.164; raises Invalid for what is none."""
    number = e164_of(text)
    if number is None:
        raise Invalid(NO_NUMBER, attr="recipient_phone")
    return number


async def open_text_ticket(
    db: Db, services: Services, actor: Actor, channel_id: UUID, number: str
) -> OpenedTicket:
    """Open a ticket whose answers go to a number, and which its next message continues.

    Raises Invalid for who has stopped messages from any number of the project, for a channel that is none, and for a
    number whose open conversation the caller may not write in.
    """
    project_id = actor.project_id
    try:
        channel = await sms_channel_by_id(db, project_id, channel_id)
    except NotFound as error:
        raise Invalid(NO_CHANNEL, attr="sms_channel_id") from error
    if any(one.number == number for one in await sms_channels_of(db, project_id)):
        raise Invalid(OWN, attr="recipient_phone")
    contact = await contact_for(db, services, project_id, channel.number, number)
    if await has_opted_out(db, contact):  # Twilio would let another number of ours through
        raise Invalid(STOPPED, code="opted_out", attr="recipient_phone")
    # Their next message continues the new conversation, and so is taken from the one before.
    before = await open_ticket_of(db, actor.project, contact, reopens=True)
    if before is not None and not is_at_least((await levels_of(db, actor, [before.id]))[before.id], "editor"):
        raise Invalid(NOT_YOURS, attr="recipient_phone")
    opened = await new_ticket(db, actor.project, contact, "open", services.clock.now(), None)
    await insert_thread(db, contact, opened.id)
    return opened
