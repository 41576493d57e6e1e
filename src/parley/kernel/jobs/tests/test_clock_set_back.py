"""Background work under a clock that was wrong: nothing waits for a time that comes again only later."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from parley.kernel.database.transaction import Db
from parley.kernel.jobs import (
    Event,
    Work,
    outbox,
)
from parley.kernel.jobs.registry import RETRIES_S
from parley.kernel.jobs.relay import POLL_S
from parley.kernel.jobs.tests.queue_world import World, new_world, rows, running, until
from parley.kernel.services import Services


@pytest.fixture(params=["sqlite", "postgresql"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async with new_world(request.param, tmp_path) as world:
        yield world


@pytest.mark.parametrize("ahead", [timedelta(minutes=2), timedelta(days=1), timedelta(days=400)])
@pytest.mark.parametrize("every", [timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)])
async def test_jobs_go_on_when_the_clock_is_set_back(world, ahead, every):
    runs = []

    @world.registry.job("things.count", every=every)
    async def count(db: Db, services: Services) -> int:
        runs.append(services.clock.now())
        return 1

    schedule = world.queue()._schedule
    await schedule.prepare()
    await schedule.run_due()
    world.clock.advance(ahead)
    await schedule.run_due()
    ran_ahead = len(runs)
    world.clock.advance(-ahead)
    if ran_ahead == 2:
        await schedule.run_due()
        assert len(runs) == 3
    # And from now on it runs when it always did.
    await schedule.run_due()
    count_before = len(runs)
    world.clock.advance(every)
    await schedule.run_due()
    assert len(runs) == count_before + 1


async def test_clocks_that_differ_a_little_run_no_job_twice(world):
    runs = []

    @world.registry.job("things.count", every=timedelta(minutes=1))
    async def count(db: Db, services: Services) -> int:
        runs.append(services.clock.now())
        return 1

    world.clock.freeze(datetime.fromisoformat("2026-01-05T12:00:02+00:00"))
    ahead, behind = world.queue()._schedule, world.queue()._schedule
    await ahead.prepare()
    await ahead.run_due()
    world.clock.advance(timedelta(seconds=-4))
    await behind.prepare()
    await behind.run_due()
    assert len(runs) == 1


async def test_a_running_queue_looks_again_when_the_clock_is_set_back(world):
    tries, moments = [], []

    @world.registry.work("things.tell")
    async def tell(services: Services, work: Work) -> None:
        tries.append(work.attempts)
        if len(tries) == 1:
            raise ConnectionResetError("the other side hung up")

    @world.registry.on("clock.set_back", "things.hear")
    async def hear(db: Db, _: Services, event: Event) -> None:
        moments.append(datetime.fromisoformat(event.payload["at"]))

    world.clock.advance(timedelta(days=1))
    queue = world.queue()
    async with running(queue):
        await world.enqueue("things.tell", {})
        while not [row async for row in rows(world) if row.attempts == 1]:
            await asyncio.sleep(0.01)
        world.clock.advance(timedelta(days=-1))
        await until(lambda: tries == [0, 1])
        await until(lambda: bool(moments))


@pytest.mark.parametrize("failures", range(1, len(RETRIES_S) + 1))
@pytest.mark.parametrize("kind", ["work", "event"])
async def test_what_was_put_off_under_a_wrong_clock_is_due_as_soon_as_anybody_looks(world, failures, kind):
    is_broken = True

    async def fail(*_: Any) -> None:
        if is_broken:
            raise ConnectionResetError("the other side hung up")

    world.registry.work("things.tell")(fail)
    world.registry.on("thing.happened", "things.fail")(fail)
    if kind == "work":
        await world.enqueue("things.tell", {})
    else:
        await world.emit("thing.happened", {})
    queue, ahead = world.queue(), timedelta(hours=1)
    for pause_s in RETRIES_S[: failures - 1]:
        await queue.drain()
        world.clock.advance(timedelta(seconds=pause_s))
    world.clock.advance(ahead)
    await queue.drain()
    world.clock.advance(-ahead)
    is_broken = False
    await world.queue().drain()
    assert await world.rows_left() == 0


@pytest.mark.parametrize(
    ("ahead", "is_due"), [(timedelta(minutes=16), True), (timedelta(days=1), True), (timedelta(), False)]
)
async def test_planned_work_waits_no_longer_than_it_can_be_planned_ahead(world, ahead, is_due):
    done = []

    @world.registry.work("things.tell", ahead_s=900)
    async def tell(services: Services, work: Work) -> None:
        done.append(work.id)

    planned = world.clock.now() + ahead + timedelta(minutes=15)
    await world.enqueue("things.tell", {}, not_before=planned)
    await world.queue().drain()
    assert len(done) == is_due
    world.clock.advance(timedelta(minutes=15))
    await world.queue().drain()
    assert len(done) == 1


async def test_a_running_queue_finds_planned_work_that_a_wrong_clock_elsewhere_has_put_off(world):
    done = []

    @world.registry.work("things.tell", ahead_s=900)
    async def tell(services: Services, work: Work) -> None:
        done.append(work.id)

    queue = world.queue()
    async with running(queue):
        await world.enqueue("things.tell", {}, not_before=world.clock.now() + timedelta(days=1))
        queue._reviewed -= POLL_S
        queue._wake.set()
        await until(lambda: len(done) == 1)


async def test_a_running_queue_does_planned_work_when_the_clock_is_set_back_a_little(world):
    done = []

    @world.registry.work("things.tell", ahead_s=900)
    async def tell(services: Services, work: Work) -> None:
        done.append(work.id)

    world.clock.advance(timedelta(minutes=5))
    async with running(world.queue()):
        await world.enqueue("things.tell", {}, not_before=world.clock.now() + timedelta(minutes=5))
        world.clock.advance(timedelta(minutes=-5))
        await until(lambda: len(done) == 1)


async def test_a_lease_from_a_time_that_was_wrong_holds_nothing(world):
    await world.enqueue("things.tell", {})
    long_ago = {"holder": "a dead process", "available_at": world.clock.now() + timedelta(days=1)}
    async with world.database.transaction() as db:
        await db.execute(update(outbox).values(**long_ago))
    queue = world.queue()
    await queue._review()
    assert await world.queue().drain() == 1


async def test_what_waits_for_its_retry_is_left_alone_while_the_clock_is_right(world):
    @world.registry.work("things.tell")
    async def tell(services: Services, work: Work) -> None:
        raise ConnectionResetError("the other side hung up")

    await world.enqueue("things.tell", {})
    queue = world.queue()
    for pause_s in RETRIES_S:
        assert await queue.drain() == 1
        await queue._review()
        assert await queue.drain() == 0
        world.clock.advance(timedelta(seconds=pause_s))
