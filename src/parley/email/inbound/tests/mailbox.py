"""A project's mailbox for tests: mails come in through a channel, as if a door had taken them in."""

from collections.abc import Sequence
from email.message import EmailMessage
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from parley.email.channels.rules import forwarding_address
from parley.email.channels.schemas import EmailChannel
from parley.email.channels.tests.channels import make_channel
from parley.email.inbound.actions.receiving import receive
from parley.email.inbound.queries.ledger import LedgerFilters, inbound_message_by_id, ledger_page
from parley.email.inbound.schemas import InboundMessageOut, IncomingMail
from parley.email.parsing.schemas import AuthenticationResult
from parley.kernel.jobs import Queue
from parley.kernel.services import Services
from tests.cast import Member

_numbers = count(1)


def mail(
    text: str = "Hello", *, sender: str = "Ada <ada@example.com>", files: Sequence[Any] = (), **headers: Any
) -> bytes:
    """Return a mail; headers are named with underscores, and None leaves one out."""
    message = EmailMessage()
    given = {
        "from": sender,
        "to": "support@example.org",
        "subject": "A question",
        "message_id": f"<{next(_numbers)}.{uuid4().hex}@example.com>",
        **headers,
    }
    for name, value in given.items():
        if value is not None:
            message[name.replace("_", "-")] = value
    message.set_content(text)
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def proof(domain: str = "example.com", result: str = "pass") -> tuple[AuthenticationResult, ...]:
    """Return what a door says of a sender whom it has verified."""
    return (AuthenticationResult("door", "spf", result, domain),)


class Mailbox:
    """One channel, and what comes in through it."""

    def __init__(self, services: Services, queue: Queue, channel: EmailChannel) -> None:
        self.services, self.queue, self.channel = services, queue, channel
        self.address = forwarding_address(channel.inbound_token, "inbound.localhost")

    async def take(self, raw: bytes, *, authentication: Any = (), **more: Any) -> UUID:
        """Receive a mail without interpreting it."""
        given: dict[str, Any] = {"source": "smtp", "recipient": self.address, **more}
        return await receive(
            self.services,
            IncomingMail(channel=self.channel, raw=raw, authentication=authentication, **given),
        )

    async def get(self, raw: bytes, **more: Any) -> InboundMessageOut:
        """Receive a mail and interpret it; return its row of the ledger."""
        id = await self.take(raw, **more)
        await self.queue.drain()
        return await self.row(id)

    async def row(self, id: UUID) -> InboundMessageOut:
        """Return a row of the ledger."""
        async with self.services.database.transaction(write=False) as db:
            return await inbound_message_by_id(db, self.channel.project_id, id)

    async def rows(self) -> list[InboundMessageOut]:
        """Return the ledger, newest first."""
        async with self.services.database.transaction(write=False) as db:
            return (await ledger_page(db, self.channel.project_id, LedgerFilters(), 1000))[0]


async def make_mailbox(services: Services, queue: Queue, member: Member, name: str = "support") -> Mailbox:
    """Connect a channel in a member's project."""
    return Mailbox(services, queue, await make_channel(services, member, name))
