"""Background work that meets others in the database: begun anew at once, and not counted as a failure of its own."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text

from parley.kernel.jobs import job_schedule, outbox
from parley.kernel.jobs.schedule import Schedule
from parley.kernel.jobs.tests.queue_program import effect
from parley.kernel.jobs.tests.queue_world import new_world

CODES = {"serialization_failure": "40001", "deadlock_detected": "40P01", "lock_not_available": "55P03"}


@pytest.fixture
async def world(tmp_path):
    async with new_world("postgresql", tmp_path) as world:
        yield world


async def give_up(db, code):
    """Have the database end the transaction with an error of this code."""
    await db.execute(text(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$"))


@pytest.mark.parametrize("code", CODES.values(), ids=CODES)
async def test_an_event_is_handled_again_at_once(world, code):
    tries = []

    @world.registry.on("thing.happened", "things.write")
    async def write(db, _, event):
        tries.append(event.attempts)
        await db.execute(insert(effect).values(who="one", number=event.payload["number"]))
        if len(tries) < 3:
            await give_up(db, code)

    await world.emit("thing.happened", {"number": 7})
    assert await world.queue().drain() == 1
    assert await world.effects() == [("one", 7)]
    assert tries == [0, 0, 0]


async def test_a_job_is_run_again_at_once(world):
    tries = []

    @world.registry.job("things.count", every=timedelta(minutes=1))
    async def count(db, services):
        tries.append(services.clock.now())
        await db.execute(insert(effect).values(who="job", number=1))
        if len(tries) < 3:
            await give_up(db, "40P01")
        return 1

    schedule = Schedule(world.services(), world.registry.jobs)
    await schedule.prepare()
    await schedule.run_due()
    assert await world.effects() == [("job", 1)]
    assert len(tries) == 3
    assert await world.read(select(job_schedule.c.failures)) == [(0,)]


async def test_conflicts_without_end_are_no_failure_of_the_event(world, monkeypatch):
    monkeypatch.setattr("parley.kernel.database.retries.FIRST_PAUSE_S", 0)

    @world.registry.on("thing.happened", "things.never")
    async def never(db, _, event):
        await give_up(db, "40001")

    await world.emit("thing.happened", {"number": 7})
    with pytest.raises(Exception, match="not available"):
        await world.queue().drain()
    assert await world.read(select(outbox.c.attempts, outbox.c.dead_at)) == [(0, None)]
