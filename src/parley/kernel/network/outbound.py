"""The one client for HTTP that leaves the server: webhooks today, and whatever else calls a URL that somebody gave.

A name is resolved once, every address behind it is checked, and connections go to one of these addresses, so an
answer of the DNS that changes in between changes nothing. Redirects are never followed. Proxies named in the
environment are not used, since they would resolve the name again.
"""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING

import msgspec

import parley
from parley.kernel.network.addresses import (
    Address,
    AddressRefused,
    Target,
    is_public,
    target_of,
)

if TYPE_CHECKING:
    import ssl

    import httpx

__all__ = ["AddressRefused", "CallFailed", "Outbound", "OutgoingRequest", "Reply", "Session"]

CONNECT_S = 5.0
RESOLVE_S = 5.0
TIMEOUT_S = 15.0
MOST_BYTES = 64 * 1024
PRIVATE = (
    "The URL points to an address that is not public. "
    "Whoever runs this server can allow it in PARLEY_ALLOWED_HOSTS_OUT."
)

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class CallFailed(Exception):
    """No whole answer came; the text says why. The same call may succeed later."""


class OutgoingRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One call. `timeout_s` counts from the look-up to the last byte; of the answer at most `most_bytes` are read."""

    url: str
    method: str = "POST"
    headers: Mapping[str, str] = {}
    body: bytes = b""
    timeout_s: float = TIMEOUT_S
    most_bytes: int = MOST_BYTES


class Reply(msgspec.Struct, frozen=True):
    """An answer of any status; header names are in lower case. `is_cut` when there was more of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_cut: bool


