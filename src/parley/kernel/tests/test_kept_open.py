"""What stays open belongs to nobody who asked for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

import pytest

from parley.kernel.kept_open import KeptOpen

caller: ContextVar[str] = ContextVar("caller", default="nobody")


class Door:
    """What notes who has opened it, and whether it is open."""

    def __init__(self) -> None:
        self.opened_by: list[str] = []
        self.is_open = False

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Door"]:
        self.opened_by.append(caller.get())
        self.is_open = True
        await asyncio.sleep(0)
        try:
            yield self
        finally:
            self.is_open = False


async def test_it_is_opened_once_without_the_context_of_whoever_came_first():
    kept, door = KeptOpen(), Door()

    async def use(name: str) -> Door:
        caller.set(name)
        found: Door = await kept.opened("door", door.open)
        return found

    assert list(await asyncio.gather(use("alice"), use("bob"))) == [door, door]
    assert (door.opened_by, door.is_open) == (["nobody"], True)
    await kept.close()
    assert not door.is_open


async def test_it_opens_for_others_when_the_first_goes_away():
    kept, door = KeptOpen(), Door()
    first, second = (asyncio.create_task(kept.opened("door", door.open)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second, door.opened_by) == (door, ["nobody"])
    await kept.close()


async def test_what_could_not_be_opened_is_tried_again_by_the_next():
    kept, door = KeptOpen(), Door()

    @asynccontextmanager
    async def stuck() -> AsyncIterator[Door]:
        if not door.is_open:
            raise OSError("stuck")
        yield door

    with pytest.raises(OSError, match="stuck"):
        await kept.opened("door", stuck)
    assert await kept.opened("door", door.open) is door
    await kept.close()
    await kept.close()
    assert not door.is_open
