"""Transactions that met others are tried again, and what a database sets for its sessions does not matter."""

import asyncio
from urllib.parse import urlsplit

import asyncpg
import pytest
from sqlalchemy import text

from parley.kernel.database import retries
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.retries import (
    answer_again,
    call_again,
    note_commit,
    note_conflict,
)
from parley.kernel.errors import TransactionConflict, Unavailable
from tests import servers

HOSTILE = {
    "default_transaction_isolation": "serializable",
    "statement_timeout": "150ms",
    "lock_timeout": "50ms",
    "idle_in_transaction_session_timeout": "100ms",
    "timezone": "Asia/Kathmandu",
    "datestyle": "SQL, DMY",
    "extra_float_digits": "-15",
    "standard_conforming_strings": "off",
}
SETTINGS = Prepared(
    text(
        "SELECT current_setting('transaction_isolation'), current_setting('timezone'),"
        " cast(make_timestamptz(2026, 7, 1, 12, 0, 0, 'UTC') as text), cast(0.1::float8 + 0.2 as text)"
    ).columns()
)
WANTED = ["read committed", "UTC", "2026-07-01 12:00:00+00", "0.30000000000000004"]


async def altered(url, of, settings):
    connection = await asyncpg.connect(url)
    for name, value in settings.items():
        await connection.execute(f"ALTER {of} SET {name} = '{value}'")
    await connection.close()


@pytest.fixture(params=["database", "role"])
async def hostile(request):
    """Give a database whose owner has set what he likes, for the database or for a role."""
    url = servers.new_postgres_url()
    name = urlsplit(url).path.strip("/")
    if request.param == "database":
        await altered(url, f"DATABASE {name}", HOSTILE)
    else:
        connection = await asyncpg.connect(url)
        await connection.execute(f"CREATE ROLE {name} LOGIN SUPERUSER")
        await connection.close()
        await altered(url, f"ROLE {name}", HOSTILE)
        url = urlsplit(url)._replace(netloc=urlsplit(url).netloc.replace("parley@", f"{name}@")).geturl()
    database = Database.open(url)
    yield database
    await database.close()


async def test_the_settings_of_a_database_or_role_do_not_reach_our_sessions(hostile):
    assert list((await hostile.read(SETTINGS))[0]) == WANTED
    async with hostile.transaction() as db:
        assert list((await db.rows(SETTINGS))[0]) == WANTED
        assert list((await db.execute(SETTINGS.statement)).one()) == WANTED
        await db.execute(text("SELECT pg_sleep(0.3)"))
        await asyncio.sleep(0.3)
        await db.execute(text("SELECT 1"))


async def test_a_statement_that_takes_too_long_is_unavailable(hostile):
    with pytest.raises(Unavailable) as raised:
        async with hostile.transaction() as db:
            await db.execute(text("SET LOCAL statement_timeout = 50"))
            await db.execute(text("SELECT pg_sleep(5)"))
    assert not isinstance(raised.value, TransactionConflict)
    assert raised.value.headers["Retry-After"]


async def two_rows():
    url = servers.new_postgres_url()
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE pair (id int PRIMARY KEY, n int NOT NULL)")
    await connection.execute("INSERT INTO pair VALUES (1, 0), (2, 0)")
    await connection.close()
    return Database.open(url)


async def test_both_sides_of_a_deadlock_succeed_and_have_their_effects_once():
    database, both, effects, tries = await two_rows(), asyncio.Barrier(2), [], []

    async def add(first, second):
        async with database.transaction() as db:
            db.after_commit(lambda: noted(first))
            await db.execute(text(f"UPDATE pair SET n = n + 1 WHERE id = {first}"))
            tries.append(first)
            if tries.count(first) == 1:
                await both.wait()
            await db.execute(text(f"UPDATE pair SET n = n + 1 WHERE id = {second}"))

    async def noted(what):
        effects.append(what)

    await asyncio.gather(call_again(lambda: add(1, 2)), call_again(lambda: add(2, 1)))
    async with database.transaction(write=False) as db:
        assert (await db.execute(text("SELECT n FROM pair"))).scalars().all() == [2, 2]
    assert sorted(effects) == [1, 2]
    await database.close()


async def test_a_serialization_failure_is_tried_again():
    database, both, tries = await two_rows(), asyncio.Barrier(2), []

    async def add(name):
        async with database.transaction() as db:
            await db.execute(text("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"))
            n = (await db.execute(text("SELECT n FROM pair WHERE id = 1"))).scalar_one()
            tries.append(name)
            if tries.count(name) == 1:
                await both.wait()
            await db.execute(text(f"UPDATE pair SET n = {n + 1} WHERE id = 1"))

    await asyncio.gather(call_again(lambda: add("a")), call_again(lambda: add("b")))
    async with database.transaction(write=False) as db:
        assert (await db.execute(text("SELECT n FROM pair WHERE id = 1"))).scalar_one() == 2
    assert len(tries) == 3
    await database.close()


async def test_a_lock_that_is_held_for_too_long_is_waited_for_again():
    database, tries = await two_rows(), []
    async with database.transaction() as holder:
        await holder.execute(text("UPDATE pair SET n = 5 WHERE id = 1"))
        failed = asyncio.Event()

        async def add():
            tries.append(1)
            if len(tries) == 2:
                failed.set()
            async with database.transaction() as db:
                await db.execute(text("SET LOCAL lock_timeout = 20" if len(tries) == 1 else "SELECT 1"))
                await db.execute(text("UPDATE pair SET n = n + 1 WHERE id = 1"))

        adding = asyncio.create_task(call_again(add))
        await failed.wait()
    await adding
    assert len(tries) == 2
    await database.close()


class Client:
    """One request, as the server hands it over, and what comes back."""

    def __init__(self):
        self.scope = {"type": "http", "path": "/", "state": {}}
        self.parts = [
            {"type": "http.request", "body": b"a", "more_body": True},
            {"type": "http.request", "body": b"b", "more_body": False},
        ]
        self.sent = []

    async def receive(self):
        return self.parts.pop(0)

    async def send(self, message):
        self.sent.append(message)


async def answered(*, conflicts, commits=False, begins=False):
    """Let an application meet so many conflicts; return the statuses and the bodies that it read."""
    client, read = Client(), []

    async def app(scope, receive, send):
        read.append((await receive())["body"] + (await receive())["body"])
        assert scope["state"] == {}
        scope["state"]["seen"] = True
        if begins:
            await send({"type": "http.response.start", "status": 200})
        if commits:
            note_commit()
        status = 200
        if len(read) <= conflicts:
            note_conflict()
            status = 503
        if not begins:
            await send({"type": "http.response.start", "status": status})
        await send({"type": "http.response.body", "body": b""})

    await answer_again(app, client.scope, client.receive, client.send)
    starts = [message["status"] for message in client.sent if message["type"] == "http.response.start"]
    assert len(client.sent) == 2
    return starts, read


async def test_a_request_is_answered_from_its_start_again_with_the_same_body():
    assert await answered(conflicts=3) == ([200], [b"ab"] * 4)


async def test_a_request_that_meets_conflicts_without_end_is_503(monkeypatch):
    monkeypatch.setattr(retries, "FIRST_PAUSE_S", 0)
    assert await answered(conflicts=1000) == ([503], [b"ab"] * retries.MOST_TRIES)


async def test_a_request_that_has_committed_something_is_not_answered_from_its_start_again():
    assert await answered(conflicts=1, commits=True) == ([503], [b"ab"])


async def test_an_answer_that_has_begun_goes_on():
    assert await answered(conflicts=1, begins=True) == ([200], [b"ab"])
