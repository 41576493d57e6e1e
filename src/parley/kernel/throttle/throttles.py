"""Counting against limits: in this process first, and in Redis where several processes share their counters."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import blake2b
from math import ceil

from parley.kernel.clock import Clock
from parley.kernel.errors import Throttled
from parley.kernel.redis.cache import Cache, RedisCache
from parley.kernel.throttle.counters import SHARED_PLACE, Counters
from parley.kernel.throttle.limit import Count, Limit, is_over
from parley.kernel.throttle.shared import SharedCounters

KEY_BYTES = 16


class Throttles:
    """The throttles of this process.

    A request that this process refuses costs Redis nothing, and a counter that Redis has lost still holds here.
    """

    def __init__(self, cache: Cache, clock: Clock, secret_key: str) -> None:
        self._clock = clock
        self._shared = SharedCounters(cache) if isinstance(cache, RedisCache) else None
        # Keyed, so that nobody can choose keys which share a counter with somebody else's.
        self._secret = blake2b(secret_key.encode("utf-8", "surrogatepass"), digest_size=32).digest()
        self._counters: dict[str, Counters] = {}

    async def hit(self, *wanted: tuple[Limit, str]) -> list[Count]:
        """Count one for each key, in this order; raises Throttled at the first that must wait, and counts none behind it."""
        now = self._now()
        counts: list[Count] = []
        for limit, key in wanted:
            place, window, wait_s = self._counters_of(limit).hit(self._digest(limit, key), now)
            if wait_s > 0:
                raise Throttled(ceil(wait_s))
            counts.append(Count(limit, place, window.n, window.ends_at - now))
        return await self._hit_shared(self._shared, counts, now) if self._shared else counts

    async def _hit_shared(self, shared: SharedCounters, counts: list[Count], now: float) -> list[Count]:
        found = await shared.hit(counts, now)
        if found and found[-1][0] < 0:
            for count in counts[len(found) - 1 :]:
                self._counters_of(count.limit).take_back(count.place, now)
            raise Throttled(ceil(found[-1][1]))
        if not found:
            return counts
        return [
            Count(count.limit, count.place, n, ends_at - now)
            for count, (n, ends_at) in zip(counts, found, strict=True)
        ]

    async def take_back(self, counts: list[Count]) -> None:
        """Forget what `hit` has counted."""
        for count in counts:
            self._counters_of(count.limit).take_back(count.place, self._now())
            if self._shared is not None:
                await self._shared.take_back(count.limit, count.place)

    async def forget(self, count: Count) -> None:
        """Begin anew for the key that was counted, such as after the right password."""
        if count.place.startswith(SHARED_PLACE):
            await self.take_back([count])
            return
        self._counters_of(count.limit).forget(count.place)
        if self._shared is not None:
            await self._shared.forget(count.limit, count.place)

    async def is_counted(self, limit: Limit, key: str) -> bool:
        """Say whether anything is counted for exactly this key."""
        digest, now = self._digest(limit, key), self._now()
        window = self._counters_of(limit).find(digest, now)
        if window is None and self._shared is not None:
            window = await self._shared.find(limit, digest)
        return window is not None and window.n > 0 and not is_over(limit, window, now)

    @asynccontextmanager
    async def refused(self, *wanted: tuple[Limit, str]) -> AsyncIterator[None]:
        """Count what fails inside. A try counts before it is made, so that many at once get no further."""
        counts = await self.hit(*wanted)
        yield
        await self.take_back(counts)

    def _counters_of(self, limit: Limit) -> Counters:
        found = self._counters.get(limit.name)
        if found is None:
            found = self._counters[limit.name] = Counters(limit)
        return found

    def _digest(self, limit: Limit, key: str) -> bytes:
        text = f"{limit.name}\n{key}".encode("utf-8", "surrogatepass")
        return blake2b(text, digest_size=KEY_BYTES, key=self._secret).digest()

    def _now(self) -> float:
        return self._clock.now().timestamp()
