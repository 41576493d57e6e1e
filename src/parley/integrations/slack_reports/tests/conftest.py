"""A project whose subscriptions go to a double of Slack."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from parley.analytics.subscription_deliveries.tests.conftest import deliveries
from parley.integrations.slack.tests.slack_double import SUPPORT, TOKEN, SlackDouble, slack_double
from parley.kernel.jobs import Queue
from parley.kernel.services import Services
from tests.cast import Member
from tests.plain_browser import PlainBrowser, window_of

__all__ = ["deliveries"]
CHANNEL = f"{SUPPORT}|#support"


@pytest_asyncio.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    async with slack_double() as made:
        yield made


@pytest.fixture
def services(services: Services, slack: SlackDouble) -> Iterator[Services]:
    """The application's services, with settings that name the double."""
    plain = services.settings
    services.settings = msgspec.structs.replace(plain, slack_api_url=slack.url)
    yield services
    services.settings = plain


@pytest.fixture
def queue(services: Services) -> Queue:
    return Queue(services)


async def connect(member: Member) -> dict[str, Any]:
    """Connect the workspace to the member's project by its token."""
    body = {"kind": "slack", "config": {"bot_token": TOKEN}}
    answer = await member.client.post("/api/projects/@current/integrations/", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest_asyncio.fixture
async def target(alice: Member, services: Services) -> dict[str, Any]:
    """The support channel of the workspace, to which alice's project is connected."""
    made = await connect(alice)
    return {"target_type": "slack", "target_value": CHANNEL, "integration_id": made["id"]}


@pytest.fixture
async def window(alice: Member, cast: Any) -> PlainBrowser:
    return await window_of(cast, alice)
