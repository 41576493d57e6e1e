"""No project takes all places of a queue in which people can ask for work that takes long."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parley.kernel.jobs import Work, enqueue
from parley.kernel.jobs.registry import QUEUES, SHARES
from parley.kernel.jobs.tests.queue_world import World, new_world, running, until
from parley.kernel.services import Services


class Scales:
    """Work that goes on until the test ends it; `began` are projects and numbers in their order."""

    def __init__(self, world: World) -> None:
        self.world, self.began, self.may_end = world, list[tuple[int, int]](), asyncio.Event()
        world.registry.work("things.weigh")(self.weigh)

    async def weigh(self, _: Services, work: Work) -> None:
        self.began.append((work.project_id, work.payload["number"]))
        await self.may_end.wait()

    async def ask(self, queue: str, *projects: int) -> None:
        for number, project_id in enumerate(projects):
            await self.world.enqueue("things.weigh", {"number": number}, project_id=project_id, queue=queue)


@pytest.fixture(params=["sqlite", "postgresql"])
async def scales(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Scales]:
    async with new_world(request.param, tmp_path) as world:
        yield Scales(world)


async def test_a_project_that_asks_for_much_leaves_places_to_others(scales):
    await scales.ask("queries", 7, 7, 7, 7, 7, 7)
    async with running(scales.world.real_time_queue()):
        await until(lambda: len(scales.began) == SHARES["queries"])
        await scales.ask("queries", 8, 8)
        await until(lambda: len(scales.began) == QUEUES["queries"])
        assert scales.began == [(7, 0), (7, 1), (8, 0), (8, 1)]
        scales.may_end.set()
        await scales.world.until_done()
    assert sorted(scales.began) == [*((7, n) for n in range(6)), (8, 0), (8, 1)]


async def test_who_has_nothing_under_way_comes_before_who_has_something(scales):
    await scales.ask("queries", 7)
    async with running(scales.world.real_time_queue()):
        await until(lambda: scales.began == [(7, 0)])
        async with scales.world.database.transaction() as db:  # seen at once, all together
            for number, project_id in enumerate((7, 8, 9, 10), 1):
                await enqueue(db, "things.weigh", {"number": number}, project_id=project_id, queue="queries")
        await until(lambda: len(scales.began) == QUEUES["queries"])
        assert [project_id for project_id, _ in scales.began] == [7, 8, 9, 10]
        scales.may_end.set()
        await scales.world.until_done()
    assert scales.began[-1] == (7, 1)


@pytest.mark.parametrize(("queue", "project_id"), [("work", 0), ("replies", 7)])
async def test_work_of_no_project_and_of_other_queues_has_no_share(scales, queue, project_id):
    await scales.ask(queue, *[project_id] * QUEUES[queue])
    async with running(scales.world.real_time_queue()):
        await until(lambda: len(scales.began) == QUEUES[queue])
        scales.may_end.set()
        await scales.world.until_done()
