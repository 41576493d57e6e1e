"""`python -m benchmarks.trials.cache`: `MemoryCache` and `RedisCache` beside the stores of Litestar."""

import asyncio
import tracemalloc
from time import perf_counter
from typing import Any

from litestar.stores.memory import MemoryStore
from litestar.stores.redis import RedisStore
from redis.asyncio import Redis

from benchmarks.trials import compare
from parley.kernel.redis.cache import MemoryCache, RedisCache
from tests.servers import start_redis

KEYS = 300_000


def mebibytes_of_many_keys(cache: Any) -> float:
    """Return what the cache holds after so many keys that each live a second."""

    async def fill() -> None:
        for number in range(KEYS):
            await cache.set(f"count:{number}", b"1", 1)

    tracemalloc.start()
    asyncio.run(fill())
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held / 2**20


async def outcome(read: Any) -> str:
    """Say how a read ends, and after how long."""
    before = perf_counter()
    try:
        async with asyncio.timeout(20):
            found = repr(await read("key"))
    except Exception as error:
        found = type(error).__name__
    return f"{found} after {(perf_counter() - before) * 1000:.1f} ms"


async def measure() -> None:
    server = start_redis()
    ours, theirs = RedisCache(server.url()), RedisStore(Redis.from_url(server.url()))
    memory, store = MemoryCache(), MemoryStore()
    for cache in (ours, memory, theirs, store):
        await cache.set("key", b"1", 60)
    try:
        await compare(
            {
                "ours: get, memory": lambda: memory.get("key"),
                "litestar: get, memory": lambda: store.get("key"),
                "ours: set, memory": lambda: memory.set("key", b"1", 60),
                "litestar: set, memory": lambda: store.set("key", b"1", 60),
                "ours: get, Redis": lambda: ours.get("key"),
                "litestar: get, Redis": lambda: theirs.get("key"),
            }
        )
        server.freeze()
        for name, cache in (("ours", ours), ("litestar", theirs)):
            for turn in ("first", "second"):
                print(f"Redis hangs, {turn} read, {name}: {await outcome(cache.get)}")
        server.thaw()
        server.stop()
        for name, cache in (("ours", ours), ("litestar", theirs)):
            print(f"Redis is gone, {name}: {await outcome(cache.get)}")
    finally:
        await ours.close()
        server.remove()


if __name__ == "__main__":
    asyncio.run(measure())
    for name, cache in (("ours", MemoryCache()), ("litestar", MemoryStore())):
        print(f"{KEYS} keys that live a second, {name}: {mebibytes_of_many_keys(cache):.1f} MiB held")
