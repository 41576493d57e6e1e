"""The customer of a test address writes: a mail that goes the way of every mail that comes in."""

from email.message import EmailMessage
from email.utils import format_datetime

from parley.accounts.access_levels.rules import is_at_least
from parley.conversations.ticket_api.schemas import TicketOut
from parley.email.channels.rules import forwarding_address
from parley.email.channels.schemas import EmailChannel
from parley.email.delivery.kept import TestConversation
from parley.email.delivery.schemas import MOST_OF_SUBJECT, MOST_WRITTEN
from parley.email.inbound.schemas import IncomingMail
from parley.email.letters.composing import mail_address, policy_for, references_header
from parley.email.threading.queries import message_ids_of
from parley.kernel.errors import Invalid, PermissionDenied
from parley.kernel.http.authorization import INSUFFICIENT_LEVEL
from parley.kernel.ids import new_uuid
from parley.kernel.network.emails import check_email
from parley.kernel.network.mail import one_line
from parley.kernel.services import Services
from parley.kernel.text.forms import is_blank

NO_TEXT = "Write what the customer answers."


def check_may_answer(ticket: TicketOut) -> None:
    """Raise PermissionDenied unless the caller may write on a ticket."""
    if not is_at_least(ticket.user_access_level, "editor"):
        raise PermissionDenied(INSUFFICIENT_LEVEL)


async def answer_as_customer(
    services: Services, of: TestConversation, subject: str, text: str
) -> IncomingMail:
    """Return the mail in which the customer of a conversation answers. Raises Invalid.

    Nothing proves who has written it, as nothing proves it of any mail that comes without a signature.
    """
    if of.customer is None:
        raise Invalid("No e-mail address of the customer is known: add one beside the conversation.")
    async with services.database.transaction(write=False) as db:
        thread = await message_ids_of(db, of.channel.project_id, of.ticket_id)
    mail = _mail(services, of.channel, of.customer, f"Re: {subject}" if subject else "", text)
    if thread.ids:
        mail["In-Reply-To"] = f"<{thread.ids[-1]}>"
        mail["References"] = references_header(thread.ids)
    return _incoming(services, of.channel, of.customer, mail)


def write_as_customer(
    services: Services, channel: EmailChannel, address: str, subject: str, text: str
) -> IncomingMail:
    """Return the mail in which somebody writes to a test address for the first time. Raises Invalid."""
    if not channel.is_test:
        raise Invalid("This is no test address.")
    sender = check_email(address, attr="from_address")
    return _incoming(services, channel, sender, _mail(services, channel, sender, subject, text))


def _mail(services: Services, channel: EmailChannel, sender: str, subject: str, text: str) -> EmailMessage:
    if is_blank(text) or len(text) > MOST_WRITTEN:
        raise Invalid(NO_TEXT if is_blank(text) else f"At most {MOST_WRITTEN} characters.", attr="text")
    mail = EmailMessage(policy=policy_for(sender, channel.from_email))
    mail["From"] = mail_address(sender)
    mail["To"] = mail_address(channel.from_email)
    mail["Subject"] = one_line(subject, MOST_OF_SUBJECT)
    mail["Date"] = format_datetime(services.clock.now())
    mail["Message-ID"] = f"<{new_uuid().hex}@customer.invalid>"
    mail.set_content(text)
    return mail


def _incoming(services: Services, channel: EmailChannel, sender: str, mail: EmailMessage) -> IncomingMail:
    return IncomingMail(
        channel=channel,
        source="test",
        raw=mail.as_bytes(),
        recipient=forwarding_address(channel.inbound_token, services.settings.inbound_domain),
        envelope_from=sender,
    )
