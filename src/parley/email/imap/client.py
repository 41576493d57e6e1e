"""A connection to a mailbox: blocking calls of a library, in threads of their own, to an address that was checked."""

import asyncio
import imaplib
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from functools import lru_cache
from typing import Any, TypeVar

from imapclient import IMAPClient, SocketTimeout  # type: ignore[import-untyped]
from imapclient.exceptions import IMAPClientError  # type: ignore[import-untyped]

from parley.email.imap.errors import MailboxRefused, NotOurServer
from parley.email.imap.rules import Place
from parley.kernel.network.addresses import AddressRefused, target_of
from parley.kernel.network.outbound import CallFailed, Outbound
from parley.kernel.services import Services

R = TypeVar("R")
MOST_CONNECTIONS = 50
CONNECT_S, READ_S = 10.0, 60.0
CALL_S = 180.0
"""How long one call may take, however slowly the server sends."""
MOST_BYTES = 30 * 1024 * 1024
"""What is fetched of a mail. The rest of a longer one stays in the mailbox."""
MOST_LITERAL = MOST_BYTES + 1024 * 1024
MOST_UIDS = 100_000


class OpenFolder:
    """An open folder, read-only: nothing in it is marked, moved or deleted."""

    def __init__(self, client: IMAPClient, uid_validity: int, next_uid: int) -> None:
        self._client = client
        self.uid_validity, self.next_uid = uid_validity, next_uid

    async def new_uids(self, place: Place) -> Sequence[int]:
        """Return the UIDs behind this place."""
        found = await _call(self._client.search, [b"UID", b"%d:*" % (place.last_uid + 1)])
        return [int(uid) for uid in found[:MOST_UIDS]]

    async def uids_since(self, day: Any) -> Sequence[int]:
        """Return the UIDs of mails that came on this day or later."""
        return [int(uid) for uid in (await _call(self._client.search, ["SINCE", day]))[:MOST_UIDS]]

    async def mail(self, uid: int) -> bytes | None:
        """Return a mail, without marking it as read; None when it is gone by now."""
        wanted = b"BODY.PEEK[]<0.%d>" % MOST_BYTES
        found = (await _call(self._client.fetch, [uid], [wanted])).get(uid, {})
        return next((value for name, value in found.items() if name.startswith(b"BODY[")), None)

    @property
    def can_wait(self) -> bool:
        """Say whether the server tells by itself of new mail (RFC 2177)."""
        return bool(self._client.has_capability("IDLE"))

    async def wait(self, within_s: float, stopping: asyncio.Event, pause_s: float = 2.0) -> bool:
        """Say whether the server has told of something within this time; sooner where the process ends."""
        await _call(self._client.idle)
        loop = asyncio.get_running_loop()
        until = loop.time() + within_s
        told: list[Any] = []
        while not told and not stopping.is_set() and loop.time() < until:
            told = await _call(self._client.idle_check, min(pause_s, max(until - loop.time(), 0.01)))
        _, more = await _call(self._client.idle_done)
        return bool(told or more)


@asynccontextmanager
async def opened(services: Services, settings: Any, password: str) -> AsyncIterator[OpenFolder]:
    """Yield the folder of a mailbox (`host`, `port`, `security`, `username`, `folder`).

    Raises NotOurServer and MailboxRefused, whose words never hold the password, and so does whatever is done with it.
    """
    address = await _address(services, settings)
    client: Any = None
    try:
        client = await _call(_connected, address, settings)
        await _call(_signed_in, client, settings, password)
        state = await _call(client.select_folder, settings.folder, True)  # EXAMINE
        yield OpenFolder(client, int(state.get(b"UIDVALIDITY", 0)), int(state.get(b"UIDNEXT", 1)))
    except (IMAPClientError, imaplib.IMAP4.error, OSError, UnicodeError) as error:
        words = _without(password, _words(error)) or type(error).__name__
        raise MailboxRefused(f"The mailbox can't be read: {words[:300]}") from None
    finally:
        if client is not None:
            with suppress(Exception):
                await _call(client.shutdown)


def _words(error: Exception) -> str:
    """Return the words of the server, without the signs of Python around the bytes that imaplib has."""
    text = str(error)
    return text[2:-1] if text[:2] in ("b'", 'b"') else text


def _without(password: str, words: str) -> str:
    """Return the words without the password, in each form in which it was sent or Python may show it."""
    quoted = password.replace("\\", "\\\\").replace('"', '\\"')  # RFC 3501, 4.3
    forms = {password, quoted}
    forms |= {repr(form.encode())[2:-1] for form in forms} | {repr(form)[1:-1] for form in forms}
    for form in sorted(forms, key=len, reverse=True):
        words = words.replace(form, "***")
    return words


async def _address(services: Services, settings: Any) -> str:
    """Return where to connect to, checked as for every other outgoing call."""
    allowed = services.settings.allowed_hosts_out
    try:
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        target = target_of(f"https://{host}:{settings.port}/")
        if settings.security == "none" and (target.host, target.port) not in allowed:
            raise NotOurServer("Without encryption, only hosts in PARLEY_ALLOWED_HOSTS_OUT are connected to.")
        return str((await Outbound(allowed).addresses_of(target))[0])
    except AddressRefused as error:
        raise NotOurServer(str(error).replace("URL", "host") or "This is no name of a host.") from error
    except CallFailed as error:
        raise MailboxRefused(str(error)) from error


class _Imap(imaplib.IMAP4):
    """The protocol, on a connection to an address that was checked; certificates are checked against the name."""

    def __init__(self, address: str, host: str, port: int, context: ssl.SSLContext | None) -> None:
        self._address, self._context = address, context
        super().__init__(host, port, CONNECT_S)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        made = socket.create_connection((self._address, self.port), timeout=CONNECT_S)
        return self._context.wrap_socket(made, server_hostname=self.host) if self._context else made

    def read(self, size: int) -> bytes:
        """Read a literal, of a size that a mail may have."""
        if size > MOST_LITERAL:
            raise self.abort("The server sends more than was asked for.")
        return super().read(size)


class _Client(IMAPClient):  # type: ignore[misc]
    """The library, on such a connection."""

    def __init__(self, address: str, settings: Any) -> None:
        self._address = address
        super().__init__(
            settings.host,
            settings.port,
            ssl=settings.security == "tls",
            ssl_context=_tls(),
            timeout=SocketTimeout(CONNECT_S, READ_S),
        )

    def _create_IMAP4(self) -> imaplib.IMAP4:
        return _Imap(self._address, self.host, self.port, self.ssl_context if self.ssl else None)


def _connected(address: str, settings: Any) -> IMAPClient:
    client = _Client(address, settings)
    if settings.security == "starttls":
        client.starttls(_tls())
    return client


def _signed_in(client: IMAPClient, settings: Any, password: str) -> None:
    client.login(settings.username, password)


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    import certifi

    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    return context


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(MOST_CONNECTIONS + 10, thread_name_prefix="imap")


async def _call(function: Callable[..., R], *arguments: Any) -> R:
    """Call something that blocks, in a thread."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(CALL_S):
        return await loop.run_in_executor(_threads(), function, *arguments)
