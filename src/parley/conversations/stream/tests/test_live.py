"""The stream of a running program: one process on each database, and two on PostgreSQL and Redis."""

import asyncio
import json
import os
import select
import signal
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from itertools import count
from pathlib import Path

import httpx
import pytest

from parley.conversations.stream.tests.listener import (
    Heard,
    Listener,
    heard_since,
    listening,
    place_of,
    present_place,
)
from parley.kernel.database.database import MOST_CONNECTIONS
from tests import servers
from tests.forked_program import run
from tests.parley_server import PASSWORD, Project, migrated_postgres_url
from tests.test_faults import Program

SOON_S = 10.0
"""Far less than the beat, after which it would look by itself."""
PATIENCE_S = 60.0

_numbers = count(1)


class Workers(Program):
    """As many processes behind one port as the settings allow."""

    def words(self) -> list[str]:
        return [*super().words(), "--workers", "2" if "PARLEY_REDIS_URL" in self.settings else "1"]

    def member(self, project: Project) -> str:
        """Add a member to the project's organization; return a key of theirs."""
        email = f"member-{next(_numbers)}@example.com"
        of = ["--organization", project.organization_id, "--level", "member", "--json"]
        self._ran("user", "create", "--email", email, "--password", PASSWORD, *of)
        key = self._ran(
            "api-key", "create", "--email", email, "--label", "x", "--scopes", "ticket:read", "--json"
        )
        value: str = json.loads(key)["personal_api_key"]
        return value

    def _ran(self, *words: str) -> str:
        code, said, complained = run(*words, settings=self.settings)
        assert code == 0, complained
        return said

    def kill(self) -> None:
        """End all of them, and let none finish anything."""
        assert self.process is not None
        below = descendants(self.process.pid)
        self.end(signal.SIGKILL)
        for pid in below:
            with suppress(ProcessLookupError):
                handle = os.pidfd_open(pid)
                os.kill(pid, signal.SIGKILL)
                select.select([handle], [], [], PATIENCE_S)  # until it is gone, and its port is free
                os.close(handle)


def descendants(pid: int) -> list[int]:
    """Return the children of a process, and theirs."""
    found: list[int] = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found += [int(child), *descendants(int(child))]
    return found


KINDS = ["sqlite", "postgresql", "two processes"]


def made_as(kind: str, folder: Path) -> Workers:
    """Start the program on a database of its own."""
    settings = {}
    if kind != "sqlite":
        settings["PARLEY_DATABASE_URL"] = migrated_postgres_url()
    if kind == "two processes":
        settings["PARLEY_REDIS_URL"] = servers.redis_url()
    made = Workers(folder, settings)
    made.run()
    return made


@pytest.fixture(scope="module", params=KINDS)
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    """A program that goes on running."""
    made = made_as(request.param, tmp_path_factory.mktemp("parley"))
    yield made
    made.end(signal.SIGINT)


@pytest.fixture(params=KINDS)
def mortal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workers]:
    """A program that the test may end."""
    made = made_as(request.param, tmp_path)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.end(signal.SIGINT)


@pytest.fixture
def shop(program: Workers) -> Project:
    """A project of its own."""
    return program.bootstrap(f"owner-{next(_numbers)}@example.com")


def tickets_of(project: Project) -> str:
    return f"/api/projects/{project.project_id}/conversations/tickets/"


async def opened(client: httpx.AsyncClient, project: Project, text: str = "Hello?") -> str:
    """Open a ticket; return its id."""
    body = {"distinct_id": "visitor", "message": text}
    answer = await client.post(tickets_of(project), json=body)
    ticket_id: str = answer.raise_for_status().json()["id"]
    return ticket_id


async def soon(listener: Listener) -> Heard:
    return await asyncio.wait_for(listener.next(), PATIENCE_S)


async def test_changes_arrive_as_they_happen(program, shop):
    path, waits_s = tickets_of(shop), []
    async with program.client(shop) as client, listening(client, shop.project_id) as listener:
        assert (listener.comments, listener.retry_ms) == (["listening"], 1000)
        for number in range(1, 7):
            # A connection of its own each time: with several processes, another one may answer.
            async with program.client(shop) as other:
                await opened(other, shop)
            began = time.monotonic()
            assert (await soon(listener)).about == ("ticket.opened", number)
            waits_s.append(time.monotonic() - began)
        assert sorted(waits_s)[3] < SOON_S  # of a busy machine some may take longer
        await client.post(f"{path}1/reply/", json={"message": "Hello back"})
        heard = await soon(listener)
        assert (heard.about, heard.data["message"]["content"]) == (("message.added", 1), "Hello back")
        await client.patch(f"{path}2/", json={"status": "resolved"})
        heard = await soon(listener)
        assert (heard.about, heard.data["ticket"]["status"]) == (("ticket.changed", 2), "resolved")
        await client.delete(f"{path}3/")
        assert (await soon(listener)).about == ("ticket.deleted", 3)


async def test_after_a_break_it_goes_on_behind_the_last_event(program, shop):
    async with program.client(shop) as client:
        async with listening(client, shop.project_id) as listener:
            before_the_first = listener.last_id
            await opened(client, shop)
            heard = await soon(listener)
        for _ in range(3):
            await opened(client, shop)
        async with listening(client, shop.project_id, heard.id) as listener:
            events = await listener.events(3)
            await opened(client, shop)
            events.append(await soon(listener))
        assert [event.about for event in events] == [("ticket.opened", number) for number in (2, 3, 4, 5)]
        assert len(await heard_since(client, shop.project_id, before_the_first)) == 5


