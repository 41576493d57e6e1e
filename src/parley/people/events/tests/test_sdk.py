"""PostHog's own Python SDK against the program as people run it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import pytest_asyncio
from posthog import Posthog

from tests.parley_server import ParleyServer, Project, migrated_postgres_url

pytestmark = pytest.mark.sdk


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ParleyServer]:
    settings = {"PARLEY_DATABASE_URL": migrated_postgres_url()} if request.param == "postgresql" else {}
    made = ParleyServer(tmp_path_factory.mktemp("sdk"), settings)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def shop(server: ParleyServer) -> Project:
    return server.bootstrap("owner@example.com")


@pytest_asyncio.fixture
async def api(server: ParleyServer, shop: Project) -> AsyncIterator[httpx.AsyncClient]:
    async with server.client(shop) as client:
        yield client


class Sdk:
    """An SDK client whose faults fail the test."""

    def __init__(self, server: ParleyServer, shop: Project, **options) -> None:
        self.faults: list[object] = []
        self.client = Posthog(
            shop.project_token, host=server.url, on_error=lambda *fault: self.faults.append(fault), **options
        )

    async def finish(self) -> None:
        await asyncio.to_thread(self.client.shutdown)
        assert self.faults == []


async def events_of(api, shop, distinct_id):
    answer = await api.get(f"/api/projects/{shop.project_id}/events/", params={"distinct_id": distinct_id})
    return answer.json()["results"]


async def person_of(api, shop, distinct_id):
    answer = await api.get(f"/api/projects/{shop.project_id}/persons/{distinct_id}/")
    return answer.json()


@pytest.mark.parametrize("options", [{"gzip": False}, {"gzip": True}, {"sync_mode": True}])
async def test_events_and_properties_arrive(server, shop, api, options):
    user = f"user-{'-'.join(options)}-{options.get('gzip')}"
    sdk = Sdk(server, shop, **options)
    happened = datetime.now(UTC) - timedelta(hours=2)

    def work():
        sdk.client.capture(
            "signed up", distinct_id=user, properties={"plan": "pro", "größe": "😀"}, timestamp=happened
        )
        sdk.client.set(distinct_id=user, properties={"email": f"{user}@Example.com", "visits": 1})
        sdk.client.set_once(distinct_id=user, properties={"visits": 9, "source": "ad"})

    await asyncio.to_thread(work)
    await sdk.finish()
    events = {event["event"]: event for event in await events_of(api, shop, user)}
    assert set(events) == {"signed up", "$set"} or set(events) == {"signed up", "$set", "$set_once"}
    first = events["signed up"]
    assert first["properties"]["größe"] == "😀"
    assert first["properties"]["$lib"] == "posthog-python"
    assert abs(datetime.fromisoformat(first["timestamp"]) - happened) < timedelta(seconds=20)
    person = await person_of(api, shop, user)
    assert person["properties"]["email"] == f"{user}@Example.com"
    assert (person["properties"]["visits"], person["properties"]["source"]) == (1, "ad")


async def test_an_alias_joins_two_ids(server, shop, api):
    sdk = Sdk(server, shop, sync_mode=True)

    def work():
        sdk.client.capture("seen", distinct_id="visitor-1")
        sdk.client.alias("visitor-1", "customer-1")
        sdk.client.group_identify("company", "c1", {"name": "Fern & Field"}, distinct_id="customer-1")

    await asyncio.to_thread(work)
    await sdk.finish()
    person = await person_of(api, shop, "customer-1")
    assert set(person["distinct_ids"]) == {"visitor-1", "customer-1"}


async def test_a_burst_of_events_is_stored_once_each(server, shop, api):
    sdk = Sdk(server, shop, flush_at=100, gzip=True)
    for number in range(450):
        sdk.client.capture("tick", distinct_id="burst", properties={"number": number})
    await sdk.finish()
    answer = await api.get(
        f"/api/projects/{shop.project_id}/events/", params={"distinct_id": "burst", "limit": 1000}
    )
    assert sorted(event["properties"]["number"] for event in answer.json()["results"]) == list(range(450))


async def test_flags_are_asked_for_and_absent(server, shop):
    sdk = Sdk(server, shop)
    found = await asyncio.to_thread(sdk.client.get_all_flags, "user")
    assert found in ({}, None)
    assert await asyncio.to_thread(sdk.client.feature_enabled, "new-thing", "user") in (False, None)
    await sdk.finish()
