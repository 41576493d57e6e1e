"""Work that goes on for long rests in proportion to what it took."""

import asyncio

import pytest

from parley.kernel.ids import new_uuid
from parley.kernel.jobs.registry import Work
from parley.kernel.jobs.resting import LONGEST_REST_S, rest, rest_s


@pytest.mark.parametrize(
    ("took_s", "rests_s"), [(0, 0), (0.1, 0.9), (1, 9), (2, 18), (60, LONGEST_REST_S), (-5, 0)]
)
def test_the_rest_is_nine_times_the_work_and_never_long(took_s, rests_s):
    assert rest_s(took_s) == pytest.approx(rests_s)


async def test_a_process_that_ends_does_not_wait_for_a_rest():
    work = Work(0, new_uuid(), "x.rest", {}, 0, asyncio.Event(), asyncio.Semaphore(1))
    resting = asyncio.create_task(rest(work, 3600))
    await asyncio.sleep(0)
    assert not resting.done()
    work.stopping.set()
    await resting
