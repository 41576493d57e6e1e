"""Faults: killed in the middle, told to stop, its database or cache gone. Nothing acknowledged is lost."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests import servers
from tests.parley_server import PASSWORD, ParleyServer, Project, migrated_postgres_url
from tests.plain_browser import PlainBrowser

MESSAGE = "/api/conversations/v1/widget/message"
START_S = 120


class Program(ParleyServer):
    """A server that a test may kill."""

    def run(self) -> None:
        """Start, and return once it is ready."""
        self.start()


@pytest.fixture(params=["sqlite", "postgresql"])
def program(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Program]:
    settings = {"PARLEY_DATABASE_URL": migrated_postgres_url()} if request.param == "postgresql" else {}
    made = Program(tmp_path, settings)
    made.run()
    yield made
    if made.process is not None and made.process.poll() is None:
        made.end(signal.SIGKILL)


class Writers:
    """Visitors who write without pause, and remember what was acknowledged."""

    def __init__(self, program: Program, project: Project) -> None:
        self.program = program
        self.headers = {"X-Conversations-Token": project.widget_token}
        self.acknowledged: dict[str, str] = {}  # message id to ticket id
        self.enough = asyncio.Event()

    async def write(self) -> None:
        """Open a ticket with every third message, until the server is gone."""
        session, ticket = str(uuid4()), None
        async with httpx.AsyncClient(base_url=self.program.url, headers=self.headers) as client:
            for number in range(10_000):
                body = {"widget_session_id": session, "distinct_id": session, "message": f"message {number}"}
                try:
                    answer = await client.post(MESSAGE, json=body | {"ticket_id": ticket})
                except httpx.TransportError:
                    return
                found = answer.raise_for_status().json()
                self.acknowledged[found["message_id"]] = found["ticket_id"]
                ticket = found["ticket_id"] if number % 3 else None
                if len(self.acknowledged) > 120:
                    self.enough.set()


async def test_what_was_acknowledged_survives_a_kill(program):
    project = program.bootstrap("owner@example.com")
    writers = Writers(program, project)
    tasks = [asyncio.create_task(writers.write()) for _ in range(6)]
    await asyncio.wait_for(writers.enough.wait(), START_S)
    assert program.end(signal.SIGKILL) == -signal.SIGKILL
    await asyncio.gather(*tasks)
    program.run()
    path = f"/api/projects/{project.project_id}/conversations/tickets/"
    async with program.client(project) as client:
        listed = (await client.get(path, params={"limit": 1000})).json()
        tickets = {ticket["id"]: ticket for ticket in listed["results"]}
        unread = (await client.get(f"{path}unread_count/")).json()["count"]
        stored = {id: await messages_of(client, path, id) for id in tickets}
    assert unread == sum(ticket["unread_team_count"] for ticket in tickets.values())
    assert writers.acknowledged.keys() <= {id for found in stored.values() for id in found}
    assert sorted(ticket["ticket_number"] for ticket in tickets.values()) == [*range(1, len(tickets) + 1)]
    assert listed["count"] == len(tickets)
    for id, ticket in tickets.items():
        assert ticket["message_count"] == ticket["unread_team_count"] == len(stored[id])


async def test_a_key_makes_one_ticket_over_a_kill(program):
    project = program.bootstrap("owner@example.com")
    path = f"/api/projects/{project.project_id}/conversations/tickets/"
    keys = [str(uuid4()) for _ in range(80)]
    answered: dict[str, str] = {}

    async def open_all(client: httpx.AsyncClient, some: list[str]) -> None:
        for key in some:
            with contextlib.suppress(httpx.TransportError):
                body = {"distinct_id": key, "message": "Hello?"}
                answer = await client.post(path, json=body, headers={"Idempotency-Key": key})
                id = answer.raise_for_status().json()["id"]
                assert answered.setdefault(key, id) == id

    async with program.client(project) as client:
        tasks = [asyncio.create_task(open_all(client, keys[part::4])) for part in range(4)]
        while len(answered) < 15:
            await asyncio.sleep(0.01)
        program.end(signal.SIGKILL)
        await asyncio.gather(*tasks)
    assert len(answered) < len(keys)
    program.run()
    async with program.client(project) as client:
        await open_all(client, keys)
        listed = (await client.get(path, params={"limit": 1000})).json()
    assert sorted(ticket["distinct_id"] for ticket in listed["results"]) == sorted(keys)
    assert {ticket["id"] for ticket in listed["results"]} == set(answered.values())


async def messages_of(client: httpx.AsyncClient, path: str, id: str) -> list[str]:
    answer = (await client.get(f"{path}{id}/messages/", params={"limit": 200})).json()
    assert answer["next"] is None
    return [message["id"] for message in answer["results"]]


async def test_a_reply_that_waits_is_sent_once_over_a_kill(program):
    project = program.bootstrap("owner@example.com")
    path = f"/api/projects/{project.project_id}/conversations/tickets/"
    async with program.client(project) as client:
        await client.post(path, json={"distinct_id": "a", "message": "Hello?"})
    async with httpx.AsyncClient(base_url=program.url) as client:
        window = await PlainBrowser(client).open("/login")
        await window.press("Sign in", email="owner@example.com", password=PASSWORD)
        await window.open("/inbox/1")
        hidden = window.page.one("form", class_="composer").all("input", type="hidden")
        form = {one["name"]: one["value"] for one in hidden} | {"kind": "reply", "content": "Yes."}
        answer = await client.post("/inbox/1/messages", data=form, headers={"HX-Request": "true"})
        assert "Your reply is sent in" in answer.text
    for _ in range(2):
        program.end(signal.SIGKILL)
        program.run()
        async with program.client(project) as client:
            async with asyncio.timeout(START_S):
                while len(found := (await client.get(f"{path}1/messages/")).json()["results"]) < 2:
                    await asyncio.sleep(0.1)
        assert [one["content"] for one in found] == ["Hello?", "Yes."]


async def test_a_request_in_flight_is_finished_before_the_end(program):
    project = program.bootstrap("owner@example.com")
    writers = Writers(program, project)
    tasks = [asyncio.create_task(writers.write()) for _ in range(4)]
    await asyncio.wait_for(writers.enough.wait(), START_S)
    assert await asyncio.to_thread(program.end, signal.SIGTERM) == 0
    await asyncio.gather(*tasks)
    assert "Traceback" not in program.log.read_text()


async def test_a_lost_postgresql_is_503_until_it_is_back(stoppable_postgres, tmp_path):
    program = Program(tmp_path, {"PARLEY_DATABASE_URL": stoppable_postgres.make_database("lost")})
    program.run()
    project = program.bootstrap("owner@example.com")
    body = {"widget_session_id": str(uuid4()), "distinct_id": "a", "message": "Hello?"}
    headers = {"X-Conversations-Token": project.widget_token}
    async with program.client(project) as client:
        path = f"/api/projects/{project.project_id}/conversations/tickets/"
        assert (await client.post(path, json={"distinct_id": "a"})).status_code == 201
        stoppable_postgres.stop()
        answers = [await client.get(path), await client.get(f"{path}1/")]
        written = await client.post(MESSAGE, json=body, headers=headers)
        ready = await client.get("/_readyz")
        assert [answer.status_code for answer in (*answers, written, ready)] == [503] * 4
        assert answers[0].json()["code"] == "service_unavailable"
        assert list(written.json()) == ["error"]
        assert ready.text == "database: does not answer\ncache: ok\nstorage: ok\n"
        assert (await client.get("/_health")).status_code == 200
        stoppable_postgres.start()
        assert (await client.get(path)).json()["count"] == 1
        assert (await client.post(MESSAGE, json=body, headers=headers)).status_code == 200
    assert program.end(signal.SIGTERM) == 0


async def test_a_lost_redis_costs_freshness_and_nothing_else(stoppable_redis, tmp_path):
    settings = {"PARLEY_REDIS_URL": stoppable_redis.url(), "PARLEY_DATABASE_URL": migrated_postgres_url()}
    program = Program(tmp_path, settings)
    program.run()
    project = program.bootstrap("owner@example.com")
    async with program.client(project) as client:
        path = f"/api/projects/{project.project_id}/conversations/tickets/"
        stoppable_redis.stop()
        opened = await client.post(path, json={"distinct_id": "a", "message": "Hello?"})
        counted = await client.get(f"{path}unread_count/")
        assert (opened.status_code, counted.json()) == (201, {"count": 1})
        stoppable_redis.start()
        assert (await client.get(path)).json()["count"] == 1
    assert program.end(signal.SIGTERM) == 0


async def test_a_bulk_change_waits_once_for_a_frozen_redis(stoppable_redis, tmp_path):
    settings = {"PARLEY_REDIS_URL": stoppable_redis.url(), "PARLEY_DATABASE_URL": migrated_postgres_url()}
    program = Program(tmp_path, settings)
    program.run()
    project = program.bootstrap("owner@example.com")
    path = f"/api/projects/{project.project_id}/conversations/tickets/"
    async with program.client(project) as client:
        made = [await client.post(path, json={"distinct_id": f"a{number}"}) for number in range(20)]
        ids = [answer.json()["id"] for answer in made]
        stoppable_redis.freeze()
        try:
            body = {"ids": ids, "status": "pending"}
            changed = await client.post(f"{path}bulk_update_status/", json=body, timeout=60)
        finally:
            stoppable_redis.thaw()
        assert changed.json()["updated"] == 20
        listed = (await client.get(path)).json()["results"]
    assert {ticket["status"] for ticket in listed} == {"pending"}
    assert program.log.read_text().count("breaker_opened") == 1
    assert program.end(signal.SIGTERM) == 0


async def test_background_work_goes_on_when_the_log_cannot_be_written(program):
    """As on a full disk, where just that is to be logged which goes wrong because of it."""
    program.bootstrap("owner@example.com")
    program.end(signal.SIGINT)
    # Nothing listens there: the attempt to send fails, which is logged before it is noted.
    program.settings["PARLEY_SMTP_URL"] = f"smtp://127.0.0.1:{servers.free_port()}"
    program.errors = Path("/dev/full")
    program.run()
    async with httpx.AsyncClient(base_url=program.url) as client:
        asked = await client.post("/api/reset/", json={"email": "owner@example.com"})
        assert asked.status_code == 204
        deadline = time.monotonic() + START_S
        while 'parley_queue_retried{queue="mail"} 1.0' not in (await client.get("/metrics")).text:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
    assert program.end(signal.SIGTERM) == 0
