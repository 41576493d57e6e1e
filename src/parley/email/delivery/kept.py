"""Mails from test addresses: as they would have gone out, made anew from the conversation each time they are looked at."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from uuid import UUID

import msgspec
from markupsafe import Markup

from parley.conversations.ticket_api.schemas import TicketOut
from parley.email.channels.queries import channel_by_id
from parley.email.channels.schemas import EmailChannel
from parley.email.delivery.outgoing import Outgoing, outgoing_mails
from parley.email.letters.composing import mail_of
from parley.email.outbound.queries.kept import kept_emails
from parley.email.reply_routes.queries import answered_ticket
from parley.email.reply_routes.rules import address_of
from parley.kernel.services import Services
from parley.kernel.text.safe_html import sanitized

SHOWN_HEADERS = ("From", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "Reply-To", "X-Loop")
SHOWN_SOURCE = 20_000
"""Characters of a mail's source."""


class TestConversation(msgspec.Struct, frozen=True):
    """A conversation of a test address, and where its customer would write from."""

    __test__ = False  # no class of tests

    ticket_id: UUID
    ticket_number: int
    channel: EmailChannel
    customer: str | None


class KeptEmail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that was kept: its headers, what it says, its files by name, and the beginning of its source without them."""

    id: UUID
    subject: str
    to: str
    at: datetime
    headers: Sequence[tuple[str, str]]
    html: Markup
    text: str
    files: Sequence[str]
    source: str


async def test_conversation(
    services: Services, project_id: int, ticket: TicketOut
) -> TestConversation | None:
    """Return a conversation of a test address that is connected; None for every other."""
    async with services.database.transaction(write=False) as db:
        found = await answered_ticket(db, project_id, ticket.id)
        if found is None or found.email_channel_id is None:
            return None
        channel = await channel_by_id(db, project_id, found.email_channel_id)
    if channel is None or not channel.is_test:
        return None
    return TestConversation(found.id, found.number, channel, address_of(found))


async def kept_mails(services: Services, of: TestConversation) -> list[KeptEmail]:
    """Return the latest mails of a conversation, newest first: without what is in their files, and not signed.

    They are made anew for each look, in a thread.
    """
    channel = of.channel
    async with services.database.transaction(write=False) as db:
        found = await kept_emails(db, channel.project_id, of.ticket_id, channel.id)
        mails = await outgoing_mails(db, services, channel.project_id, found)
    return await asyncio.to_thread(lambda: [_kept(one) for one in mails])


def _kept(mail: Outgoing) -> KeptEmail:
    at = mail.email.created_at
    raw = mail_of(msgspec.structs.replace(mail.letter, at=at)).as_bytes()
    read = message_from_bytes(raw, EmailMessage, policy=default)
    assert isinstance(read, EmailMessage)
    return KeptEmail(
        id=mail.email.id,
        subject=mail.email.subject,
        to=mail.letter.to,
        at=at,
        headers=[(name, str(read[name])) for name in SHOWN_HEADERS if read[name]],
        html=Markup(sanitized(_body(read, "html"))),  # noqa: S704 - it is sanitised
        text=_body(read, "plain"),
        files=[one.name for one in mail.files],
        source=raw[:SHOWN_SOURCE].decode("utf-8", "replace"),
    )


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return str(part.get_content()) if part is not None else ""
