"""Calls to the services that projects are connected to: for all kinds of integrations the same limits.

A service that is dead or slow for one project delays nobody else: each project has a few calls at a time to each host, and
after failures in a row its calls fail at once for a while (a circuit breaker). Its wish to be left alone (`Retry-After`)
is respected. Answers are bounded in size and time; redirects are not followed. Addresses are checked by the one client for
outgoing calls; only the host that the owner of the server has named in a setting may be a private one.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TypeVar

import msgspec
import structlog

from parley.integrations.connections.errors import (
    CredentialsRejected,
    NotPermitted,
    UpstreamFailed,
    UpstreamRateLimited,
    UpstreamRefused,
)
from parley.kernel.network.addresses import target_of
from parley.kernel.network.outbound import (
    AddressRefused,
    CallFailed,
    Outbound,
    OutgoingRequest,
    Reply,
    Session,
)
from parley.kernel.network.webhook_messages import wish_of
from parley.kernel.services import Services
from parley.kernel.throttle import SlotLimit

log = structlog.get_logger(__name__)

TIMEOUT_S = 10.0
MOST_BYTES = 1024 * 1024
OF_PROJECT = SlotLimit("upstream-of-project", 8, wait_s=2)
OF_ALL = SlotLimit("upstream-of-all", 256, wait_s=2)
FAILURES, FAILURES_WITHIN_S, PAUSE_S = 5, 120, 30
"""After so many failures in that time a host gets no calls of the project for so many seconds."""
DEFAULT_WISH_S = 60
"""How long to wait where a service says that there were too many calls, and not until when."""
T = TypeVar("T")


class Upstream(msgspec.Struct, frozen=True):
    """A service: its name in sentences, and the base of its URLs, out of a setting."""

    name: str
    base_url: str


class UpstreamRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One call; `path` (with its query) is put behind the base of the URLs."""

    path: str
    method: str = "GET"
    headers: Mapping[str, str] = {}
    body: bytes = b""
    timeout_s: float = TIMEOUT_S
    most_bytes: int = MOST_BYTES


class UpstreamCalls:
    """Calls of one project to one service that share connections."""

    def __init__(self, services: Services, upstream: Upstream, project_id: int, session: Session) -> None:
        self._services = services
        self._upstream = upstream
        self._session = session
        self._host = target_of(upstream.base_url).authority
        self._key = f"{project_id}:{self._host}"

    async def send(self, request: UpstreamRequest) -> Reply:
        """Return an answer of status 2xx, whole.

        Raises CredentialsRejected (401), NotPermitted (403), UpstreamRateLimited (429), UpstreamRefused (another 4xx),
        UpstreamFailed (everything else), and Throttled where the project has too many calls under way.
        """
        await self._check_open()
        with self._services.slots.taken((OF_PROJECT, self._key), (OF_ALL, "")):
            try:
                reply = await self._session.send(self._outgoing(request))
            except (CallFailed, AddressRefused) as error:
                await self._failed(str(error))
                raise UpstreamFailed(
                    f"{self._upstream.name} does not answer at the moment. Please try again later."
                ) from error
        return await self._judged(reply)

    async def json(self, request: UpstreamRequest, kind: type[T]) -> T:
        """Send, and return the answer read as this type; raises UpstreamFailed for what is none, and as `send` does."""
        return self.read(await self.send(request), kind)

    def read(self, reply: Reply, kind: type[T]) -> T:
        """Return an answer read as this type; raises UpstreamFailed for what is none."""
        try:
            return msgspec.json.decode(reply.body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            log.warning("upstream_unreadable", upstream=self._upstream.name, reason=str(error)[:200])
            raise UpstreamFailed(
                f"{self._upstream.name} sent an answer that Parley does not understand."
            ) from error

    def _outgoing(self, request: UpstreamRequest) -> OutgoingRequest:
        url = self._upstream.base_url + request.path
        if target_of(url).authority != self._host:  # such as `@elsewhere.example` behind the base
            raise AddressRefused("The path leads to another host.")
        return OutgoingRequest(
            url=url,
            method=request.method,
            headers=request.headers,
            body=request.body,
            timeout_s=request.timeout_s,
            most_bytes=request.most_bytes,
        )

    async def _check_open(self) -> None:
        rest = await self._services.cache.get(f"upstream-rest:{self._key}")
        if rest is not None:
            raise UpstreamRateLimited(self._upstream.name, int(rest))
        if await self._services.cache.get(f"upstream-open:{self._key}") is not None:
            raise UpstreamFailed(
                f"{self._upstream.name} has failed several times in a row. "
                f"Parley calls it again in at most {PAUSE_S} seconds."
            )

    async def _failed(self, reason: str) -> None:
        log.warning("upstream_failed", upstream=self._upstream.name, reason=reason[:300])
        count, _ = await self._services.cache.increment(f"upstream-failures:{self._key}", FAILURES_WITHIN_S)
        if count >= FAILURES:
            await self._services.cache.set(f"upstream-open:{self._key}", b"1", PAUSE_S)

    async def _judged(self, reply: Reply) -> Reply:
        name, status = self._upstream.name, reply.status
        if status == 429:
            wish = wish_of(reply.headers, self._services.clock.now())
            wait_s = max(1, int(wish.total_seconds())) if wish is not None else DEFAULT_WISH_S
            await self._services.cache.set(f"upstream-rest:{self._key}", str(wait_s).encode(), wait_s)
            raise UpstreamRateLimited(name, wait_s)
        if not 200 <= status < 500 or reply.is_cut or 300 <= status < 400:
            await self._failed(
                f"status {status}, {'more than' if reply.is_cut else ''} {len(reply.body)} bytes"
            )
            raise UpstreamFailed(f"{name} answered with something that can't be used (status {status}).")
        await self._services.cache.delete(f"upstream-failures:{self._key}")
        if status == 401:
            raise CredentialsRejected
        if status == 403:
            raise NotPermitted
        if status >= 400:
            raise UpstreamRefused(name, status, reply.body[:4000])
        return reply


@asynccontextmanager
async def calls_to(services: Services, upstream: Upstream, project_id: int) -> AsyncIterator[UpstreamCalls]:
    """Yield what calls the service for a project; not inside a transaction."""
    target = target_of(upstream.base_url)
    allowed = services.settings.allowed_hosts_out | {(target.host, target.port)}
    async with Outbound(allowed).session() as session:
        yield UpstreamCalls(services, upstream, project_id, session)
