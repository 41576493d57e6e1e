"""A project that is connected to a double of Slack, and the people who write there."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio

from parley.conversations.tickets.tests.factories import Desk
from parley.email.conftest import customer, desk
from parley.integrations.slack.tests.slack_double import (
    CLIENT_ID,
    CLIENT_SECRET,
    SECRET,
    SUPPORT,
    TEAM_ROOM,
    TOKEN,
    SlackDouble,
    event_body,
    signature,
    slack_double,
)
from parley.integrations.slack_channel.routes import PATH
from parley.kernel.jobs import Queue
from parley.kernel.services import Services
from tests.cast import Member, TestProject

__all__ = ["customer", "desk"]


@pytest_asyncio.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    async with slack_double() as made:
        yield made


@pytest.fixture
def services(services: Services, slack: SlackDouble) -> Iterator[Services]:
    """The application's services, with settings that name the double."""
    plain = services.settings
    services.settings = msgspec.structs.replace(
        plain,
        slack_api_url=slack.url,
        slack_signing_secret=SECRET,
        slack_client_id=CLIENT_ID,
        slack_client_secret=CLIENT_SECRET,
    )
    yield services
    services.settings = plain


@pytest.fixture
def queue(services: Services) -> Queue:
    return Queue(services)


class Room:
    """The workspace as a project sees it."""

    def __init__(
        self, services: Services, queue: Queue, slack: SlackDouble, desk: Desk, anonymous: httpx.AsyncClient
    ) -> None:
        self.services, self.queue, self.slack, self.desk = services, queue, slack, desk
        self._anonymous = anonymous

    @property
    def project(self) -> TestProject:
        return self.desk.project

    async def send(self, body: bytes, **headers: str) -> httpx.Response:
        """Post a body as Slack does, signed now unless the headers say otherwise."""
        now = int(self.services.clock.now().timestamp())
        signed = {"X-Slack-Request-Timestamp": str(now), "X-Slack-Signature": signature(body, now)}
        return await self._anonymous.post(
            PATH, content=body, headers={"Content-Type": "application/json", **signed, **headers}
        )

    async def deliver(self, event: dict[str, Any], *, drain: bool = True, **more: Any) -> httpx.Response:
        """Have Slack send an event, and do what follows."""
        body = event_body(event, **{"team": self.slack.team, **more})
        answer = await self.send(msgspec.json.encode(body))
        assert answer.status_code == 200, answer.text
        if drain:
            await self.queue.drain()
        return answer

    async def says(self, text: str, **more: Any) -> dict[str, Any]:
        """Let somebody write, and Slack tell of it; return the message."""
        message = self.slack.said(text, **more)
        await self.deliver(message)
        return message

    async def tickets(self) -> list[dict[str, Any]]:
        """Return the tickets that came from Slack, oldest first."""
        asked = {"channel_source": "slack", "order_by": "ticket_number"}
        found: list[dict[str, Any]] = (await self.desk.client.get(self.desk.tickets, params=asked)).json()[
            "results"
        ]
        return found

    async def messages(self, number: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (
            await self.desk.client.get(f"{self.desk.tickets}{number}/messages/")
        ).json()["results"]
        return found

    async def comment(self, id: str) -> dict[str, Any]:
        """Return a message with its context."""
        found: dict[str, Any] = (await self.desk.client.get(f"{self.desk.comments}{id}/")).json()
        return found


async def connect(member: Member, project: TestProject) -> dict[str, Any]:
    """Connect the workspace by pasting its token."""
    answer = await member.client.post(
        f"/api/projects/{project.id}/integrations/", json={"kind": "slack", "config": {"bot_token": TOKEN}}
    )
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest_asyncio.fixture
async def room(
    services: Services,
    queue: Queue,
    slack: SlackDouble,
    desk: Desk,
    anonymous: httpx.AsyncClient,
    alice: Member,
) -> Room:
    """The workspace is connected, the channel is on, and the team is told in a room of its own."""
    await connect(alice, desk.project)
    settings = {
        "slack_enabled": True,
        "slack_channel_id": SUPPORT,
        "slack_notification_channel_id": TEAM_ROOM,
    }
    answer = await alice.client.patch(
        f"/api/projects/{desk.project.id}/", json={"conversations_settings": settings}
    )
    assert answer.status_code == 200, answer.text
    return Room(services, queue, slack, desk, anonymous)
