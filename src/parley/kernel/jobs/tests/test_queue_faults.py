"""Background work while the database can't store, and while others hang."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import select

from parley.kernel.database.database import Database
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Unavailable
from parley.kernel.jobs import (
    Event,
    Work,
    outbox,
)
from parley.kernel.jobs.after_failure import description
from parley.kernel.jobs.registry import QUEUES, RETRIES_S
from parley.kernel.jobs.tests.queue_program import make_tables
from parley.kernel.jobs.tests.queue_world import World, new_world, rows, running, until
from parley.kernel.services import Services


@pytest.fixture(params=["sqlite", "postgresql"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async with new_world(request.param, tmp_path) as world:
        yield world


class Ailing:
    """A database that can be made to refuse whatever is written, and to recover."""

    def __init__(
        self, world: World, refuse: Callable[[], Awaitable[None]], recover: Callable[[], Awaitable[None]]
    ) -> None:
        self.world, self.refuse, self.recover = world, refuse, recover


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.getuid() != 0:
        pytest.skip("only root may mount a file system that is small enough to be filled")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], check=False)
    if mounted.returncode != 0:
        pytest.skip("this machine lets nobody mount a file system that is small enough to be filled")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture(params=["a full disk", "a read-only database"])
async def ailing(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ailing]:
    if request.param == "a full disk":
        folder: Path = request.getfixturevalue("small_disk")
        url, filler = f"sqlite:///{folder}/parley.sqlite3", folder / "filler"

        async def refuse() -> None:
            with filler.open("wb", buffering=0) as file, pytest.raises(OSError, match="space"):
                while True:
                    file.write(b"x" * 512)

        async def recover() -> None:
            filler.unlink()
    else:
        server = request.getfixturevalue("stoppable_postgres")
        url = server.make_database("ailing")

        async def refuse() -> None:
            await set_read_only(url, "on")

        async def recover() -> None:
            await set_read_only(url, "off")

    database = Database.open(url)
    await make_tables(database)
    yield Ailing(World(url, tmp_path, database), refuse, recover)
    await database.close()


async def set_read_only(url: str, value: str) -> None:
    """Do what a failover does for a moment: every transaction may read only."""
    connection = await asyncpg.connect(url, server_settings={"default_transaction_read_only": "off"})
    await connection.execute(f"ALTER SYSTEM SET default_transaction_read_only = {value}")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.close()
    while True:
        other = await asyncpg.connect(url)
        found = await other.fetchval("SHOW default_transaction_read_only")
        await other.close()
        if found == value:
            return


async def test_work_that_ended_while_nothing_could_be_stored_is_settled_later_and_not_done_again(ailing):
    world, done, may_end = ailing.world, [], asyncio.Event()

    @world.registry.work("things.tell")
    async def tell(services: Services, work: Work) -> None:
        done.append(work.payload["number"])
        await may_end.wait()
        if work.payload["number"] == 2:
            raise ConnectionResetError("the other side hung up")

    queue = world.real_time_queue()
    for number in (1, 2):
        await world.enqueue("things.tell", {"number": number})
    async with running(queue):
        await until(lambda: sorted(done) == [1, 2])
        await ailing.refuse()
        may_end.set()
        # Both attempts are over, and neither can be noted.
        await until(lambda: queue._work_runner.tries_to_settle >= 4)
        await ailing.recover()
        while [row.attempts async for row in rows(world)] != [1]:
            await asyncio.sleep(0.01)
        await world.enqueue("things.tell", {"number": 3})
        await until(lambda: len(done) == 3)
        assert sorted(done) == [1, 2, 3]


async def test_events_and_jobs_go_on_when_the_database_can_store_again(ailing):
    world, seen, runs = ailing.world, [], []

    @world.registry.on("thing.happened", "things.see")
    async def see(db: Db, _: Services, event: Event) -> None:
        seen.append(event.payload["number"])

    @world.registry.job("things.count", every=timedelta(seconds=1))
    async def count(db: Db, services: Services) -> int:
        runs.append(services.clock.now())
        return 1

    queue = world.real_time_queue()
    await world.emit("thing.happened", {"number": 1})
    async with running(queue):
        await until(lambda: seen == [1])
        await ailing.refuse()
        with pytest.raises(Unavailable):
            await world.emit("thing.happened", {"number": 0})
        await ailing.recover()
        await world.emit("thing.happened", {"number": 2})
        await until(lambda: 2 in seen)
        ran = len(runs)
        await until(lambda: len(runs) > ran + 1)


async def test_what_hangs_in_one_queue_holds_up_no_other_and_no_stop(world):
    cancelled, done = [], []

    @world.registry.work("mails.send", timeout_s=600)
    async def send(services: Services, work: Work) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(work.id)
            raise

    @world.registry.work("hooks.call")
    async def call(services: Services, work: Work) -> None:
        done.append(work.id)

    queue = world.queue(drain_s=0.1)
    for _ in range(QUEUES["mail"] + 2):
        await world.enqueue("mails.send", {}, queue="mail")
    async with running(queue):
        await until(lambda: len(queue._work_runner.running) == QUEUES["mail"])
        await world.enqueue("hooks.call", {}, queue="webhooks")
        await until(lambda: len(done) == 1)
    assert len(cancelled) == QUEUES["mail"]
    # What didn't end is there for the next process, at once.
    assert await world.read(select(outbox.c.holder, outbox.c.attempts).distinct()) == [(None, 0)]
    assert await world.rows_left() == QUEUES["mail"] + 2


@pytest.mark.parametrize("end", ["cancelled", "SystemExit"])
async def test_work_that_ends_in_another_way_is_a_failure_like_any_other(world, end):
    @world.registry.work("things.tell")
    async def tell(services: Services, work: Work) -> None:
        raise asyncio.CancelledError if end == "cancelled" else SystemExit(3)

    await world.enqueue("things.tell", {})
    await world.queue().drain()
    [(attempts, holder, at)] = await world.read(
        select(outbox.c.attempts, outbox.c.holder, outbox.c.available_at)
    )
    assert (attempts, holder) == (1, None)
    assert at == world.clock.now() + timedelta(seconds=RETRIES_S[0])


async def test_only_work_whose_task_is_alive_keeps_its_lease(world):
    may_end = asyncio.Event()

    @world.registry.work("things.tell")
    async def tell(services: Services, work: Work) -> None:
        await may_end.wait()

    queue = world.queue()
    for _ in range(2):
        await world.enqueue("things.tell", {})
    # One is claimed and never begun, as when the answer to the claim was lost.
    [forgotten] = await queue._work_runner.claim("work", 1)
    await queue._work_runner.start_due("work", lambda: None)
    world.clock.advance(timedelta(seconds=20))
    await queue._work_runner.renew()
    found = dict(await world.read(select(outbox.c.id, outbox.c.available_at)))
    assert found.pop(forgotten.id) < world.clock.now()
    assert list(found.values()) == [world.clock.now() + timedelta(seconds=30)]
    may_end.set()
    await until(lambda: not queue._work_runner.running)


def test_any_error_can_be_described():
    assert description(ValueError("half an emoji \ud83d and \0")) == "ValueError: half an emoji ? and "


async def test_what_is_left_for_the_end_of_the_transaction_and_fails_holds_up_no_other_event(world):
    seen = []

    async def fail_on_one(db: Db, items: list[int]) -> None:
        if 1 in items:
            raise ValueError("one is too few")

    @world.registry.on("thing.happened", "things.see")
    async def see(db: Db, _: Services, event: Event) -> None:
        db.before_commit(fail_on_one, event.payload["number"])
        db.after_commit(lambda: note(event.payload["number"]))

    async def note(number: int) -> None:
        seen.append(number)

    for number in range(3):
        await world.emit("thing.happened", {"number": number})
    await world.queue().drain()
    assert seen == [0, 2]
    assert await world.read(select(outbox.c.attempts, outbox.c.last_error)) == [
        (1, "ValueError: one is too few")
    ]
