"""The outermost ASGI layer: what holds for every request before routing (docs/wire/requests.md#urls).

Both URL prefixes are one, HEAD is answered like GET, the public parts allow every origin, proxies are believed only
where the settings say so, every answer is counted, and no network has too many requests at once.
"""

import ipaddress
import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import structlog
from litestar import Litestar
from litestar.types import Message, Receive, Send
from prometheus_client import Counter, Histogram

from parley.kernel.config.values import Network
from parley.kernel.database.retries import answer_again
from parley.kernel.errors import AppError, HeadersTooLarge, TargetTooLong, TooManyAtOnce
from parley.kernel.http.json_response import ENCODER, send_json
from parley.kernel.http.origin import answering
from parley.kernel.http.time_limit import in_time
from parley.kernel.network.addresses import client_address
from parley.kernel.network.running_requests import RunningRequest, RunningRequests

log = structlog.get_logger(__name__)

REQUESTS = Counter(
    "parley_requests_total", "Answers by route, method and status.", ["route", "method", "status"]
)
SECONDS = Histogram("parley_request_seconds", "Time to answer, by route.", ["route"])
HEALTH_PATHS = frozenset({"/_health", "/_readyz"})
"""Balancers ask there, often from the same address as all visitors, and take a server that refuses for dead."""

