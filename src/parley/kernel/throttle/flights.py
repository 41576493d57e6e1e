"""What goes on once, however many ask for it at the same time, in this process."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any


class Flights:
    """What is under way, by its key. Memory is bounded by what goes on."""

    def __init__(self) -> None:
        self._tasks: dict[Hashable, asyncio.Task[Any]] = {}

    async def join(self, key: Hashable, begin: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Return or raise what comes of it; it is begun where it isn't under way.

        It goes on when whoever asks goes away: others may wait for it, too.
        """
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.create_task(begin())

            def ended(done: asyncio.Task[Any]) -> None:
                del self._tasks[key]
                if not done.cancelled():
                    done.exception()  # somebody may have been told, or nobody is left

            task.add_done_callback(ended)
        return await asyncio.shield(task)
