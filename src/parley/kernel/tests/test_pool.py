"""Connections are lent, kept and replaced; nobody waits for one without end."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import select, text

from parley.kernel import pool
from parley.kernel.db import Database
from parley.kernel.errors import Unavailable
from parley.kernel.prepared import Prepared

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