async def system_addresses(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver; raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class Outbound:
    """Calls URLs of strangers. `allowed` are the hosts and ports that may be private (`PARLEY_ALLOWED_HOSTS_OUT`)."""

    def __init__(self, allowed: Collection[tuple[str, int]], *, resolve: Resolve = system_addresses) -> None:
        self._allowed = allowed
        self._resolve = resolve

    async def check(self, url: str) -> None:
        """Raise AddressRefused for a URL that `send` would refuse today; a name that nobody knows yet passes.

        It waits for the DNS: don't call it inside a transaction. `send` looks again.
        """
        target = target_of(url)
        try:
            await self.addresses_of(target)
        except CallFailed:
            return

    async def send(self, request: OutgoingRequest) -> Reply:
        """Make one call and return the answer, redirects included; raises AddressRefused or CallFailed."""
        async with self.session() as session:
            return await session.send(request)

    @asynccontextmanager
    async def session(self) -> AsyncIterator["Session"]:
        """Yield what makes several calls and keeps connections open between them; all are closed at the end.

        A name is looked up and checked once in a session: don't hold one for longer than a minute.
        """
        session = Session(self)
        try:
            yield session
        finally:
            await session.close()

    async def addresses_of(self, target: Target) -> Sequence[Address]:
        """Return where to connect to; raises AddressRefused unless every address is public, CallFailed without any."""
        found = [target.literal] if target.literal else await self._looked_up(target)
        if (target.host, target.port) not in self._allowed and not all(map(is_public, found)):
            raise AddressRefused(PRIVATE)
        return found

    async def _looked_up(self, target: Target) -> Sequence[Address]:
        try:
            async with asyncio.timeout(RESOLVE_S):
                texts = await self._resolve(target.host, target.port)
            found = [ipaddress.ip_address(text) for text in dict.fromkeys(texts)]
        except (
            OSError,
            ValueError,
        ) as error:  # a timeout is an OSError, a name that can't be asked for a ValueError
            raise CallFailed(f"The name {target.host} cannot be resolved.") from error
        if not found:
            raise CallFailed(f"The name {target.host} has no address.")
        return found


class Destination:
    """Where a session's calls to one host and port go: addresses that were checked, and the connections to them.

    Each call that is under way has a client with one connection. A pool of many would look at all of them for each call.
    """

    def __init__(self, addresses: Sequence[Address]) -> None:
        self.addresses = addresses
        self.has_answered = False
        self._clients: list[httpx.AsyncClient] = []
        self._free: list[httpx.AsyncClient] = []

    @asynccontextmanager
    async def client(self) -> "AsyncIterator[httpx.AsyncClient]":
        """Yield a client that nobody else uses meanwhile; after a failure it is not used again."""
        client = self._free.pop() if self._free else self._new_client()
        yield client
        self._free.append(client)

    def _new_client(self) -> "httpx.AsyncClient":
        import httpx

        made = httpx.AsyncClient(
            verify=_tls(),
            trust_env=False,
            follow_redirects=False,
            # What one answer asks to be remembered goes along with no other call.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            limits=httpx.Limits(max_connections=1),
        )
        self._clients.append(made)
        return made

    async def close(self) -> None:
        """Close the connections."""
        for client in self._clients:
            await client.aclose()


class Session:
    """Some calls that share connections. They may be made side by side."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound
        # By name, as the certificate of a connection was checked against one.
        self._destinations: dict[tuple[str, str, int], Destination] = {}
        self._looking_up = asyncio.Lock()

    async def send(self, request: OutgoingRequest) -> Reply:
        """Make the call and return the answer, redirects included; raises AddressRefused or CallFailed."""
        target = target_of(request.url)
        try:
            async with asyncio.timeout(request.timeout_s):
                destination = await self._destination_of(target)
                return await self._reply(request, target, destination)
        except TimeoutError as error:
            raise CallFailed(f"There was no answer within {request.timeout_s:g} seconds.") from error

    async def close(self) -> None:
        """Close the connections."""
        for destination in self._destinations.values():
            await destination.close()

    async def _destination_of(self, target: Target) -> Destination:
        key = (target.scheme, target.host, target.port)
        async with self._looking_up:
            if key not in self._destinations:
                self._destinations[key] = Destination(await self._outbound.addresses_of(target))
        return self._destinations[key]

    async def _reply(
        self, request: OutgoingRequest, target: Target, destination: Destination, *, may_repeat: bool = True
    ) -> Reply:
        import httpx

        try:
            return await self._first_reply(request, target, destination)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError) as error:
            if not (destination.has_answered and may_repeat):
                raise CallFailed(_words(error)) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise CallFailed(_words(error)) from error
        # The other side may have closed a connection that was kept, just as it was used again.
        return await self._reply(request, target, destination, may_repeat=False)

    async def _first_reply(self, request: OutgoingRequest, target: Target, destination: Destination) -> Reply:
        import httpx

        for address in destination.addresses[:-1]:
            try:
                return await _exchange(request, target, address, destination)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await _exchange(request, target, destination.addresses[-1], destination)


async def _exchange(
    request: OutgoingRequest, target: Target, address: Address, destination: Destination
) -> Reply:
    import httpx

    headers = {"User-Agent": f"Parley/{parley.__version__}", **request.headers}
    headers |= {"Host": target.authority, "Accept-Encoding": "identity"}
    async with (
        destination.client() as client,
        client.stream(
            request.method,
            target.url_at(address),
            headers=headers,
            content=request.body,
            timeout=httpx.Timeout(request.timeout_s, connect=CONNECT_S),
            # The connection goes to the address, the certificate is checked against the name.
            extensions={} if target.literal else {"sni_hostname": target.host},
        ) as answer,
    ):
        body, is_cut = await _start_of(answer, request.most_bytes)
        destination.has_answered = True
        return Reply(answer.status_code, dict(answer.headers), body, is_cut)


async def _start_of(answer: "httpx.Response", most: int) -> tuple[bytes, bool]:
    body = bytearray()
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > most:
            return bytes(body[:most]), True
    return bytes(body), False


@lru_cache(maxsize=1)
def _tls() -> "ssl.SSLContext":
    """Trust the well-known authorities, and those that the operator gave to the system."""
    import ssl

    import certifi

    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    return context


def _words(error: Exception) -> str:
    kind = type(error).__name__
    known = {
        "ConnectError": "The connection failed",
        "ConnectTimeout": "The connection was not made in time",
        "ReadTimeout": "The answer did not come in time",
        "RemoteProtocolError": "The connection ended without a valid answer",
        "ReadError": "The connection broke",
    }
    return f"{known.get(kind, kind)}: {error}"[:400] if str(error) else f"{known.get(kind, kind)}."
