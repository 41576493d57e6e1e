"""Tickets and messages for tests, made through the API that everybody uses."""

from typing import Any

import httpx

from tests.cast import Member, TestProject


class Desk:
    """What a member of the team does with tickets; each method returns the body of an answer that went well."""

    def __init__(self, member: Member, project: TestProject) -> None:
        self.client: httpx.AsyncClient = member.client
        self.project = project
        self.tickets = project.tickets
        self.comments = f"/api/projects/{project.id}/comments/"

    async def open(self, **fields: Any) -> dict[str, Any]:
        """Open a ticket; it needs no arguments."""
        return self._body(
            await self.client.post(self.tickets, json={"distinct_id": "visitor", **fields}), 201
        )

    async def ticket(self, id: str | int) -> dict[str, Any]:
        """Return a ticket as retrieving shows it; this marks it as read."""
        return self._body(await self.client.get(f"{self.tickets}{id}/"), 200)

    async def listed(self, **query: Any) -> dict[str, Any]:
        """Return a page of the list."""
        return self._body(await self.client.get(self.tickets, params=query), 200)

    async def numbers(self, **query: Any) -> list[int]:
        """Return the numbers of the tickets of a page."""
        return [ticket["ticket_number"] for ticket in (await self.listed(**query))["results"]]

    async def change(self, id: str | int, **fields: Any) -> dict[str, Any]:
        """Change a ticket."""
        return self._body(await self.client.patch(f"{self.tickets}{id}/", json=fields), 200)

    async def delete(self, id: str | int) -> None:
        """Delete a ticket."""
        assert (await self.client.delete(f"{self.tickets}{id}/")).status_code == 204

    async def unread(self) -> int:
        """Return the team's number of unread messages."""
        count: int = self._body(await self.client.get(f"{self.tickets}unread_count/"), 200)["count"]
        return count

    async def say(self, ticket: dict[str, Any], content: str, **context: Any) -> dict[str, Any]:
        """Post a message on a ticket, a public reply of the team unless the context says otherwise."""
        context = {"author_type": "support", "is_private": False, **context}
        body = {"scope": "conversations_ticket", "item_id": ticket["id"], "content": content}
        return self._body(await self.client.post(self.comments, json={**body, "item_context": context}), 201)

    async def edit(self, comment: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """Change a comment."""
        return self._body(await self.client.patch(f"{self.comments}{comment['id']}/", json=fields), 200)

    @staticmethod
    def _body(answer: httpx.Response, status: int) -> dict[str, Any]:
        assert answer.status_code == status, answer.text
        body: dict[str, Any] = answer.json()
        return body
