"""The queue for the threads that hash passwords. Addresses take turns, so that none of them can make others wait."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from parley.kernel.errors import Unavailable
from parley.kernel.network.addresses import network_of

Turn = asyncio.Future[None]


class HashingQueue:
    """As many at a time as there are threads, and a bounded number of others that wait."""

    def __init__(self, n_threads: int, most_waiting: int) -> None:
        self._n_free = n_threads
        self._most_waiting = most_waiting
        self._waiting: dict[str, deque[Turn]] = {}  # the address whose turn it is comes first
        self.n_waiting = 0

    @asynccontextmanager
    async def slot(self, address: str) -> AsyncIterator[None]:
        """Wait for a thread and hold it; raises Unavailable at once where too many of an address wait already."""
        await self._enter(network_of(address))
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, network: str) -> None:
        if self._n_free:
            self._n_free -= 1
            return
        if self.n_waiting >= self._most_waiting:
            self._make_room(network)
        turn: Turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(network, deque()).append(turn)
        self.n_waiting += 1
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._drop(network, turn)
            elif turn.exception() is None:
                self._leave()  # it was this one's turn already
            raise

    def _leave(self) -> None:
        if not self.n_waiting:
            self._n_free += 1
            return
        network = next(iter(self._waiting))
        turns = self._waiting.pop(network)
        turn = turns.popleft()
        self.n_waiting -= 1
        if turns:
            self._waiting[network] = turns
        turn.set_result(None)

    def _make_room(self, network: str) -> None:
        """Send away the youngest of the address with the most; raises Unavailable when that would be this one."""
        most = max(self._waiting, key=lambda one: len(self._waiting[one]))
        if len(self._waiting[most]) <= len(self._waiting.get(network, ())) + 1:
            raise _too_many()
        turn = self._waiting[most][-1]
        self._drop(most, turn)
        turn.set_exception(_too_many())

    def _drop(self, network: str, turn: Turn) -> None:
        turns = self._waiting[network]
        turns.remove(turn)
        self.n_waiting -= 1
        if not turns:
            del self._waiting[network]


def _too_many() -> Unavailable:
    return Unavailable("Too many people are signing in at the moment. Please try again.")
