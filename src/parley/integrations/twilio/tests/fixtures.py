"""A double of Twilio that Parley calls, and an account that is connected there."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec
import pytest
import pytest_asyncio

from parley.integrations.twilio.tests.double import INBOUND, OWN, SITE, TwilioDouble
from parley.kernel.jobs import Queue
from parley.kernel.services import Services
from tests.cast import TestProject
from tests.receiver import Receiver, receiving

__all__ = ["account", "api_of_twilio", "line", "phone", "queue", "services", "twilio"]


@pytest_asyncio.fixture
async def api_of_twilio() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


@pytest.fixture
def twilio(api_of_twilio: Receiver) -> TwilioDouble:
    made = TwilioDouble()
    api_of_twilio.respond = made.respond
    return made


@pytest.fixture
def services(services: Services, api_of_twilio: Receiver) -> Iterator[Services]:
    """The application's services, with a setting that names the double."""
    plain = services.settings
    base = f"http://{api_of_twilio.host}:{api_of_twilio.port}"
    services.settings = msgspec.structs.replace(plain, twilio_api_url=base)
    yield services
    services.settings = plain


@pytest.fixture
def queue(services: Services) -> Queue:
    return Queue(services)


@pytest_asyncio.fixture
async def account(
    api: httpx.AsyncClient, project: TestProject, twilio: TwilioDouble, services: Services
) -> Any:
    """An account that is connected, as the API shows it."""
    answer = await api.post(
        f"/api/projects/{project.id}/integrations/", json={"kind": "twilio", "config": twilio.config}
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest_asyncio.fixture
async def line(api: httpx.AsyncClient, project: TestProject, account: Any) -> Any:
    """A number of the account that is a channel."""
    answer = await api.post(
        f"/api/projects/{project.id}/conversations/sms_channels",
        json={"integration_id": account["id"], "phone_number": OWN},
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


class Phone:
    """The customer's phone, and Twilio between it and Parley."""

    def __init__(self, client: httpx.AsyncClient, twilio: TwilioDouble, queue: Queue) -> None:
        self._client, self._twilio, self._queue = client, twilio, queue
        self._n_sent = 0

    async def send(self, body: str, **more: str) -> httpx.Response:
        """Send a message, and have everything done that follows."""
        self._n_sent += 1
        answer = await self.post(INBOUND, self._twilio.message(body, self._n_sent, **more))
        await self._queue.drain()
        return answer

    async def post(self, path: str, fields: dict[str, str], token: str | None = None) -> httpx.Response:
        headers = self._twilio.signed(SITE + path, fields, token)
        return await self._client.post(path, content=urlencode(fields), headers=headers)


@pytest.fixture
def phone(anonymous: httpx.AsyncClient, twilio: TwilioDouble, queue: Queue, line: Any) -> Phone:
    return Phone(anonymous, twilio, queue)
