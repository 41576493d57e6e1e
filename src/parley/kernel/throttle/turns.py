"""Turns at what only few may do at the same time: keys take them one after the other."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


class Turns:
    """At most `most` at the same time. So many may wait of one key, and in sum; keys take turns, however many wait of one.

    So nobody waits behind all of what somebody else has sent.
    """

    def __init__(
        self, most: int, *, waiting_of_key: int, waiting: int, refusal: Callable[[], Exception]
    ) -> None:
        """`refusal` makes what is raised where too many wait."""
        self._free = most
        self._most_of_key, self._most_waiting = waiting_of_key, waiting
        self._refusal = refusal
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def taken(self, key: str) -> AsyncIterator[None]:
        """Wait for a turn, and give it back at the end; raises the refusal where too many wait."""
        if self._free:
            self._free -= 1
        else:
            await self._wait(key)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, key: str) -> None:
        mine = self._waiting.get(key, ())
        if len(mine) >= self._most_of_key or sum(map(len, self._waiting.values())) >= self._most_waiting:
            raise self._refusal()
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._forget(key, turn)
            else:
                self._pass_on()  # it came just when nobody wanted it any more
            raise

    def _forget(self, key: str, turn: asyncio.Future[None]) -> None:
        mine = self._waiting.get(key, deque())
        if turn in mine:
            mine.remove(turn)
            if not mine:
                del self._waiting[key]

    def _pass_on(self) -> None:
        """Give the turn to the first of the next key, which stands behind all others then."""
        while self._waiting:
            key = next(iter(self._waiting))
            mine = self._waiting.pop(key)
            turn = mine.popleft()
            if mine:
                self._waiting[key] = mine
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
