"""Connections are lent, kept and replaced; nobody waits for one without end."""

import asyncio
import socket
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

import asyncpg
import pytest
from sqlalchemy import select, text

from parley.kernel.database import engine as engine_module
from parley.kernel.database import pool
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.watched_connection import UNHEARD_S
from parley.kernel.errors import Unavailable
from tests import servers
from tests.balancer import Balancer

ONE = Prepared(select(text("1")))


@pytest.fixture
async def small(services):
    """Give a database of its own with one kept connection and eleven in all."""
    made = Database.open(services.settings.database_url, pool_size=1)
    yield made
    await made.close()


async def hold_all(database, stack):
    """Hold every connection that the pool may open."""
    return [await stack.enter_async_context(database.transaction(write=False)) for _ in range(11)]


async def test_the_same_connection_is_lent_again(small):
    async with small.transaction(write=False) as db:
        first = db.driver
    async with small.transaction(write=False) as db:
        assert db.driver is first


async def lent_at_once(database, many):
    """Hold so many connections at once, give them back, and return them."""
    async with AsyncExitStack() as stack:
        held = [await stack.enter_async_context(database.transaction(write=False)) for _ in range(many)]
        return {db.driver for db in held}


async def test_those_beyond_the_kept_ones_stay_open_while_they_are_needed(small):
    # To open one costs a hundred times what a read costs: under load each request would pay for it.
    first = await lent_at_once(small, 5)
    assert await lent_at_once(small, 5) == first


async def test_all_those_beyond_the_kept_ones_are_closed_after_a_time_without_use(small, monkeypatch):
    first = await lent_at_once(small, 5)
    monkeypatch.setattr(pool, "SPARE_S", -1.0)
    await small.read(ONE)
    again = await lent_at_once(small, 5)
    assert len(again & first) == 1  # the one that is kept


async def test_two_transactions_at_once_never_share_a_connection(small):
    async with small.transaction(write=False) as one, small.transaction(write=False) as other:
        assert one.driver is not other.driver


async def test_who_finds_all_connections_in_use_waits_for_the_first_that_is_given_back(small):
    async with AsyncExitStack() as stack:
        await hold_all(small, stack)
        waiting = asyncio.create_task(small.read(ONE))
        await asyncio.sleep(0.05)
        assert not waiting.done()
    assert [row[0] for row in await waiting] == [1]


async def test_who_waits_too_long_is_told_that_the_database_is_unavailable(small, monkeypatch):
    monkeypatch.setattr(pool, "MOST_S", 0.05)
    async with AsyncExitStack() as stack:
        await hold_all(small, stack)
        with pytest.raises(Unavailable):
            await small.read(ONE)
    assert [row[0] for row in await small.read(ONE)] == [1]


async def test_a_connection_that_was_cancelled_in_a_transaction_is_not_lent_again(small):
    async def stay():
        async with small.transaction(write=False) as db:
            drivers.append(db.driver)
            inside.set()
            await asyncio.Event().wait()

    drivers: list[object] = []
    inside = asyncio.Event()
    task = asyncio.create_task(stay())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with small.transaction(write=False) as db:
        assert db.driver is not drivers[0]


async def limited(n_connections):
    """Return a database that has so many connections for us."""
    url = servers.new_postgres_url()
    parts = urlsplit(url)
    role = parts.path.strip("/")
    owner = await asyncpg.connect(url)
    await owner.execute(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT {n_connections}")
    await owner.close()
    return Database.open(parts._replace(netloc=parts.netloc.replace("parley@", f"{role}@")).geturl())


async def test_where_the_database_has_few_connections_all_get_their_turn():
    few = await limited(3)

    async def use(number):
        async with few.transaction(write=bool(number % 2)) as db:
            return [row[0] for row in await db.rows(ONE)]

    assert await asyncio.gather(*(use(number) for number in range(60))) == [[1]] * 60
    await few.close()


async def test_who_waits_for_a_connection_of_a_full_database_may_be_cancelled():
    one = await limited(1)
    async with one.transaction():
        waiting = [asyncio.create_task(one.read(ONE)) for _ in range(3)]
        while not one._pool._waiting:
            await asyncio.sleep(0.01)
        waiting[0].cancel()
    assert [len(await task) for task in waiting[1:]] == [1, 1]
    await one.close()


async def test_a_reading_that_is_cancelled_does_not_leave_its_connection_to_others(postgres_url):
    slow = Prepared(select(text("1")).where(text("pg_sleep(30) IS NOT NULL")))
    database = Database.open(postgres_url, pool_size=1)
    reading = asyncio.create_task(database.read(slow))
    await asyncio.sleep(0.2)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert [row[0] for row in await database.read(ONE)] == [1]
    await database.close()


async def test_a_savepoint_that_is_cancelled_ends_with_the_cancellation(services):
    inside = asyncio.Event()

    async def stay():
        async with services.database.transaction() as db, db.savepoint():
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(stay())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_connection_that_falls_silent_is_given_up_and_another_one_opened(monkeypatch):
    monkeypatch.setattr(engine_module, "SILENT_S", 0.3)
    url = urlsplit(servers.postgres_url())
    async with asyncio.timeout(60), Balancer([url.port or 5432]) as between:
        database = Database.open(url._replace(netloc=f"{url.username}@127.0.0.1:{between.port}").geturl())
        await database.ping()
        between.fall_silent()
        with pytest.raises(Unavailable):
            await database.ping()
        await database.ping()
        with pytest.raises(Unavailable):
            async with database.transaction() as db:
                between.fall_silent()
                await db.rows(ONE)
        async with database.transaction() as db:
            assert await db.rows(ONE)
        await database.close()


async def test_the_kernel_is_told_to_watch_the_other_side():
    database = Database.open(servers.postgres_url())
    async with database.transaction(write=False) as db:
        connected = db.driver._transport.get_extra_info("socket")
        assert connected.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            assert connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == UNHEARD_S * 1000
    await database.close()
