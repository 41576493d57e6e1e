"""Fixtures for whoever tests levels."""

from typing import Any

import httpx
import pytest

from parley.conversations.tickets.tests.factories import Desk
from tests.cast import Member, TestProject


class Keeper:
    """Sets levels as alice, the owner, does; each method returns the body of an answer that went well."""

    def __init__(self, alice: Member, project: TestProject) -> None:
        self.client: httpx.AsyncClient = alice.client
        self.organization = f"/api/organizations/{alice.organization_id}"
        self.of_all = f"/api/projects/{project.id}/resource_access_controls/"
        self.tickets = project.tickets

    async def everywhere(self, level: str | None, **holder: Any) -> dict[str, Any]:
        """Set a level on all tickets, for everybody unless somebody is named."""
        body = {"resource": "ticket", "access_level": level, **holder}
        return self._body(await self.client.put(self.of_all, json=body))

    async def on(self, ticket: dict[str, Any], level: str | None, **holder: Any) -> dict[str, Any]:
        """Set a level on one ticket."""
        url = f"{self.tickets}{ticket['id']}/access_controls/"
        return self._body(await self.client.put(url, json={"access_level": level, **holder}))

    async def member(self, member: Member) -> dict[str, str]:
        """Return what names a member in a body."""
        found = self._body(await self.client.get(f"{self.organization}/members/{member.user_uuid}/"))
        return {"organization_member": found["id"]}

    async def role(self, name: str, *members: Member) -> dict[str, str]:
        """Make a role that these members have; return what names it in a body."""
        made = self._body(await self.client.post(f"{self.organization}/roles/", json={"name": name}), 201)
        for member in members:
            await self.give(made["id"], member)
        return {"role": made["id"]}

    async def give(self, role_id: str, member: Member) -> str:
        """Give a role to a member; return the URL under which it can be taken again."""
        url = f"{self.organization}/roles/{role_id}/role_memberships/"
        given = self._body(await self.client.post(url, json={"user_uuid": str(member.user_uuid)}), 201)
        return f"{url}{given['id']}/"

    @staticmethod
    def _body(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
        assert answer.status_code == status, answer.text
        body: dict[str, Any] = answer.json()
        return body


@pytest.fixture
def keeper(alice: Member, project: TestProject) -> Keeper:
    """Alice, who sets levels."""
    return Keeper(alice, project)


@pytest.fixture
def desk(alice: Member, project: TestProject) -> Desk:
    """Alice at work in her project."""
    return Desk(alice, project)


@pytest.fixture
def bobs(bob: Member, project: TestProject) -> Desk:
    """Bob, a member, at work in the same project."""
    return Desk(bob, project)
