"""A desk with a history: what it resolves and writes down is indexed at once."""

from typing import Any

import httpx
import pytest

from parley.conversations.tickets.tests.factories import Desk
from parley.kernel.jobs import Queue
from tests.cast import Member, TestProject


class AnsweringDesk(Desk):
    """A desk that resolves tickets and asks for suggestions."""

    queue: Queue

    async def ask(self, message: str, **fields: Any) -> dict[str, Any]:
        """Open a ticket with a message of its customer."""
        return await self.open(message=message, **fields)

    async def resolve(self, question: str, answer: str, **fields: Any) -> dict[str, Any]:
        """Open a ticket, answer it and resolve it; it is in the index afterwards."""
        opened = await self.ask(question, **fields)
        await self.say(opened, answer)
        await self.change(opened["id"], status="resolved")
        await self.queue.drain()
        return opened

    async def suggest(self, ticket: dict[str, Any], member: Member | None = None) -> dict[str, Any]:
        """Return what is suggested for a ticket."""
        return self._body(await self.suggest_answer(ticket, member), 200)

    async def suggest_answer(self, ticket: dict[str, Any], member: Member | None = None) -> httpx.Response:
        """Return the answer of the route, whatever it is."""
        client = member.client if member else self.client
        return await client.post(f"{self.tickets}{ticket['id']}/suggest_reply/")

    async def suggested(self, question: str, **fields: Any) -> dict[str, Any]:
        """Open a ticket with this question and return what is suggested for it."""
        return await self.suggest(await self.ask(question, **fields))


@pytest.fixture
def desk(alice: Member, project: TestProject, queue: Queue) -> AnsweringDesk:
    """What alice does in her project."""
    made = AnsweringDesk(alice, project)
    made.queue = queue
    return made
