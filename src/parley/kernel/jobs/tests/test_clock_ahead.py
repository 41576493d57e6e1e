"""A clock that jumps forward for a while: nothing is deleted for its age meanwhile."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from parley.kernel.jobs.clock_jumps import BELIEVED_AFTER_S, ForwardJumpDetector
from parley.kernel.jobs.schedule import Schedule
from parley.kernel.jobs.tests.queue_program import effect
from parley.kernel.jobs.tests.queue_world import new_world


class Steady:
    """A clock that only goes forward, as far as a test says."""

    def __init__(self) -> None:
        self.s = 1000.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture(params=["sqlite", "postgresql"])
async def world(request, tmp_path):
    async with new_world(request.param, tmp_path) as world:
        yield world


@pytest.fixture
async def turn(world):
    """Let time pass by both clocks, the first perhaps by more; return who has run, in order."""
    ran, steady, n_runs = [], Steady(), 0
    for name, deletes in (("things.count", False), ("things.forget", True)):

        @world.registry.job(name, every=timedelta(minutes=1), deletes=deletes)
        async def run(db, _, name=name):
            nonlocal n_runs
            n_runs += 1
            ran.append(name.partition(".")[2])
            await db.execute(insert(effect).values(who=name, number=n_runs))
            return 1

    schedule = Schedule(world.services(), world.registry.jobs, ForwardJumpDetector(world.clock, steady))
    await schedule.prepare()
    await schedule.run_due()

    async def passes(real: timedelta, wrong: timedelta = timedelta(0)) -> list[str]:
        ran.clear()
        world.clock.advance(real + wrong)
        steady.s += real.total_seconds()
        await schedule.run_due()
        # What waits must not make the relay turn without end.
        assert schedule.next_due() > world.clock.now()
        return sorted(ran)

    return passes


MINUTE, YEAR = timedelta(minutes=1), timedelta(days=365)


async def test_what_deletes_waits_until_the_clock_is_right_again(turn):
    assert await turn(MINUTE) == ["count", "forget"]
    assert await turn(MINUTE, YEAR) == ["count"]
    assert await turn(MINUTE) == ["count"]
    assert await turn(MINUTE, -YEAR) == ["count", "forget"]


async def test_a_clock_that_stays_so_is_believed(turn):
    assert await turn(MINUTE, YEAR) == ["count"]
    assert await turn(timedelta(seconds=BELIEVED_AFTER_S)) == ["count", "forget"]
    assert await turn(MINUTE) == ["count", "forget"]


async def test_a_clock_that_is_corrected_a_little_delays_nothing(turn):
    assert await turn(MINUTE, timedelta(minutes=59)) == ["count", "forget"]
    assert await turn(timedelta(days=30)) == ["count", "forget"]
