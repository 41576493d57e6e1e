"""The queue as it runs in a server: a relay that is woken, work on leases, and processes that die."""

import asyncio
import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import insert, select

from parley.kernel.database.transaction import Db
from parley.kernel.jobs import (
    Event,
    Work,
    emit,
    enqueue,
    outbox,
    relay,
)
from parley.kernel.jobs.registry import QUEUES
from parley.kernel.jobs.tests import queue_program
from parley.kernel.jobs.tests.queue_program import effect
from parley.kernel.jobs.tests.queue_world import World, new_world, until
from parley.kernel.services import Services


@pytest.fixture(params=["sqlite", "postgresql"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async with new_world(request.param, tmp_path) as world:
        yield world


# Its processes begin with everything imported, which saves each test some seconds.
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["parley.kernel.jobs.tests.queue_program"])


class Program:
    """Runs `queue_program.py` on the world's database, in a process of its own."""

    def __init__(self, world: World) -> None:
        self.arguments = (world.url, world.folder)
        self.effects = world.folder / "effects.txt"
        self.go = world.folder / "go"
        self.ended = world.folder / "ended.txt"
        self.process: ForkServerProcess | None = None

    def start(self) -> None:
        self.process = processes.Process(target=queue_program.run, args=self.arguments)
        self.process.start()

    def end(self, by: signal.Signals) -> int:
        assert self.process and self.process.pid
        os.kill(self.process.pid, by)
        self.process.join(timeout=60)
        assert self.process.exitcode is not None, "the program goes on"
        return self.process.exitcode

    def lines(self) -> list[str]:
        return self.effects.read_text().split() if self.effects.exists() else []


@pytest.fixture
def program(world: World) -> Iterator[Program]:
    program = Program(world)
    yield program
    if program.process and program.process.is_alive():
        program.end(signal.SIGKILL)


async def test_a_commit_wakes_the_relay(world, monkeypatch):
    monkeypatch.setattr(relay, "POLL_S", 90.0)
    done: list[int] = []

    @world.registry.on("thing.happened", "things.note")
    async def note(db: Db, _: Services, event: Event) -> None:
        await db.execute(insert(effect).values(who="note", number=event.payload["number"]))

    @world.registry.work("things.tell", retries_s=(600,))
    async def tell(services: Services, work: Work) -> None:
        done.append(work.payload["number"])
        if work.payload["number"] == 2:
            raise ConnectionResetError("the other side hung up")

    # Twice in one process: it must start again after it was stopped.
    numbers_begun: list[int] = []
    for number in (1, 2):
        numbers_begun.append(number)
        queue = world.real_time_queue()
        await queue.start()
        await world.emit("thing.happened", {"number": number})
        await world.enqueue("things.tell", {"number": number})
        started = monotonic()
        while len(await world.effects()) < number:
            await asyncio.sleep(0.002)
        assert monotonic() - started < 8, "the relay found the event by polling"
        await until(lambda: len(done) == len(numbers_begun))
        await queue.stop()
    assert done == [1, 2]
    assert await world.read(select(outbox.c.attempts, outbox.c.last_error)) == [
        (1, "ConnectionResetError: the other side hung up")
    ]


async def test_killed_again_and_again_it_loses_nothing_and_repeats_nothing(world, program):
    numbers = range(240)
    async with world.database.transaction() as db:
        for number in numbers:
            await emit(db, "thing.happened", {"number": number}, project_id=1)
        for number in numbers[:24]:
            await enqueue(db, "things.tell", {"number": number}, project_id=1)
    for share in (0.2, 0.5):
        program.start()
        while len(await world.effects()) < 2 * len(numbers) * share:
            await asyncio.sleep(0.005)
        program.end(signal.SIGKILL)
    program.start()
    await world.until_done()
    assert program.end(signal.SIGTERM) == 0
    expected = [(who, number) for who in ("copy", "note") for number in numbers]
    assert await world.effects() == sorted([*expected, ("count", 0)])
    # Nobody can tell whether the last words of a killed process arrived; what was settled is not repeated.
    effects = Counter(program.lines())
    assert set(effects) == {str(number) for number in numbers[:24]}
    assert effects.total() <= 24 + 2 * QUEUES["work"]


async def test_work_whose_process_dies_before_the_row_is_settled_is_done_again_once_under_the_same_id(
    world, program
):
    await world.enqueue("things.tell", {"number": 1, "wait": True})
    [(id,)] = await world.read(select(outbox.c.id))
    program.start()
    await until(lambda: program.lines() == ["1"])
    async with world.database.transaction() as db:
        # This transaction keeps the program from settling the row: on SQLite nobody else may write at all.
        await db.execute(select(outbox).with_for_update())
        program.go.touch()
        await until(lambda: program.ended.exists() and program.ended.read_text())
        program.end(signal.SIGKILL)
    program.start()
    await world.until_done()
    assert program.end(signal.SIGTERM) == 0
    # It could not be on record anywhere that it was done, and who gets a mail can tell by its Message-ID.
    assert program.lines() == ["1", "1"]
    assert program.ended.read_text().split() == [str(id)] * 2


async def test_a_stop_does_not_wait_for_slow_work_and_the_next_start_finishes_it(world, program):
    await world.enqueue("things.tell", {"number": 1, "wait": True})
    program.start()
    await until(lambda: program.lines() == ["1"])
    started = monotonic()
    assert program.end(signal.SIGTERM) == 0
    assert monotonic() - started < 30
    assert await world.rows_left() == 1
    program.go.touch()
    program.start()
    await world.until_done()
    assert program.end(signal.SIGTERM) == 0
