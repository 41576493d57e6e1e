"""A small cache of bytes and counters: in process, or Redis. A dead cache never fails a request.

Reads of a dead cache find nothing, writes are dropped, and counters count in this process instead.
"""

import time
from typing import Any, Protocol

import structlog

from parley.kernel.redis.breaker import Breaker, BreakerOpen, redis_client

log = structlog.get_logger(__name__)

MAX_ENTRIES = 100_000


class Cache(Protocol):
    """What features use. Keys are text; values bytes; times seconds."""

    async def get(self, key: str) -> bytes | None: ...
    async def set(self, key: str, value: bytes, expires_in_s: float) -> None: ...
    async def delete(self, *keys: str) -> None: ...
    async def increment(self, key: str, expires_in_s: int) -> tuple[int, int]:
        """Add one; return the count in the running window and the seconds until the window ends."""
        ...

    async def close(self) -> None: ...


class MemoryCache:
    """The cache of one process."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[float, bytes]] = {}
        self._counts: dict[str, tuple[float, int]] = {}

    async def get(self, key: str) -> bytes | None:
        found = self._values.get(key)
        if found is None or found[0] <= time.monotonic():
            self._values.pop(key, None)
            return None
        return found[1]

    async def set(self, key: str, value: bytes, expires_in_s: float) -> None:
        _make_room(self._values)
        self._values[key] = (time.monotonic() + expires_in_s, value)

    async def delete(self, *keys: str) -> None:
        for key in keys:
            self._values.pop(key, None)
            self._counts.pop(key, None)

    async def increment(self, key: str, expires_in_s: int) -> tuple[int, int]:
        now = time.monotonic()
        ends, count = self._counts.get(key, (0.0, 0))
        if ends <= now:
            _make_room(self._counts)
            ends, count = now + expires_in_s, 0
        self._counts[key] = (ends, count + 1)
        return count + 1, max(1, round(ends - now))

    async def close(self) -> None:
        self._values.clear()
        self._counts.clear()


def _make_room(entries: dict[str, tuple[float, Any]]) -> None:
    """Drop what has expired, and if that isn't enough the oldest tenth."""
    if len(entries) < MAX_ENTRIES:
        return
    now = time.monotonic()
    for key in [key for key, (ends, _) in entries.items() if ends <= now]:
        del entries[key]
    for key in list(entries)[: max(0, len(entries) - MAX_ENTRIES * 9 // 10)]:
        del entries[key]


class RedisCache:
    """The cache that several processes share."""

    def __init__(self, url: str, breaker: Breaker | None = None) -> None:
        self._redis = redis_client(url)
        self._breaker = breaker or Breaker()
        self._stand_in = MemoryCache()
        self._scripts: dict[str, Any] = {}

    async def _try(self, command: Any) -> Any:
        """Run a command; return None when it fails, and at once while Redis does not answer."""
        from redis.exceptions import RedisError

        try:
            return await self._breaker.guarded(command, self.ping)
        except BreakerOpen:
            return None
        except RedisError as error:
            log.warning("cache_refused", error=str(error)[:200])
            return None

    async def get(self, key: str) -> bytes | None:
        found: bytes | None = await self._try(self._redis.get(key))
        return found

    async def set(self, key: str, value: bytes, expires_in_s: float) -> None:
        await self._try(self._redis.set(key, value, px=max(1, int(expires_in_s * 1000))))

    async def delete(self, *keys: str) -> None:
        if keys:
            await self._stand_in.delete(*keys)
            await self._try(self._redis.delete(*keys))

    async def increment(self, key: str, expires_in_s: int) -> tuple[int, int]:
        found = await self._try(self._count(key, expires_in_s))
        if found is None:
            return await self._stand_in.increment(key, expires_in_s)
        count, ends_in_s = found
        return count, max(1, ends_in_s)

    async def _count(self, key: str, expires_in_s: int) -> tuple[int, int]:
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.incr(key)
            pipe.expire(key, expires_in_s, nx=True)
            pipe.ttl(key)
            count, _, ends_in_s = await pipe.execute()
        return int(count), int(ends_in_s)

    async def run_script(self, script: str, keys: list[str], arguments: list[str]) -> Any:
        """Run a script in Redis and return its answer; None while Redis does not answer."""
        registered = self._scripts.get(script)
        if registered is None:
            registered = self._scripts[script] = self._redis.register_script(script)
        return await self._try(registered(keys=keys, args=arguments))

    async def ping(self) -> None:
        """Ping Redis. Raises the error of the client when Redis does not answer."""
        await self._redis.ping()

    async def close(self) -> None:
        await self._breaker.close()
        await self._redis.aclose()


def open_cache(redis_url: str | None, breaker: Breaker | None = None) -> MemoryCache | RedisCache:
    """Return the cache that the settings ask for. All users of the same Redis share the breaker."""
    return RedisCache(redis_url, breaker) if redis_url else MemoryCache()
