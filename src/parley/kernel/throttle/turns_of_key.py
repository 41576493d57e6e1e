"""How much of one key goes on at the same time: who sends two hundred requests at once waits for themselves alone.

Without it, whoever asks next would stand behind all of them. No limit of requests sees that: a key may send so many.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from parley.kernel.errors import Throttled
from parley.kernel.throttle.turns import Turns


class TurnsOfKey:
    """At most `most` of each key at the same time, and `waiting` more that wait. Memory is bounded by what goes on."""

    def __init__(self, most: int, waiting: int) -> None:
        self.most, self.waiting = most, waiting
        self._turns: dict[str, Turns] = {}
        self._held: dict[str, int] = {}

    @property
    def n_keys(self) -> int:
        """The number of keys of which something goes on or waits."""
        return len(self._turns)

    @asynccontextmanager
    async def taken(self, key: str) -> AsyncIterator[None]:
        """Wait for a turn of the key, and give it back at the end; raises Throttled where too many wait."""
        turns = self._turns.get(key)
        if turns is None:
            turns = self._turns[key] = Turns(
                self.most, waiting_of_key=self.waiting, waiting=self.waiting, refusal=lambda: Throttled(1)
            )
        self._held[key] = self._held.get(key, 0) + 1
        try:
            async with turns.taken(key):
                yield
        finally:
            self._held[key] -= 1
            if not self._held[key]:
                del self._held[key], self._turns[key]
