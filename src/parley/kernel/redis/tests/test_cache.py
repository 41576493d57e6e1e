"""The cache: in process and on Redis alike, and dead without harm."""

import asyncio

import pytest

from parley.kernel.ids import new_token
from parley.kernel.redis.cache import (
    MemoryCache,
    RedisCache,
    open_cache,
)


@pytest.fixture(params=["memory", "redis"])
def cache(request):
    return MemoryCache() if request.param == "memory" else RedisCache(request.getfixturevalue("redis_url"))


async def test_a_value_is_there_until_it_is_deleted(cache):
    key = new_token()
    assert await cache.get(key) is None
    await cache.set(key, b"7", 30)
    assert await cache.get(key) == b"7"
    await cache.delete(key)
    assert await cache.get(key) is None
    await cache.close()


async def test_a_value_expires(cache):
    key = new_token()
    await cache.set(key, b"7", 0.01)
    async with asyncio.timeout(60):
        while await cache.get(key) is not None:
            await asyncio.sleep(0.01)
    await cache.close()


async def test_parallel_counts_are_exact_and_know_their_window(cache):
    key = new_token()
    counted = await asyncio.gather(*(cache.increment(key, 60) for _ in range(20)))
    assert sorted(count for count, _ in counted) == list(range(1, 21))
    assert all(0 < ends_in_s <= 60 for _, ends_in_s in counted)
    await cache.close()


async def test_a_cache_that_dies_answers_as_if_it_were_empty_and_comes_back(stoppable_redis):
    cache = open_cache(stoppable_redis.url())
    await cache.set("a", b"1", 60)
    stoppable_redis.stop()
    assert await cache.get("a") is None
    await cache.set("a", b"2", 60)
    await cache.delete("a")
    assert [(await cache.increment("n", 60))[0] for _ in range(3)] == [1, 2, 3]
    stoppable_redis.start()
    async with asyncio.timeout(60):
        while await cache.get("b") is None:
            await cache.set("b", b"3", 60)
            await asyncio.sleep(0.1)
    await cache.close()
