"""How many streams may be open: for a user, whatever they use, and for a project; those of the inbox count, too."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from parley.kernel.throttle import SlotLimit, streams
from tests.cast import Cast

Open = Callable[[httpx.AsyncClient, str], Awaitable[asyncio.Task[httpx.Response]]]


@pytest.fixture
async def opened(services) -> AsyncIterator[Open]:
    """Open a stream and return once it holds its place; all end with the test."""
    tasks: list[asyncio.Task[httpx.Response]] = []

    def n_held() -> int:
        return sum(n for (name, _), n in services.slots._taken.items() if name == streams.PER_USER.name)

    async def open_one(client: httpx.AsyncClient, path: str) -> asyncio.Task[httpx.Response]:
        before = n_held()
        task = asyncio.create_task(client.get(path))
        tasks.append(task)
        async with asyncio.timeout(60):
            while n_held() == before and not task.done():
                await asyncio.sleep(0)
        return task

    yield open_one
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert services.slots._taken == {}


@pytest.fixture
def few(monkeypatch):
    """Limits that a test reaches."""
    monkeypatch.setattr(streams, "PER_USER", SlotLimit("streams-of-user", 2, wait_s=30))
    monkeypatch.setattr(streams, "PER_PROJECT", SlotLimit("streams-of-project", 3, wait_s=30))


def path_of(project) -> str:
    return f"/api/projects/{project.id}/conversations/stream/"


async def test_one_user_has_few_whatever_they_open_them_with(cast: Cast, alice, bob, project, few, opened):
    window = await cast.sign_in(alice)
    other_key = await cast.make_key(alice, ["ticket:read"])
    first = await opened(alice.client, path_of(project))
    assert not (await opened(window, "/inbox/stream")).done()
    for client, path in (
        (alice.client, path_of(project)),
        (other_key, path_of(project)),
        (window, "/inbox/stream"),
    ):
        refused = await (await opened(client, path))
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "30")
    assert not (await opened(bob.client, path_of(project))).done()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert not (await opened(other_key, path_of(project))).done()


async def test_all_of_a_project_have_a_bound_and_other_projects_their_own(
    cast: Cast, alice, bob, mallory, project, few, opened
):
    for client in (alice.client, alice.client, bob.client):
        assert not (await opened(client, path_of(project))).done()
    assert (await (await opened(bob.client, path_of(project)))).status_code == 429
    assert not (await opened(mallory.client, path_of(mallory.project))).done()


async def test_a_stream_that_ends_gives_its_place_back(alice, project, few, services):
    for _ in range(5):
        answer = await alice.client.get(path_of(project), params={"follow": "false"})
        assert answer.status_code == 200
    assert services.slots._taken == {}
