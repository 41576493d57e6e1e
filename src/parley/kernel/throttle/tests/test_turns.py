"""Who may go next where only few can go at the same time."""

import asyncio

import pytest

from parley.kernel.errors import Unavailable
from parley.kernel.throttle import Turns


class Going:
    """Tasks that take a turn each, and note in which order they got it."""

    def __init__(self, turns: Turns) -> None:
        self.turns, self.went = turns, list[str]()

    async def start(self, name: str) -> asyncio.Task[None]:
        """Start one, whose key is the first letter of its name, and let it stand in its place."""
        task = asyncio.create_task(self._go(name))
        await asyncio.sleep(0)
        return task

    async def _go(self, name: str) -> None:
        async with self.turns.taken(name[0]):
            self.went.append(name)
            await asyncio.sleep(0)


async def test_nobody_waits_behind_all_that_another_one_has_sent():
    going = Going(Turns(1, waiting_of_key=10, waiting=20, refusal=Unavailable))
    async with going.turns.taken("x"):
        tasks = [await going.start(name) for name in ("a1", "a2", "a3", "b1", "b2", "c1")]
        assert going.went == []
    await asyncio.gather(*tasks)
    assert going.went == ["a1", "b1", "c1", "a2", "b2", "a3"]


async def test_few_may_wait_of_one_and_in_sum():
    going = Going(Turns(1, waiting_of_key=2, waiting=3, refusal=Unavailable))
    async with going.turns.taken("x"):
        tasks = [await going.start(name) for name in ("a1", "a2", "a3", "b1", "c1")]
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(result, Unavailable) for result in results] == [False, False, True, False, True]
    assert going.went == ["a1", "b1", "a2"]


@pytest.mark.parametrize("is_late", [False, True])
async def test_whoever_goes_away_leaves_the_turn_to_the_next(is_late):
    going = Going(Turns(1, waiting_of_key=2, waiting=3, refusal=Unavailable))
    async with going.turns.taken("x"):
        first, second = [await going.start(name) for name in ("a1", "b1")]
        if not is_late:
            first.cancel()
    if is_late:
        first.cancel()  # it has its turn, and doesn't know yet
    await asyncio.wait([first, second])
    assert (first.cancelled(), going.went) == (True, ["b1"])
    await (await going.start("c1"))
    assert going.went == ["b1", "c1"]
