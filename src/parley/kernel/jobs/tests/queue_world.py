"""What the tests of the queue stand on: a real database with its tables, and a clock that is moved."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Select, func, select

from parley.kernel.clock import Clock, SystemClock
from parley.kernel.database.database import Database
from parley.kernel.jobs import (
    Queue,
    Registry,
    emit,
    enqueue,
    outbox,
)
from parley.kernel.jobs.tests.queue_program import effect, make_tables, services_for
from parley.kernel.services import Services
from tests.cast import MovableClock
from tests.servers import new_postgres_url


class World:
    """One database, one registry, and as many queues as a test wants."""

    def __init__(self, url: str, folder: Path, database: Database) -> None:
        self.url, self.folder, self.database = url, folder, database
        self.clock = MovableClock()
        self.clock.freeze(datetime(2026, 1, 5, 12, 0, 30, tzinfo=UTC))
        self.registry = Registry()

    def queue(self, **options: Any) -> Queue:
        return Queue(self.services(), registry=self.registry, **options)

    def real_time_queue(self) -> Queue:
        return Queue(self.services(SystemClock()), registry=self.registry)

    def services(self, clock: Clock | None = None) -> Services:
        return services_for(self.database, self.url, self.folder, clock or self.clock)

    async def emit(self, name: str, payload: Mapping[str, Any], **options: Any) -> None:
        async with self.database.transaction() as db:
            await emit(db, name, payload, **{"project_id": 1} | options)

    async def enqueue(self, name: str, payload: Mapping[str, Any], **options: Any) -> None:
        async with self.database.transaction() as db:
            await enqueue(db, name, payload, **{"project_id": 1} | options)

    async def read(self, statement: Select[Any]) -> list[tuple[Any, ...]]:
        async with self.database.transaction(write=False) as db:
            return [tuple(row) for row in await db.execute(statement)]

    async def effects(self) -> list[tuple[str, int]]:
        return sorted(await self.read(select(effect.c.who, effect.c.number)))

    async def rows_left(self) -> int:
        [(count,)] = await self.read(select(func.count()).select_from(outbox))
        return int(count)

    async def until_done(self, *, within_s: float = 60) -> None:
        """Return once the outbox is empty."""
        deadline = time.monotonic() + within_s
        while await self.rows_left():
            assert time.monotonic() < deadline, f"{await self.rows_left()} rows are still in the outbox"
            await asyncio.sleep(0.02)


async def until(condition: Callable[[], bool], *, within_s: float = 60) -> None:
    """Return once the condition holds."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "what the test waits for did not happen"
        await asyncio.sleep(0.005)


@asynccontextmanager
async def new_world(dialect: str, folder: Path) -> AsyncIterator[World]:
    """Open an empty database of that kind with the queue's tables in it."""
    url = f"sqlite:///{folder / 'parley.sqlite3'}" if dialect == "sqlite" else new_postgres_url()
    database = Database.open(url)
    await make_tables(database)
    yield World(url, folder, database)
    await database.close()


@asynccontextmanager
async def running(queue: Queue) -> AsyncIterator[Queue]:
    """Start a queue, and stop it however the test ends."""
    await queue.start()
    try:
        yield queue
    finally:
        await queue.stop()


async def rows(world: World) -> AsyncIterator[Any]:
    """Yield what is in the outbox."""
    async with world.database.transaction(write=False) as db:
        for row in await db.execute(select(outbox)):
            yield row
