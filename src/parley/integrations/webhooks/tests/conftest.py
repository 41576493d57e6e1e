"""A receiver that Parley may call although it is on a loopback address, and a queue that may call it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any
from uuid import uuid4

import msgspec
import pytest
import pytest_asyncio

from parley.kernel.jobs import Queue, emit
from parley.kernel.services import Services
from tests.cast import TestProject
from tests.receiver import Receiver, receiving

CREATED = "$conversation_ticket_created"


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


@pytest_asyncio.fixture
async def other() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


@pytest.fixture
def services(services: Services, receiver: Receiver, other: Receiver) -> Iterator[Services]:
    """The application's services, with settings that name the receivers."""
    plain = services.settings
    allowed = frozenset({(one.host, one.port) for one in (receiver, other)})
    services.settings = msgspec.structs.replace(plain, allowed_hosts_out=allowed)
    yield services
    services.settings = plain


@pytest.fixture
def queue(services: Services) -> Queue:
    return Queue(services)


@pytest.fixture
def path(project: TestProject) -> str:
    return f"/api/projects/{project.id}/webhooks/"


@pytest.fixture
def add(api, path, services, receiver) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Make a webhook to the receiver, or as the fields say; return it."""

    async def made(**fields: Any) -> dict[str, Any]:
        answer = await api.post(path, json={"url": receiver.url, **fields})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return made


@pytest.fixture
def happen(services: Services, project: TestProject) -> Callable[..., Awaitable[str]]:
    """Let an event be captured in the project; return its uuid."""

    async def captured(event: str = CREATED, project_id: int | None = None, **properties: Any) -> str:
        id = str(uuid4())
        payload = {
            "event": event,
            "distinct_id": "ada",
            "properties": {"ticket_number": 1, **properties},
            "timestamp": services.clock.now().isoformat().replace("+00:00", "Z"),
            "uuid": id,
        }
        async with services.database.transaction() as db:
            await emit(db, "project.event_captured", payload, project_id=project_id or project.id)
        return id

    return captured


@pytest.fixture
def log_of(api, path) -> Callable[..., Awaitable[list[dict[str, Any]]]]:
    """Return the deliveries of a webhook, oldest first."""

    async def deliveries(webhook: dict[str, Any], **query: str) -> list[dict[str, Any]]:
        answer = await api.get(f"{path}{webhook['id']}/deliveries/", params=query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["results"]
        return found[::-1]

    return deliveries
