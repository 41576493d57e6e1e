"""A circuit breaker: when a service does not answer, one call waits for a time-out, not each request.

Once a call has failed, the breaker is open: callers do without the service at once. Meanwhile one task asks whether it
answers again, and closes the breaker then.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = structlog.get_logger(__name__)

PROBE_S = 1.0
"""The pause between two probes of a service that does not answer."""

TIMEOUT_S = 1.0
"""How long a call to Redis may take."""


class BreakerOpen(Exception):
    """The service does not answer at the moment; the caller must do without it."""


class Breaker:
    """The state of one service as this process sees it."""

    def __init__(self) -> None:
        self.is_open = False
        self._recovered: list[Callable[[], Awaitable[None]]] = []
        self._probing: asyncio.Task[None] | None = None

    def on_recovery(self, do: Callable[[], Awaitable[None]]) -> None:
        """Await `do` each time that the breaker has closed again."""
        self._recovered.append(do)

    async def guarded(self, call: Coroutine[Any, Any, Any], probe: Callable[[], Awaitable[Any]]) -> Any:
        """Await a call to Redis and return what it returns.

        Raises BreakerOpen when Redis doesn't answer, at once while that is known; and what Redis says when it refuses.
        """
        if self.is_open:
            call.close()
            raise BreakerOpen
        try:
            return await call
        except silence() as error:
            self.trip(error, probe)
            raise BreakerOpen from error

    def trip(self, error: BaseException, probe: Callable[[], Awaitable[Any]]) -> None:
        """Open the breaker, until `probe` doesn't raise any more."""
        if not self.is_open:
            self.is_open = True
            log.warning("breaker_opened", service="redis", error=str(error)[:200])
            self._probing = asyncio.create_task(self._probe(probe), name="breaker probe")

    async def close(self) -> None:
        """End the probe, if there is one."""
        if self._probing is not None:
            self._probing.cancel()
            with suppress(asyncio.CancelledError):
                await self._probing

    async def _probe(self, probe: Callable[[], Awaitable[Any]]) -> None:
        while self.is_open:
            await asyncio.sleep(PROBE_S)
            with suppress(Exception):
                await probe()
                self.is_open = False
        log.info("breaker_closed", service="redis")
        for do in self._recovered:
            await do()


def silence() -> tuple[type[Exception], ...]:
    """Return the errors that mean that Redis does not answer. Others mean that it refuses a command."""
    from redis.exceptions import ConnectionError as Disconnected
    from redis.exceptions import TimeoutError as TimedOut

    return (Disconnected, TimedOut, OSError, TimeoutError)


def redis_client(url: str) -> "Redis":
    """Return a client whose calls end within the time-out. One that finds its connection closed connects once more."""
    # Imported here: the embedded mode does without the client's memory.
    from redis.asyncio import Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff
    from redis.exceptions import ConnectionError as Disconnected

    return Redis.from_url(
        url,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        retry=Retry(NoBackoff(), 1, supported_errors=(Disconnected,)),
    )
