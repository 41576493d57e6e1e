"""A desk with a history: what it resolves and writes down is indexed at once."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest

from parley.conversations.tickets.tests.factories import Desk
from parley.kernel.jobs import Queue
from parley.knowledge.suggested_replies.actions import model as calls
from parley.knowledge.suggested_replies.tests.scripted_model import ScriptedModel
from tests.cast import Member, TestProject
from tests.receiver import receiving


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


@pytest.fixture
async def model(services, alice: Member, monkeypatch) -> AsyncIterator[ScriptedModel]:
    """A model that alice's organization has approved; waits between retries are short."""
    async with receiving() as receiver:
        made = ScriptedModel(receiver)
        settings = msgspec.structs.replace(services.settings, **made.settings)
        monkeypatch.setattr(services, "settings", settings)
        monkeypatch.setattr(calls, "RETRIES_S", (0.01, 0.02))
        path = f"/api/organizations/{alice.organization_id}/"
        answer = await alice.client.patch(path, json={"is_ai_data_processing_approved": True})
        assert answer.status_code == 200
        yield made
