"""What is opened by whoever needs it first, and stays open until the process ends."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from contextvars import Context
from typing import Any


class KeptOpen:
    """Context managers by name, each entered and left by a task of its own.

    The task begins with an empty context: it knows nothing of the request that came first, and whatever it begins in turn
    belongs to nobody.
    """

    def __init__(self) -> None:
        self._opened: dict[str, asyncio.Future[Any]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def opened(self, name: str, make: Callable[[], AbstractAsyncContextManager[Any]]) -> Any:
        """Return what the manager of this name yields; it is made and entered where none is open."""
        task = self._tasks.get(name)
        if task is None or task.done():
            opened = self._opened[name] = asyncio.get_running_loop().create_future()
            self._tasks[name] = asyncio.create_task(_hold(make, opened), name=name, context=Context())
        return await asyncio.shield(self._opened[name])

    async def close(self) -> None:
        """Leave all of them."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        self._tasks.clear()


async def _hold(make: Callable[[], AbstractAsyncContextManager[Any]], opened: asyncio.Future[Any]) -> None:
    try:
        async with make() as made:
            opened.set_result(made)
            await asyncio.Event().wait()
    except Exception as error:
        if opened.done():
            raise
        opened.set_exception(error)
    finally:
        opened.cancel()  # ended before it was open; nothing where it is
