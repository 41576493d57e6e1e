"""A project that sends mail, and what has been sent by it."""

from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from parley.conversations.tickets.tables import ticket
from parley.conversations.tickets.tests.factories import Desk
from parley.email.channels.schemas import EmailChannel
from parley.email.channels.tests.channels import make_channel
from parley.email.conftest import customer, desk
from parley.email.outbound.jobs import call_for_due_mails
from parley.kernel.jobs import Queue
from parley.kernel.services import Services
from tests.cast import Member

__all__ = ["customer", "desk"]


@pytest.fixture
async def channel(services: Services, alice: Member) -> EmailChannel:
    """A verified channel of alice's project, and no other."""
    return await make_channel(services, alice, from_name="Hedgehog Support")


class Post:
    """The mail of one project."""

    def __init__(
        self, services: Services, queue: Queue, desk: Desk, channel: EmailChannel, mails: list[EmailMessage]
    ) -> None:
        self.services, self.queue, self.desk = services, queue, desk
        self.channel = channel
        self._mails = mails

    async def go_out(self) -> list[EmailMessage]:
        """Do what is due now; return the mails of the project so far, in the order in which they went."""
        await self.queue.drain()
        async with self.services.database.transaction() as db:
            await call_for_due_mails(db, self.services)
        await self.queue.drain()
        return self.sent

    @property
    def sent(self) -> list[EmailMessage]:
        return [one for one in self._mails if self.channel.from_email in str(one["From"])]

    async def ticket(self, address: str = "ada@example.com", **fields: Any) -> dict[str, Any]:
        """Open a ticket that came in by mail."""
        opened = await self.desk.open(email=address, **fields)
        mine = (ticket.c.project_id == self.desk.project.id, ticket.c.id == UUID(opened["id"]))
        by_mail = {"channel_source": "email", "email_from": address, "email_channel_id": self.channel.id}
        async with self.services.database.transaction() as db:
            await db.execute(update(ticket).where(*mine).values(**by_mail))
        return opened

    async def status(self, message: dict[str, Any]) -> str | None:
        """Return what a message says of its mail."""
        answer = await self.desk.client.get(self.desk.comments, params={"item_id": message["item_id"]})
        [found] = [one for one in answer.json()["results"] if one["id"] == message["id"]]
        status: str | None = found["item_context"].get("email_delivery_status")
        return status


@pytest.fixture
def post(
    services: Services, queue: Queue, desk: Desk, channel: EmailChannel, sent_mail: list[EmailMessage]
) -> Post:
    return Post(services, queue, desk, channel, sent_mail)
