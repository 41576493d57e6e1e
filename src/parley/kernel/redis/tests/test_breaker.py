"""A Redis that does not answer is waited for once, and done without until it answers again."""

import asyncio

from redis.asyncio import Redis
from structlog.testing import capture_logs

from parley.kernel.redis.breaker import Breaker
from parley.kernel.redis.cache import RedisCache
from parley.kernel.redis.live import Live


async def calls(server, command):
    """Return how often Redis was given the command, by its own count."""
    async with Redis.from_url(server.url()) as client:
        found = await client.info("commandstats")
    return found.get(f"cmdstat_{command}", {"calls": 0})["calls"]


async def test_a_frozen_redis_is_waited_for_once(stoppable_redis):
    breaker = Breaker()
    cache, live = RedisCache(stoppable_redis.url(), breaker), Live(stoppable_redis.url(), breaker)
    await live.start()
    await cache.set("a", b"1", 60)
    stoppable_redis.freeze()
    try:
        for number in range(50):
            await cache.set("a", b"2", 60)
            assert await cache.get("a") is None
            await live.publish("t", "n", number=number)
            assert (await cache.increment("n", 60))[0] == number + 1
    finally:
        stoppable_redis.thaw()
    # What was sent while it was frozen is in its count by now: the call that opened the breaker.
    assert await calls(stoppable_redis, "set") == 2
    assert [await calls(stoppable_redis, name) for name in ("get", "publish", "incr")] == [0, 0, 0]
    await live.stop()
    await cache.close()


async def test_a_frozen_redis_that_goes_on_is_used_again_and_the_others_read_anew(stoppable_redis):
    breaker = Breaker()
    cache, here = RedisCache(stoppable_redis.url(), breaker), Live(stoppable_redis.url(), breaker)
    there = Live(stoppable_redis.url())
    await here.start()
    await there.start()
    async with there.subscription("t") as heard, asyncio.timeout(60):
        while heard.empty() or heard.get_nowait().name != "probe":
            await here.publish("t", "probe")
            await asyncio.sleep(0.02)
        stoppable_redis.freeze()
        await here.publish("t", "first")
        await here.publish("t", "lost")
        stoppable_redis.thaw()
        names = []
        while "resync" not in names:
            names.append((await heard.get()).name)
    assert "lost" not in names
    assert not breaker.is_open
    await cache.set("b", b"3", 60)
    assert await cache.get("b") == b"3"
    for one in (here, there):
        await one.stop()
    await cache.close()


async def test_many_at_once_open_the_breaker_once(stoppable_redis):
    cache = RedisCache(stoppable_redis.url())
    stoppable_redis.freeze()
    with capture_logs() as logs:
        assert await asyncio.gather(*(cache.get("a") for _ in range(20))) == [None] * 20
    stoppable_redis.thaw()
    assert [entry["event"] for entry in logs] == ["breaker_opened"]
    await cache.close()
