"""Two servers with folders of their own on one PostgreSQL and Redis, behind a plain TCP balancer."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import asyncpg
import httpx
import pytest

from parley.conversations.stream.tests.listener import listening
from parley.kernel.http.cookies import CSRF_COOKIE
from tests.balancer import Balancer
from tests.parley_server import PASSWORD, Project, migrated_postgres_url
from tests.test_faults import Program

MESSAGE = "/api/conversations/v1/widget/message"
SECRET_KEY = "the key of both servers, which they must share"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[list[Program]]:
    """Both servers, for all tests: each leaves them running. Nobody has an account before the first test."""
    folder = tmp_path_factory.mktemp("pair")
    shared = {
        "PARLEY_DATABASE_URL": migrated_postgres_url(),
        "PARLEY_REDIS_URL": redis_url,
        "PARLEY_SECRET_KEY": SECRET_KEY,
        "PARLEY_SITE_URL": "http://support.example.com",
    }
    made = []
    for name in ("one", "two"):
        (folder / name).mkdir()
        made.append(Program(folder / name, shared))
        made[-1].run()
    yield made
    for program in made:
        if program.process is not None and program.process.poll() is None:
            program.end(signal.SIGKILL)


@pytest.fixture
async def balancer(pair: list[Program]) -> AsyncIterator[Balancer]:
    async with Balancer([program.port for program in pair]) as made:
        yield made


@pytest.fixture
def project(pair: list[Program]) -> Project:
    return pair[0].bootstrap(f"{uuid4().hex}@example.com")


def invitation(program: Program) -> str:
    [line] = [line for line in program.log.read_text().splitlines() if "to make the first account" in line]
    return line.split()[1].removeprefix("http://support.example.com")


async def test_the_link_of_the_set_up_works_on_either(pair):
    one, two = pair
    deadline = asyncio.get_running_loop().time() + 120
    while not all("first account" in program.log.read_text() for program in pair):
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.05)
    assert invitation(one) == invitation(two)
    async with httpx.AsyncClient() as client:
        assert (await client.get(two.url + invitation(one))).status_code == 200
        one.bootstrap("owner@example.com")
        assert {(await client.get(program.url + invitation(one))).status_code for program in pair} == {303}


async def test_a_session_and_its_end_hold_on_both(pair, project):
    one, two = pair
    headers = {"Origin": "http://support.example.com", "Host": "support.example.com"}
    async with httpx.AsyncClient(headers=headers) as client:
        body = {"email": project.email, "password": PASSWORD}
        entered = await client.post(f"{one.url}/api/login/", json=body)
        cookies = {"Cookie": "; ".join(f"{name}={value}" for name, value in entered.cookies.items())}
        cookies |= {"X-CSRFToken": entered.cookies[CSRF_COOKIE]}
        client.cookies.clear()
        assert entered.status_code == 200
        assert (await client.get(f"{two.url}/api/users/@me/", headers=cookies)).status_code == 200
        assert (await client.post(f"{two.url}/api/logout/", headers=cookies)).status_code < 300
        assert (await client.get(f"{one.url}/api/users/@me/", headers=cookies)).status_code == 401


async def test_wrong_passwords_are_counted_together(pair, project):
    async def tries(email: str, programs: list[Program]) -> int:
        async with httpx.AsyncClient() as client:
            for number in range(200):
                url = programs[number % len(programs)].url
                answer = await client.post(f"{url}/api/login/", json={"email": email, "password": "wrong"})
                if answer.status_code == 429:
                    return number
        raise AssertionError("nobody counts")

    assert await tries("first@example.com", pair) <= await tries("other@example.com", pair[:1])


async def test_a_stream_on_one_tells_what_is_written_on_the_other(pair, project):
    one, two = pair
    path = f"/api/projects/{project.project_id}/conversations/tickets/"
    async with (
        one.client(project) as here,
        two.client(project) as there,
        listening(here, project.project_id) as stream,
    ):
        made = (await there.post(path, json={"distinct_id": "ada", "message": "Hello?"})).json()
        assert made["id"] in str(await stream.next())


class Visitors:
    """Visitors who write through the balancer without pause, some on kept connections."""

    def __init__(self, balancer: Balancer, project: Project) -> None:
        self.url, self.headers = balancer.url, {"X-Conversations-Token": project.widget_token}
        self.acknowledged: list[str] = []
        self.failures: list[str] = []
        self.is_over = False

    async def write(self, limits: httpx.Limits) -> None:
        session = str(uuid4())
        async with httpx.AsyncClient(base_url=self.url, headers=self.headers, limits=limits) as client:
            while not self.is_over:
                body = {"widget_session_id": session, "distinct_id": session, "message": f"{uuid4()}"}
                try:
                    answer = await client.post(MESSAGE, json=body, timeout=60)
                except httpx.TransportError as error:
                    self.failures.append(repr(error))
                    continue
                if answer.status_code == 200:
                    self.acknowledged.append(answer.json()["message_id"])
                else:
                    self.failures.append(f"{answer.status_code} {answer.text}")

    async def more(self, count: int = 60) -> None:
        """Return once so many more messages were acknowledged."""
        wanted = len(self.acknowledged) + count
        async with asyncio.timeout(60):
            while len(self.acknowledged) < wanted:
                await asyncio.sleep(0.02)


N_VISITORS = 6


@pytest.fixture
async def visitors(balancer: Balancer, project: Project) -> AsyncIterator[Visitors]:
    made = Visitors(balancer, project)
    kept, fresh = httpx.Limits(), httpx.Limits(max_keepalive_connections=0)
    tasks = [asyncio.create_task(made.write(limits)) for limits in (kept, fresh) * (N_VISITORS // 2)]
    await made.more()
    yield made
    made.is_over = True
    await asyncio.gather(*tasks)


async def stored(program: Program, project: Project) -> set[str]:
    """Return the ids of all messages, as the database has them."""
    connection = await asyncpg.connect(program.settings["PARLEY_DATABASE_URL"])
    rows = await connection.fetch("SELECT id FROM comment")
    await connection.close()
    return {str(row[0]) for row in rows}


async def test_servers_that_are_started_anew_one_after_the_other_fail_no_request(pair, visitors, balancer):
    for program in pair:
        assert await asyncio.to_thread(program.end, signal.SIGTERM) == 0
        await visitors.more()
        await asyncio.to_thread(program.run)
        before = balancer.n_connections[program.port]
        await visitors.more()
        assert balancer.n_connections[program.port] > before
    assert visitors.failures == []


async def test_a_killed_server_fails_only_what_it_was_answering(pair, visitors, project):
    one, two = pair
    await asyncio.to_thread(one.end, signal.SIGKILL)
    await visitors.more()
    assert len(visitors.failures) <= N_VISITORS
    await asyncio.to_thread(one.run)
    await visitors.more()
    assert len(visitors.failures) <= N_VISITORS
    assert set(visitors.acknowledged) <= await stored(two, project)


async def test_an_old_version_goes_on_serving_while_a_new_one_migrates(pair, visitors):
    """What additive migrations do: columns, tables and indexes that the running programs don't know."""
    connection = await asyncpg.connect(pair[0].settings["PARLEY_DATABASE_URL"])
    async with connection.transaction():
        for table in ("ticket", "comment", "project", "person", "outbox"):
            await connection.execute(f"ALTER TABLE {table} ADD COLUMN of_the_next_version text")
        await connection.execute("CREATE TABLE thing_of_the_next_version (id bigint PRIMARY KEY)")
    await connection.execute("CREATE INDEX CONCURRENTLY ix_new ON ticket (project_id, of_the_next_version)")
    await connection.close()
    await visitors.more()
    assert visitors.failures == []
