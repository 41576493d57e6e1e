"""Carla, of whom the project knows everything that can be known, and Otto, who must not notice when she goes."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
import pytest_asyncio
from sqlalchemy import Connection, LargeBinary, TextClause, inspect, select, text
from sqlalchemy.engine.interfaces import ReflectedColumn

from parley.conversations.tickets.tests.factories import Desk
from parley.conversations.widget.tests.visitor import Browser
from parley.kernel.database.database import Database
from parley.kernel.idempotency.tables import idempotency_key
from parley.kernel.jobs import Queue
from parley.kernel.services import Services
from tests.cast import Member, TestProject
from tests.receiver import Receiver, receiving


class Somebody:
    """A customer; every text of theirs holds a word of their own, and so does every text about them."""

    def __init__(self, name: str, api: httpx.AsyncClient, browser: Browser, desk: Desk) -> None:
        self.word = f"{name}{uuid4().hex}"
        self.email = f"{self.word}@Example.com"
        self.distinct_id = f"id-{self.word}"
        self.browser, self.desk, self.api = browser, desk, api
        self.project: TestProject = browser.project
        self.root = f"/api/projects/{self.project.id}"
        self.tickets: dict[str, str] = {}

    async def capture(self, event: str, distinct_id: Any = None, **properties: Any) -> None:
        """Have the SDK capture something."""
        body = {"api_key": self.project.api_token, "event": event, "properties": properties}
        body["distinct_id"] = distinct_id or self.distinct_id
        assert (await self.browser.client.post("/capture", json=body)).status_code == 200

    async def live(self) -> None:
        """Do all that a customer does, and let the team do what teams do."""
        traits = {"email": self.email, "name": f"Ms {self.word}"}
        await self.capture("seen", f"anonymous-{self.word}", page=f"/{self.word}")
        await self.capture("$identify", **{"$anon_distinct_id": f"anonymous-{self.word}", "$set": traits})
        await self.capture("bought", thing=f"a {self.word}")
        self.browser.distinct_id = self.distinct_id
        first = await self.browser.opened(
            f"My name is {self.word}",
            traits=traits,
            session_context={"url": f"https://x.example/{self.word}"},
        )
        await self._answer(first)
        # The same address in other letters, told by a browser that nobody knows.
        by_address = {"email": self.email.upper()}
        unknown = {"widget_session_id": str(uuid4()), "distinct_id": f"unknown-{self.word}"}
        self.tickets["told"] = await self.browser.opened(
            f"Me again, {self.word}", traits=by_address, **unknown
        )
        by_team = await self.desk.open(email=self.email, distinct_id=None, name=self.word, message=self.word)
        gone = await self.desk.open(distinct_id=self.distinct_id, subject=self.word, tags=[self.word])
        await self.desk.delete(gone["id"])
        self.tickets |= {"first": first, "by_team": by_team["id"], "gone": gone["id"]}

    async def _answer(self, ticket_id: str) -> None:
        ticket = {"id": ticket_id}
        await self.desk.say(ticket, f"Hello {self.word}")
        await self.desk.say(ticket, f"{self.word} is a good customer", is_private=True)
        remark = {"scope": "Ticket", "item_id": ticket_id, "content": f"Remember {self.word}"}
        url = f"{self.root}/comments/"
        assert (await self.api.post(url, json=remark)).status_code == 201
        await self.desk.change(ticket_id, status="pending", tags=[f"tag {self.word}"], priority="high")
        edited = {"message": f"Yes, {self.word}"}
        key = {"Idempotency-Key": str(uuid4())}
        reply = await self.api.post(f"{self.desk.tickets}{ticket_id}/reply/", json=edited, headers=key)
        assert reply.status_code == 201, reply.text

    async def export(self, **query: str) -> httpx.Response:
        """Ask for everything; by e-mail address unless the query says otherwise."""
        return await self.api.get(f"{self.root}/personal_data/", params=query or {"email": self.email})

    async def erase(self, **query: str) -> httpx.Response:
        return await self.api.delete(f"{self.root}/personal_data/", params=query or {"email": self.email})


Make = Callable[[str], Awaitable[Somebody]]


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


@pytest.fixture
def desk(alice: Member, project: TestProject) -> Desk:
    return Desk(alice, project)


@pytest.fixture
def make(api: httpx.AsyncClient, anonymous: httpx.AsyncClient, desk: Desk, project: TestProject) -> Make:
    """Make a customer of alice's project who has done everything."""

    async def made(name: str) -> Somebody:
        somebody = Somebody(name, api, Browser(anonymous, project), desk)
        await somebody.live()
        return somebody

    return made


