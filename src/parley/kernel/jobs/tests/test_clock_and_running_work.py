"""A clock that jumps begins nothing a second time."""

import asyncio
from datetime import timedelta

import pytest

from parley.kernel.jobs.tests.queue_world import new_world, until


@pytest.fixture(params=["sqlite", "postgresql"])
async def world(request, tmp_path):
    async with new_world(request.param, tmp_path) as world:
        yield world


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1)])
async def test_work_that_runs_is_not_begun_again_however_the_clock_jumps(world, jump):
    begun, may_end = [], asyncio.Event()

    @world.registry.work("mail.send")
    async def send(services, work):
        begun.append(work.payload["n"])
        await may_end.wait()

    queue = world.queue()
    await queue.start()
    try:
        await world.enqueue("mail.send", {"n": 1})
        await until(lambda: begun == [1])
        world.clock.advance(jump)
        await world.enqueue(
            "mail.send", {"n": 2}
        )  # once this has begun, the relay has looked at all that is due
        await until(lambda: len(begun) == 2)
        await asyncio.sleep(0.2)
        assert begun == [1, 2]
        may_end.set()
        await world.until_done()
    finally:
        await queue.stop()
