"""Fixtures of the tickets' tests."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from parley.accounts.access_levels.queries.rights import rights_of
from parley.accounts.authentication.authenticator import CachingAuthenticator
from parley.conversations.threads.actions.messages import receive_message
from parley.conversations.threads.rules import Visitor
from parley.conversations.threads.schemas import CustomerMessage, Received
from parley.conversations.tickets.tests.factories import Desk
from parley.kernel.http.authorization import Project
from parley.kernel.services import Services
from tests.cast import Member, TestProject


@pytest.fixture
def desk(alice: Member, project: TestProject) -> Desk:
    """Alice at work in her project."""
    return Desk(alice, project)


class Customer:
    """A visitor with a session of their own, whose messages come in without any channel around them."""

    def __init__(self, services: Services, project: TestProject) -> None:
        self.services = services
        self.project_id = project.id
        self.session = uuid4()
        self.settings: dict[str, Any] = {}

    async def project(self) -> Project:
        """Return the project as requests see it, with the settings of this test on top."""
        found = await CachingAuthenticator(self.services, rights_of).project(self.project_id)
        assert found is not None
        return Project(
            **{name: getattr(found, name) for name in Project.__struct_fields__ if name != "settings"},
            settings={**found.settings, **self.settings},
        )

    async def write(self, content: str, ticket_id: UUID | None = None, **fields: Any) -> Received:
        """Send a message, on a new ticket unless one is named."""
        given: dict[str, Any] = {
            "ticket_id": ticket_id,
            "widget_session_id": self.session,
            "distinct_id": "visitor",
            "content": content,
            "traits": {},
            "session_id": None,
            "session_context": {},
            "identity_verified": False,
        }
        project = fields.pop("project", None) or await self.project()
        sent = CustomerMessage(**{**given, **fields})
        async with self.services.database.transaction() as db:
            visitor = Visitor(widget_session_id=self.session)
            return await receive_message(db, self.services, project, sent, visitor)


@pytest.fixture
def customer(services: Services, project: TestProject) -> Customer:
    """A customer of alice's project."""
    return Customer(services, project)
