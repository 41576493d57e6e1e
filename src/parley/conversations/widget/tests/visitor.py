"""A visitor of alice's site, as the SDK would send their requests."""

from typing import Any
from uuid import uuid4

import httpx

from parley.conversations.widget.rules.identity import signature
from tests.cast import TestProject

PREFIX = "/api/conversations/v1/widget"


class Browser:
    """One browser: a session of its own, and optionally an identity that the site's server signed."""

    def __init__(self, client: httpx.AsyncClient, project: TestProject, identity: str | None = None) -> None:
        self.client = client
        self.project = project
        self.headers = {"X-Conversations-Token": project.widget_token}
        if identity is None:
            self.credentials = {"widget_session_id": str(uuid4())}
        else:
            digest = signature(project.secret_api_token, identity)
            self.credentials = {"identity_distinct_id": identity, "identity_hash": digest}
        self.distinct_id = identity or f"anonymous-{uuid4()}"

    async def send(self, message: Any = "Hello?", **more: Any) -> httpx.Response:
        """POST a message; `more` replaces fields."""
        body = {"message": message, "distinct_id": self.distinct_id, "traits": {}, **self.credentials, **more}
        return await self.client.post(f"{PREFIX}/message", json=body, headers=self.headers)

    async def opened(self, message: str = "Hello?", **more: Any) -> str:
        """Open a ticket and return its id."""
        answer = await self.send(message, **more)
        assert answer.status_code == 200, answer.text
        ticket_id: str = answer.json()["ticket_id"]
        return ticket_id

    async def thread(self, ticket_id: str, **query: Any) -> httpx.Response:
        return await self.client.get(
            f"{PREFIX}/messages/{ticket_id}", params={**self.credentials, **query}, headers=self.headers
        )

    async def texts(self, ticket_id: str) -> list[str]:
        """Return the texts of a thread that must be readable."""
        answer = await self.thread(ticket_id)
        assert answer.status_code == 200, answer.text
        return [message["content"] for message in answer.json()["messages"]]

    async def tickets(self, **query: Any) -> httpx.Response:
        return await self.client.get(
            f"{PREFIX}/tickets", params={**self.credentials, **query}, headers=self.headers
        )

    async def ticket_ids(self, **query: Any) -> list[str]:
        """Return the ids in the visitor's list, in its order."""
        answer = await self.tickets(**query)
        assert answer.status_code == 200, answer.text
        return [ticket["id"] for ticket in answer.json()["results"]]

    async def read(self, ticket_id: str, **more: Any) -> httpx.Response:
        return await self.client.post(
            f"{PREFIX}/messages/{ticket_id}/read", json={**self.credentials, **more}, headers=self.headers
        )


async def reply(
    api: httpx.AsyncClient, project: TestProject, ticket_id: str, text: str, **context: Any
) -> str:
    """Answer as the team does; `is_private=True` makes it a note. Return the message's id."""
    body = {
        "content": text,
        "scope": "conversations_ticket",
        "item_id": ticket_id,
        "item_context": {"author_type": "support", "is_private": False, **context},
    }
    answer = await api.post(f"/api/projects/{project.id}/comments/", json=body)
    assert answer.status_code == 201, answer.text
    message_id: str = answer.json()["id"]
    return message_id