@pytest_asyncio.fixture
async def carla(make: Make, api, queue: Queue, receiver: Receiver, project: TestProject) -> Somebody:
    """Known by everything; some of what happened was told to a webhook, and some still waits to be told."""
    url = f"/api/projects/{project.id}/webhooks/"
    assert (await api.post(url, json={"url": receiver.url})).status_code == 201
    made = await make("carla")
    await queue.drain()
    assert receiver.received
    await made.browser.opened(f"Not told to anybody: {made.word}")
    return made


@pytest_asyncio.fixture
async def guest(carla: Somebody, otto: Somebody, queue: Queue) -> Somebody:
    """Carla, who takes part in a ticket of Otto's, and once took part in another."""
    for ticket, left in ((otto.tickets["first"], False), (otto.tickets["by_team"], True)):
        url = f"{otto.desk.tickets}{ticket}/participants/"
        known = {"email": carla.email, "distinct_id": carla.distinct_id, "name": carla.word}
        added = await carla.api.post(url, json=known)
        assert added.status_code == 201, added.text
        if left:
            assert (await carla.api.delete(f"{url}{added.json()['id']}/")).status_code == 204
    signed = Browser(carla.browser.client, carla.project, carla.distinct_id)
    written = await signed.send(f"What {carla.word} thinks", ticket_id=otto.tickets["first"])
    assert written.status_code == 200, written.text
    await queue.drain()
    await carla.browser.opened(f"Not told either: {carla.word}")
    return carla


@pytest_asyncio.fixture
async def otto(make: Make) -> Somebody:
    return await make("otto")


async def places_of(database: Database, services: Services, *texts: str) -> set[str]:
    """Return the columns of the whole database in which one of the ASCII texts stands, in any letter case."""
    wanted = [text.lower() for text in texts]
    found = set()
    async with database.engine.connect() as connection:
        if database.dialect not in _searches:
            _searches[database.dialect] = await connection.run_sync(_search)
        for one in wanted:
            rows = await connection.execute(_searches[database.dialect], {"wanted": one})
            found |= {place for (places,) in rows for place in (places or "").split()}
        for sealed in (await connection.execute(select(idempotency_key.c.sealed_body))).scalars():
            if sealed and any(one in services.vault.decrypt(sealed).lower() for one in wanted):
                found.add("idempotency_key.sealed_body")
    return found


_searches: dict[str, TextClause] = {}


def _search(connection: Connection) -> TextClause:
    """Have the database search itself, one row a table: it read out its thousand columns two times a test."""
    seen = inspect(connection)
    tables = []
    for table in seen.get_table_names():
        columns = [_found(connection, table, one) for one in seen.get_columns(table)]
        tables.append(f'SELECT {" || ".join(columns)} FROM "{table}", wanted')
    return text(f"WITH wanted(word) AS (SELECT CAST(:wanted AS TEXT)) {' UNION ALL '.join(tables)}")


def _found(connection: Connection, table: str, column: ReflectedColumn) -> str:
    """Write an expression that is the column's full name where the word stands in it, else empty."""
    stored, search = f'CAST("{table}"."{column["name"]}" AS TEXT)', "instr"
    if connection.dialect.name == "postgresql":
        search = "strpos"
        if isinstance(column["type"], LargeBinary):
            stored = f"""encode("{table}"."{column["name"]}", 'escape')"""
    place = f"CASE WHEN {search}(lower({stored}), word) > 0 THEN '{table}.{column['name']} ' ELSE '' END"
    return f"coalesce(max({place}), '')"
