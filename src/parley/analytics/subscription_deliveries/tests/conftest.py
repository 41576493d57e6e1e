"""A receiver that Parley may call, and what moves time to the next delivery."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import msgspec
import pytest
import pytest_asyncio
from sqlalchemy import update

from parley.analytics.subscriptions.tables import subscription
from parley.kernel.jobs import Queue
from parley.kernel.services import Services
from tests.receiver import Receiver, receiving

BEFORE, DUE = datetime(2022, 1, 1, tzinfo=UTC), datetime(2022, 1, 1, 9, 0, 30, tzinfo=UTC)


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


@pytest.fixture
def services(services: Services, receiver: Receiver) -> Iterator[Services]:
    """The application's services, with settings that name the receiver."""
    plain = services.settings
    allowed = frozenset({(receiver.host, receiver.port)})
    services.settings = msgspec.structs.replace(plain, allowed_hosts_out=allowed)
    yield services
    services.settings = plain


@pytest.fixture
def queue(services: Services) -> Queue:
    return Queue(services)


class Deliveries:
    """Lets time pass, and reads what was delivered."""

    def __init__(self, alice, clock, queue: Queue) -> None:
        self._alice, self._clock, self._queue = alice, clock, queue

    async def go_out(self, at: datetime = DUE) -> None:
        """Do what a server does at a time, twice."""
        self._clock.freeze(at)
        for _ in range(2):
            await self._queue.run_job("subscription_deliveries.look_for_due")
            await self._queue.drain()

    async def of(self, made, **query):
        path = f"/api/projects/@current/subscriptions/{made['id']}/deliveries/"
        answer = await self._alice.client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()["results"]


@pytest_asyncio.fixture
async def deliveries(alice, clock, queue, services, sent_mail) -> Deliveries:
    """Deliveries of this test alone: what others have left goes out before, and then no more."""
    async with services.database.transaction() as db:
        await db.execute(update(subscription).values(enabled=False))
    await queue.drain()
    sent_mail.clear()
    clock.freeze(BEFORE)
    return Deliveries(alice, clock, queue)
