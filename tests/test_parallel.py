"""Many requests at once to a real server: one key makes one ticket, and numbers have no gaps, in two projects at a time."""

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests import servers
from tests.parley_server import Project, migrated_postgres_url
from tests.test_faults import Program

N_TICKETS, N_REPEATED = 200, 50
PATIENT = httpx.Timeout(60)


class ManyWorkers(Program):
    """A server of two processes."""

    def words(self) -> list[str]:
        return [*super().words(), "--workers", "2"]


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Program]:
    """One process on SQLite, two on PostgreSQL with Redis."""
    made = Program(tmp_path, {})
    if request.param == "postgresql":
        settings = {
            "PARLEY_DATABASE_URL": migrated_postgres_url(),
            "PARLEY_REDIS_URL": servers.redis_url(),
        }
        made = ManyWorkers(tmp_path, settings)
    made.run()
    yield made
    assert made.end(signal.SIGTERM) == 0


def client_of(server: Program, project: Project) -> httpx.AsyncClient:
    made = server.client(project)
    made.base_url = httpx.URL(f"{server.url}/api/projects/{project.project_id}/conversations/")
    made.timeout = PATIENT
    return made


async def post(client: httpx.AsyncClient, body: dict[str, str], key: str) -> httpx.Response:
    """Open a ticket, again with the same key while the server is too busy, as an answer with 503 asks for."""
    for _ in range(20):
        answer = await client.post("tickets/", json=body, headers={"Idempotency-Key": key})
        if answer.status_code != 503:
            return answer
        await asyncio.sleep(1)
    raise AssertionError(answer.text)


async def open_tickets(client: httpx.AsyncClient, name: str) -> list[int]:
    """Open many tickets at once; return their numbers."""
    bodies = [{"distinct_id": f"{name}-{n}", "message": f"{name} {n}"} for n in range(N_TICKETS)]
    answers = await asyncio.gather(*(post(client, body, str(uuid4())) for body in bodies))
    assert {answer.status_code for answer in answers} == {201}
    for answer, body in zip(answers, bodies, strict=True):
        assert answer.json()["distinct_id"] == body["distinct_id"]
    return [answer.json()["ticket_number"] for answer in answers]


async def repeat(client: httpx.AsyncClient, name: str, key: str) -> str:
    """Send one request many times at once under one key; return the id of the only ticket."""
    body = {"distinct_id": name, "message": "Once"}
    answers = await asyncio.gather(*(post(client, body, key) for _ in range(N_REPEATED)))
    made = [answer for answer in answers if answer.status_code == 201]
    refused = {(one.status_code, one.json()["code"]) for one in answers if one.status_code != 201}
    assert refused <= {(409, "idempotency_key_in_use")}
    assert sum("idempotent-replayed" not in answer.headers for answer in made) == 1
    (text,) = {answer.text for answer in made}
    again = await post(client, body, key)
    assert (again.status_code, again.text) == (201, text)
    id: str = again.json()["id"]
    return id


async def test_two_projects_fill_up_at_once(server):
    projects = [server.bootstrap(f"{name}@example.com") for name in ("one", "two")]
    key = str(uuid4())
    async with client_of(server, projects[0]) as one, client_of(server, projects[1]) as two:
        first, second, mine, theirs = await asyncio.gather(
            open_tickets(one, "one"),
            open_tickets(two, "two"),
            repeat(one, "one", key),
            repeat(two, "two", key),
        )
        assert len(set(first)) == len(set(second)) == N_TICKETS
        for client, name, id in ((one, "one", mine), (two, "two", theirs)):
            assert (await client.get("tickets/unread_count/")).json() == {"count": N_TICKETS + 1}
            page = (await client.get("tickets/", params={"limit": 1000})).json()
            numbers = sorted(ticket["ticket_number"] for ticket in page["results"])
            assert numbers == list(range(1, N_TICKETS + 2)) and page["count"] == N_TICKETS + 1
            assert {ticket["distinct_id"].split("-")[0] for ticket in page["results"]} == {name}
            assert [one["id"] for one in page["results"] if one["distinct_id"] == name] == [id]
        assert (await two.get(f"tickets/{mine}/")).status_code == 404