async def test_it_ends_when_the_key_is_taken_away(program, shop):
    async with httpx.AsyncClient(base_url=program.url) as session:
        await session.post("/api/login", json={"email": shop.email, "password": PASSWORD})
        session.headers["X-CSRFToken"] = session.cookies["parley_csrf"]
        body = {"label": "listener", "scopes": ["ticket:read"]}
        made = (await session.post("/api/personal_api_keys/", json=body)).raise_for_status().json()
        session_free = {"Authorization": f"Bearer {made['value']}"}
        async with (
            httpx.AsyncClient(base_url=program.url, headers=session_free) as client,
            listening(client, shop.project_id) as listener,
        ):
            (await session.delete(f"/api/personal_api_keys/{made['id']}/")).raise_for_status()
            assert await asyncio.wait_for(listener.rest(), PATIENCE_S) == []
            again = await client.get(f"/api/projects/{shop.project_id}/conversations/stream")
            assert again.status_code == 401


async def test_who_sees_other_tickets_now_is_asked_to_read_anew(program, shop):
    async with program.client(shop) as owner, httpx.AsyncClient(base_url=program.url) as client:
        client.headers["Authorization"] = f"Bearer {program.member(shop)}"
        path = f"/api/projects/{shop.project_id}/resource_access_controls/"
        async with listening(client, shop.project_id) as listener:
            for level in ("viewer", "editor"):
                body = {"resource": "ticket", "access_level": level}
                (await owner.put(path, json=body)).raise_for_status()
                assert (await soon(listener)).name == "resync"
            # Both the rights and the notice of them may ask for it, and what was opened before that isn't told any more.
            for _ in range(5):
                await opened(owner, shop)
                if (heard := await soon(listener)).name != "resync":
                    break
            assert heard.name == "ticket.opened"
            (await owner.put(path, json={"resource": "ticket", "access_level": "none"})).raise_for_status()
            rest = [
                event
                for event in await asyncio.wait_for(listener.rest(), PATIENCE_S)
                if event.name != "resync"
            ]
            assert {event.about for event in rest} <= {("ticket.opened", number) for number in range(1, 6)}


async def test_many_who_wait_hold_no_connection_to_the_database(program, shop):
    async with AsyncExitStack() as stack:
        listeners = []
        # More than a process opens connections, and fewer than one user may have streams.
        for _ in range(MOST_CONNECTIONS + 5):
            client = await stack.enter_async_context(program.client(shop))
            listeners.append(await stack.enter_async_context(listening(client, shop.project_id)))
        async with program.client(shop) as client:
            await opened(client, shop)
        heard = await asyncio.gather(*(soon(listener) for listener in listeners))
    assert {event.about for event in heard} == {("ticket.opened", 1)}
    assert len({event.id for event in heard}) == 1


class Follower:
    """Listens until told to leave, and comes back with the last id whenever the line breaks."""

    def __init__(self, program: Workers, project: Project, last_id: str) -> None:
        self.program, self.project, self.last_id = program, project, last_id
        self.heard: list[Heard] = []

    async def follow(self) -> None:
        async with self.program.client(self.project) as client:
            while True:
                try:
                    await self._listen(client)
                except (httpx.HTTPError, StopAsyncIteration):
                    await asyncio.sleep(0.05)

    async def _listen(self, client: httpx.AsyncClient) -> None:
        async with listening(client, self.project.project_id, self.last_id) as listener:
            while True:
                self.heard.append(await listener.next())
                self.last_id = self.heard[-1].id


async def write(program: Workers, project: Project, acknowledged: list[str]) -> None:
    """Open tickets until the server is gone."""
    async with program.client(project) as client:
        try:
            while True:
                acknowledged.append(await opened(client, project))
        except httpx.TransportError:
            return


async def test_killed_and_started_again_it_loses_nothing_and_repeats_nothing(mortal):
    shop = mortal.bootstrap("owner@example.com")
    async with mortal.client(shop) as client:
        follower = Follower(mortal, shop, await present_place(client, shop.project_id))
    following = asyncio.create_task(follower.follow())
    acknowledged: list[str] = []
    for _ in range(2):
        enough = len(acknowledged) + 40
        writers = [asyncio.create_task(write(mortal, shop, acknowledged)) for _ in range(4)]
        while len(acknowledged) < enough and not all(task.done() for task in writers):
            await asyncio.sleep(0.005)
        mortal.kill()
        await asyncio.gather(*writers)
        mortal.run()
    async with mortal.client(shop) as client:
        listed = (await client.get(tickets_of(shop), params={"limit": 1000})).json()
        last = await present_place(client, shop.project_id)
    deadline = time.monotonic() + PATIENCE_S
    while follower.last_id != last and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
    following.cancel()
    assert [place_of(event.id) for event in follower.heard] == [*range(1, place_of(last) + 1)]
    ids = [event.data["ticket_id"] for event in follower.heard]
    assert len(set(ids)) == len(ids) == listed["count"]
    assert set(acknowledged) <= set(ids) == {ticket["id"] for ticket in listed["results"]}


async def test_it_ends_when_the_server_is_told_to(mortal):
    shop = mortal.bootstrap("owner@example.com")
    async with mortal.client(shop) as client, listening(client, shop.project_id) as listener:
        ending = asyncio.create_task(asyncio.to_thread(mortal.end, signal.SIGTERM))
        assert await asyncio.wait_for(listener.rest(), PATIENCE_S) == []
        assert await asyncio.wait_for(ending, PATIENCE_S) == 0
