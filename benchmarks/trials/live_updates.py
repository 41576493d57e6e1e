"""`python -m benchmarks.trials.live_updates`: `Live` beside Litestar's channels, in memory and through Redis."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from litestar.channels import ChannelsPlugin
from litestar.channels.backends.memory import MemoryChannelsBackend
from litestar.channels.backends.redis import RedisChannelsPubSubBackend
from redis.asyncio import Redis

from benchmarks.trials import compare
from parley.kernel.redis.live import BACKLOG, Live
from tests.servers import start_redis

LISTENERS = 20
TOPIC = "project:1"
Publish = Callable[[int], Awaitable[None]]


def plugin(backend: Any, **options: Any) -> ChannelsPlugin:
    return ChannelsPlugin(backend, arbitrary_channels_allowed=True, **options)


async def measure_memory() -> None:
    """Publish a notice to so many listeners, who all take it."""
    live = Live()
    async with plugin(MemoryChannelsBackend()) as channels:
        subscribers = [await channels.subscribe(TOPIC) for _ in range(LISTENERS)]
        events = [subscriber.iter_events() for subscriber in subscribers]
        subscriptions = [live.subscription(TOPIC) for _ in range(LISTENERS)]
        queues = [await one.__aenter__() for one in subscriptions]

        async def ours() -> None:
            await live.publish(TOPIC, "ticket.changed", number=5)
            for queue in queues:
                await queue.get()

        async def theirs() -> None:
            channels.publish({"name": "ticket.changed", "number": 5}, TOPIC)
            for one in events:
                await anext(one)

        await compare({f"ours, {LISTENERS} listeners": ours, f"litestar, {LISTENERS} listeners": theirs}, 200)
        for subscription in subscriptions:
            await subscription.__aexit__(None, None, None)


async def measure_backlog() -> None:
    """Publish more than a listener may lag behind, and ask whether it can tell."""
    live = Live()
    async with live.subscription(TOPIC) as queue:
        for number in range(BACKLOG + 50):
            await live.publish(TOPIC, "n", number=number)
        names = [queue.get_nowait().name for _ in range(queue.qsize())]
        print(f"50 too many, ours: {len(names)} notices, told to read anew: {'resync' in names}")
    for strategy in ("backoff", "dropleft"):
        options: Any = {"subscriber_max_backlog": BACKLOG, "subscriber_backlog_strategy": strategy}
        async with plugin(MemoryChannelsBackend(), **options) as channels:
            subscriber = await channels.subscribe(TOPIC)
            for number in range(BACKLOG + 50):
                await channels.wait_published({"n": number}, TOPIC)
            await asyncio.sleep(0.1)
            print(f"50 too many, litestar, {strategy}: {subscriber.qsize} notices, told to read anew: False")


async def is_heard(publish: Publish, queue: asyncio.Queue[Any]) -> bool:
    """Say whether one of five notices, half a second apart, arrives."""
    while not queue.empty():
        queue.get_nowait()
    for number in range(5):
        with suppress(Exception):
            await publish(number)
        with suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await queue.get()
                return True
    return False


async def measure_redis() -> None:
    """Stop Redis under a listener, and start it again; publisher and listener are two processes in effect."""
    server = start_redis()
    here, there = Live(server.url()), Live(server.url())
    await here.start()
    await there.start()
    theirs: asyncio.Queue[Any] = asyncio.Queue()
    channels = plugin(RedisChannelsPubSubBackend(redis=Redis.from_url(server.url())))

    async def publish_ours(number: int) -> None:
        await here.publish(TOPIC, "n", number=number)

    async def publish_theirs(number: int) -> None:
        channels.publish({"n": number}, TOPIC)

    await channels.__aenter__()
    subscriber = await channels.subscribe(TOPIC)
    async with (
        there.subscription(TOPIC) as ours,
        here.subscription(TOPIC) as own,
        subscriber.run_in_background(theirs.put, join=False),
    ):
        await asyncio.sleep(0.5)
        for state in ("runs", "is gone", "is back"):
            found = [await is_heard(publish_ours, queue) for queue in (ours, own)]
            print(f"Redis {state}: heard in another process {found[0]}, in this one {found[1]}")
            print(f"Redis {state}: heard through litestar {await is_heard(publish_theirs, theirs)}")
            if state == "runs":
                server.stop()
            elif state == "is gone":
                server.start()
                await asyncio.sleep(3)
    await here.stop()
    await there.stop()
    server.remove()


async def main() -> None:
    await measure_memory()
    await measure_backlog()
    await measure_redis()


if __name__ == "__main__":
    asyncio.run(main())