CORS_PREFIXES = (
    "/api/", "/array/", "/static/", "/.well-known/oauth-", "/oauth/register", "/oauth/revoke", "/oauth/token",
)  # fmt: skip
CAPTURE_PATHS = frozenset(
    {"/e", "/i/v0/e", "/batch", "/capture", "/track", "/engage", "/flags", "/decide", "/s", "/ses"}
)
ALLOWED_HEADERS = ", ".join(
    (
        "accept, accept-encoding, accept-language, authorization, baggage, cache-control, content-encoding, content-type",
        "dnt, idempotency-key, last-event-id, origin, request-context, request-id, sentry-trace, traceparent, user-agent",
        "mcp-protocol-version",
        "x-amzn-trace-id, x-b3-flags, x-b3-parentspanid, x-b3-sampled, x-b3-spanid, x-b3-traceid, x-cloud-trace-context",
        "x-conversations-token, x-csrftoken, x-datadome-clientid, x-highlight-request, x-posthog-token, x-requested-with",
    )
)
EXPOSED = (
    b"bulk-change-id, idempotent-replayed, ratelimit-limit, ratelimit-remaining, ratelimit-reset, retry-after"
)
PREFLIGHT = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, POST, PUT, PATCH, DELETE, OPTIONS, HEAD"),
    (b"access-control-allow-headers", ALLOWED_HEADERS.encode()),
    (b"access-control-max-age", b"86400"),
    (b"content-length", b"0"),
)
NO_SNIFFING = (b"x-content-type-options", b"nosniff")
ALWAYS = (NO_SNIFFING, (b"referrer-policy", b"same-origin"))
ON_SECRET_PATHS = (NO_SNIFFING, (b"referrer-policy", b"no-referrer"))
SECRET_PATHS = ("/shared/", "/embedded/", "/shared_dashboard/")
"""Who knows such a path may see what it shows, so it is told to nobody, not even to our own parts."""
# A year (RFC 6797). Other hosts of the domain are not ours to speak for.
HSTS = ((b"strict-transport-security", b"max-age=31536000"),)
OPEN = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", EXPOSED),
)
CLOSE = ((b"connection", b"close"),)
MAX_TARGET_BYTES, MAX_PARAMETERS, MAX_HEADER_BYTES = 32 * 1024, 500, 32 * 1024
"""Reading what is longer takes longer than a request may, and the framework remembers what it has read."""
LOOK_EACH = 64
"""Of so many requests one is looked at for a proxy that nobody has named."""
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Middleware:
    """Wraps the Litestar application."""

    def __init__(
        self, app: Litestar, trusted_proxies: Sequence[Network] = (), *, is_https: bool = False
    ) -> None:
        self.app = app
        hsts = HSTS if is_https else ()
        self._always, self._always_open = (*ALWAYS, *hsts), (*ALWAYS, *hsts, *OPEN)
        self._always_secret = (*ON_SECRET_PATHS, *hsts)
        self.trusted = tuple(trusted_proxies)
        self.n_running = 0  # requests that are being answered
        self.is_ending = (
            False  # then every answer asks the client to send its next request on a new connection
        )
        self._running = RunningRequests()
        self._n_requests = 0
        self._has_warned = False

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if refused := _too_large(scope):
            await self._refuse(send, refused)
            return
        _name_client(scope, scope.get("client"))
        scope["parley_peer"] = scope["client"]
        if self.trusted:
            self._believe_proxy(scope)
        elif not self._has_warned:
            self._n_requests += 1
            if self._n_requests % LOOK_EACH == 1:
                self._warn_of_proxy(scope)
        path = scope["path"]
        is_open = path.startswith(CORS_PREFIXES) or path.rstrip("/") in CAPTURE_PATHS
        if scope["method"] == "OPTIONS" and is_open and _is_preflight(scope):
            await _answer_preflight(send)
            return
        scope["parley_path"] = path
        if "\x00" in path:
            # Nothing is named so, and PostgreSQL could not even look for it.
            path = scope["path"] = path.replace("\x00", "\ufffd")
        if path.startswith("/api/environments/"):
            scope["path"] = "/api/projects/" + path[len("/api/environments/") :]
        address = scope["client"][0] if scope["client"] else ""
        running = RunningRequest.uncounted() if path in HEALTH_PATHS else self._running.begin(address)
        if running is None:
            await self._refuse(send, TooManyAtOnce())
            return
        self.n_running += 1
        try:
            with answering(scope):
                await self._answered(scope, receive, send, is_open, running)
        finally:
            running.end()
            self.n_running -= 1

    async def _refuse(self, send: Send, error: AppError) -> None:
        """Send an error before anything is done for the request."""
        more = [(name.lower().encode(), value.encode()) for name, value in error.headers.items()]
        await send_json(send, error.status, ENCODER.encode(error.body()), (*self._always_open, *more))

    async def _answered(
        self, scope: Any, receive: Receive, send: Send, is_open: bool, running: RunningRequest
    ) -> None:
        is_head = scope["method"] == "HEAD"
        if is_head:
            scope["method"] = "GET"
            scope["parley_is_head"] = True
        always = self._always_open if is_open else self._always
        if scope["path"].startswith(SECRET_PATHS):
            always = self._always_secret
        started = time.perf_counter()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                running.end()  # what is sent for long, such as live updates, keeps nobody waiting
                message["headers"] = [
                    *message["headers"],
                    *always,
                    *scope.get("parley_headers", ()),
                    *(CLOSE if self.is_ending else ()),
                ]
                route = scope.get("path_template") or "none"
                method = scope["method"] if scope["method"] in METHODS else "other"
                answers, seconds = _counters(route, method, message["status"])
                answers.inc()
                seconds.observe(time.perf_counter() - started)
            elif is_head and message["type"] == "http.response.body":
                message = {
                    "type": "http.response.body",
                    "body": b"",
                    "more_body": message.get("more_body", False),
                }
            await send(message)

        await answer_again(self.app, scope, in_time(receive, scope=scope), sending)

    def _believe_proxy(self, scope: Any) -> None:
        """Take client, scheme and host from the nearest proxies that are trusted, never from beyond them."""
        client = scope["client"]
        if client is None or not self._is_trusted(client[0]):
            return
        # A proxy may add a line of its own to those that it was sent: all lines are one list.
        lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
        chain = [part.strip() for part in ",".join(lines).split(",")]
        for address in reversed([part for part in chain if part]):
            _name_client(scope, (address, 0))
            if not self._is_trusted(scope["client"][0]):
                break
        headers = dict(scope["headers"])
        scheme = headers.get(b"x-forwarded-proto", b"").decode("latin-1").split(",")[-1].strip().lower()
        if scheme in ("http", "https"):
            scope["scheme"] = scheme
        host = headers.get(b"x-forwarded-host")
        if host:
            scope["headers"] = [
                (name, host if name == b"host" else value) for name, value in scope["headers"]
            ]

    def _warn_of_proxy(self, scope: Any) -> None:
        """Say once that there may be a proxy which nobody has named: all its clients have one address, and one budget."""
        if any(name == b"x-forwarded-for" for name, _ in scope["headers"]):
            self._has_warned = True
            log.warning(
                "unknown_proxy",
                address=scope["client"] and scope["client"][0],
                cure="Set PARLEY_TRUSTED_PROXIES.",
            )

    def _is_trusted(self, address: str) -> bool:
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self.trusted)


def _name_client(scope: Any, client: Any) -> None:
    """Put the client into the scope, its address in its one spelling."""
    scope["client"] = (client_address(client[0]) or client[0], client[1]) if client else None


@lru_cache(maxsize=4096)
def _counters(route: str, method: str, status: int) -> tuple[Counter, Histogram]:
    """Return the two that count such an answer; looking them up by their labels takes longer than counting."""
    return REQUESTS.labels(route, method, str(status)), SECONDS.labels(route)


def _too_large(scope: Any) -> AppError | None:
    query = scope["query_string"]
    if len(scope["path"]) + len(query) > MAX_TARGET_BYTES or query.count(b"&") >= MAX_PARAMETERS:
        return TargetTooLong()
    if len(b"".join([part for header in scope["headers"] for part in header])) > MAX_HEADER_BYTES:
        return HeadersTooLarge()
    return None


def _is_preflight(scope: Any) -> bool:
    return any(name == b"access-control-request-method" for name, _ in scope["headers"])


async def _answer_preflight(send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": list(PREFLIGHT)})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
