"""Live updates: small notices that are sent to every open page and stream after a commit.

Inside one process they are delivered directly; several processes use Redis Pub/Sub. A notice names what has changed, but not
its content: the receiver reads that with the rights of its own user. A lost notice leaves a page stale, but loses no data.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import msgspec
import structlog

from parley.kernel.ids import new_token
from parley.kernel.redis.breaker import Breaker, BreakerOpen, redis_client

log = structlog.get_logger(__name__)

CHANNEL = "parley:live"
QUIET_S = 10.0
"""After so many seconds without a message Redis gets a ping, and has as long to answer it."""

BACKLOG = 1000  # notices that wait for a slow receiver; with more it gets RESYNC instead


class Notice(msgspec.Struct, frozen=True):
    """`topic` says who listens (`project:5`), `name` what happened (`ticket.changed`), and `data` to which object."""

    topic: str
    name: str
    data: dict[str, Any] = {}
    origin: str = ""  # the process that published it, which has delivered it already


RESYNC = Notice("", "resync")
"""Notices were lost: the receiver must load everything again."""

OVER = Notice("", "over")
"""The last notice of a subscription: the server is shutting down."""


class Live:
    """Publishes and subscribes; one per process."""

    def __init__(self, redis_url: str | None = None, breaker: Breaker | None = None) -> None:
        self._queues: dict[str, set[asyncio.Queue[Notice]]] = defaultdict(set)
        self._callbacks: dict[str, list[Callable[[Notice], None]]] = defaultdict(list)
        self._origin = new_token(length=12)
        self._is_over = False
        self._redis_url = redis_url
        self._redis: Any = None
        self._publisher: Any = None
        self._breaker = breaker or Breaker()
        self._has_missed = False  # whether notices of this process failed to reach the others
        self._reader: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to listen to the other processes, if there can be any."""
        if self._redis_url:
            from redis.asyncio import Redis

            # It waits for what others publish, so it has no time-out; `_messages` checks the connection with pings.
            self._redis = Redis.from_url(self._redis_url, socket_connect_timeout=1.0, socket_timeout=None)
            self._publisher = redis_client(self._redis_url)
            self._breaker.on_recovery(self._resync_others)
            self._reader = asyncio.create_task(self._listen(), name="live-reader")

    async def stop(self) -> None:
        """End every subscription and the connection."""
        if self._reader is not None:
            self._reader.cancel()
            with suppress(asyncio.CancelledError):
                await self._reader
        await self._breaker.close()
        for client in (self._redis, self._publisher):
            if client is not None:
                await client.aclose()

    async def publish(self, topic: str, name: str, **data: Any) -> None:
        """Send a notice to all subscribers of the topic, in all processes."""
        notice = Notice(topic, name, data, self._origin)
        self._deliver(notice)
        if self._publisher is not None:
            await self._send(notice)

    async def _send(self, notice: Notice) -> None:
        sent = self._publisher.publish(CHANNEL, msgspec.json.encode(notice))
        try:
            await self._breaker.guarded(sent, self._publisher.ping)
        except BreakerOpen:
            self._has_missed = True
        except Exception as error:
            self._has_missed = True
            log.warning("live_refused", error=str(error)[:200])

    async def _resync_others(self) -> None:
        """Send the other processes a resync if notices could not be sent to them."""
        if self._has_missed:
            self._has_missed = False
            await self._send(Notice("", "resync", origin=self._origin))

    def on(self, topic: str, callback: Callable[[Notice], None]) -> None:
        """Call `callback` for every notice of the topic; for those of this process, before `publish` returns."""
        self._callbacks[topic].append(callback)

    def _deliver(self, notice: Notice) -> None:
        for callback in self._callbacks.get(notice.topic, ()):
            callback(notice)
        for queue in (*self._queues.get(notice.topic, ()), *self._queues.get("*", ())):
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(RESYNC)
            else:
                queue.put_nowait(notice)

    def end_subscriptions(self) -> None:
        """Send OVER to all subscribers: an open stream would delay the shutdown of the server."""
        self._is_over = True
        for queue in {queue for queues in self._queues.values() for queue in queues}:
            while queue.full():
                queue.get_nowait()
            queue.put_nowait(OVER)

    @asynccontextmanager
    async def subscription(self, *topics: str) -> AsyncIterator[asyncio.Queue[Notice]]:
        """Yield a queue that gets the topics' notices from now on; `*` stands for every topic."""
        queue: asyncio.Queue[Notice] = asyncio.Queue(BACKLOG)
        if self._is_over:
            queue.put_nowait(OVER)
        for topic in topics:
            self._queues[topic].add(queue)
        try:
            yield queue
        finally:
            for topic in topics:
                self._queues[topic].discard(queue)
                if not self._queues[topic]:
                    del self._queues[topic]

    async def _listen(self) -> None:
        while True:
            try:
                await self._receive()
            except asyncio.CancelledError:
                raise
            except Exception as error:
                log.warning("live_down", error=str(error)[:200])
                await asyncio.sleep(1.0)

    async def _receive(self) -> None:
        """Deliver what the other processes publish, until the connection breaks."""
        async with self._redis.pubsub() as pubsub:
            await pubsub.subscribe(CHANNEL)
            async for message in _messages(pubsub):
                if message["type"] == "subscribe":
                    # Only now Redis has it. What was published before is lost: all receivers load again.
                    self._deliver_resync()
                if message["type"] != "message":
                    continue
                notice = msgspec.json.decode(message["data"], type=Notice)
                if notice.origin == self._origin:
                    continue
                if notice.topic:
                    self._deliver(notice)
                else:
                    self._deliver_resync()

    def _deliver_resync(self) -> None:
        for topic in {*self._queues, *self._callbacks}:
            self._deliver(Notice(topic, "resync"))


async def _messages(pubsub: Any) -> AsyncIterator[Any]:
    """Yield messages as they arrive. Raises TimeoutError when a silent connection doesn't answer a ping."""
    is_pinged = False
    while True:
        message = await pubsub.get_message(timeout=QUIET_S)
        if message is not None:
            is_pinged = False
            yield message
        elif is_pinged:
            raise TimeoutError("Redis doesn't answer a ping")
        else:
            await pubsub.ping()
            is_pinged = True
