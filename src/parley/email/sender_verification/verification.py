"""Who has sent a mail: SPF of the envelope (RFC 7208), DKIM (RFC 6376), and whether DMARC's rules are met (RFC 7489)."""

import asyncio
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
import structlog

from parley.email.channels.records import dmarc_of, first_dmarc, names_of_dmarc
from parley.email.parsing.schemas import AuthenticationResult
from parley.email.sender_verification.signatures import (
    KeyRecord,
    SignatureResult,
    VerifyRequest,
    names_of_keys,
)
from parley.email.sender_verification.silent_names import ImpatientDns
from parley.kernel.isolation.pool import IsolatedPools, Stopped
from parley.kernel.network.dns import DnsAnswer, DnsResolver, RecordType
from parley.kernel.network.domains import ascii_domain, organizational_domain
from parley.kernel.services import Services

log = structlog.get_logger(__name__)
R = TypeVar("R")

VERIFY_S = 10.0
"""How long it takes at most; a mail about which nothing is known by then is taken all the same, as one of a stranger."""
PROGRAM = "parley.email.sender_verification.signatures"
CHECK_S = 2.0
"""How long a processor may work on the signatures of one mail."""
MAX_HEAD_BYTES = 256 * 1024
BARE_BREAK = re.compile(rb"\r(?!\n)|(?<!\r)\n")
"""Readers of mail differ about whether it ends a line: what one of them verifies, another one may not be shown."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """How a mail was handed over: by which address, which called itself `helo`, and with which return path."""

    client: str
    helo: str
    mail_from: str


def name_of_server(site_url: str) -> str:
    """Return the name under which this server greets others, and says what it has verified."""
    return urlsplit(site_url).hostname or "localhost"


async def verified(
    services: Services, envelope: Envelope | None, mail: bytes, within_s: float = VERIFY_S
) -> list[AuthenticationResult]:
    """Return the results of SPF, DKIM and DMARC, as this server says them. Takes at most `within_s`; nothing is raised.

    SPF is about the envelope, so a mail that comes without one has no such result. Of a mail with bare breaks in its
    header nothing is said.
    """
    if BARE_BREAK.search(mail, 0, _end_of_head(mail)):
        return []
    dns, server = ImpatientDns(services.dns), name_of_server(services.settings.site_url)
    try:
        async with asyncio.timeout(within_s):
            spf, dkim = await asyncio.gather(
                _spf(dns, server, envelope), _dkim(dns, services.isolated, server, mail)
            )
            return [*spf, *dkim, *await _dmarc(dns, server, mail, [*spf, *dkim])]
    except TimeoutError:
        return []
    except Exception:  # the libraries read whatever strangers send: a mail is never refused for that
        log.exception("mail_not_verified")
        return []


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    """Return threads that wait for a DNS which strangers may let be silent; nothing else waits behind them."""
    return ThreadPoolExecutor(16, thread_name_prefix="verify")


async def _call(function: Callable[..., R], *arguments: Any) -> R:
    return await asyncio.get_running_loop().run_in_executor(_threads(), function, *arguments)


async def _spf(dns: DnsResolver, server: str, envelope: Envelope | None) -> list[AuthenticationResult]:
    if envelope is None:
        return []
    import spf  # type: ignore[import-untyped]

    loop = asyncio.get_running_loop()
    domain = (envelope.mail_from.rpartition("@")[2] or envelope.helo).lower()

    def look_up(name: str, kind: str, *_: Any) -> list[Any]:
        if kind not in ("TXT", "MX", "A", "AAAA", "PTR"):
            return []  # the obsolete type SPF
        wanted: RecordType = kind  # type: ignore[assignment]
        answer = asyncio.run_coroutine_threadsafe(dns.lookup(name, wanted), loop).result(VERIFY_S)
        if answer.problem:
            raise spf.TempError(answer.problem)
        return [((name, kind), _spf_value(kind, text)) for text in answer.found]

    def check() -> str:
        spf.DNSLookup = look_up
        sender = envelope.mail_from or f"postmaster@{envelope.helo}"
        return str(spf.check2(i=envelope.client, s=sender, h=envelope.helo, querytime=int(VERIFY_S))[0])

    return [AuthenticationResult(server, "spf", await _call(check), domain)]


def _spf_value(kind: str, text: str) -> Any:
    if kind == "TXT":
        return (text.encode(),)
    return (10, text) if kind == "MX" else text


async def _dkim(
    dns: DnsResolver, isolated: IsolatedPools, server: str, mail: bytes
) -> list[AuthenticationResult]:
    """Return a result for each of the first signatures; none where checking them costs too much."""
    head = mail[: _end_of_head(mail)]
    if len(head) > MAX_HEAD_BYTES:
        return []
    names = names_of_keys(head)
    if not names:
        return []
    answers = await asyncio.gather(*(dns.texts(name) for name in names))
    records = {name: _record(answer) for name, answer in zip(names, answers, strict=True)}
    request = msgspec.msgpack.encode(VerifyRequest(len(names), records))
    try:
        reply, _ = await isolated.pool(PROGRAM).ask(request, mail, seconds=CHECK_S)
    except Stopped as stopped:
        log.warning("signatures_not_checked", reason=stopped.reason)
        return [AuthenticationResult(server, "dkim", "temperror", "")]
    found = msgspec.msgpack.decode(reply, type=list[SignatureResult])
    return [AuthenticationResult(server, "dkim", one.result, one.domain) for one in found]


def _record(answer: DnsAnswer) -> KeyRecord:
    return KeyRecord(answer.found[0] if answer.found else None, is_unknown=answer.problem is not None)


def _end_of_head(mail: bytes) -> int:
    found = mail.find(b"\r\n\r\n")
    return len(mail) if found < 0 else found + 4


async def _dmarc(
    dns: DnsResolver, server: str, mail: bytes, results: Sequence[AuthenticationResult]
) -> list[AuthenticationResult]:
    """Return whether what passed agrees with the From line; nothing where its domain has no DMARC record."""
    names = (
        BytesHeaderParser().parsebytes(mail[: min(_end_of_head(mail), MAX_HEAD_BYTES)]).get_all("From") or []
    )
    if len(names) != 1:
        return [AuthenticationResult(server, "dmarc", "permerror", "")]
    domain = ascii_domain(parseaddr(str(names[0]))[1].rpartition("@")[2].lower())
    places = names_of_dmarc(domain) if domain else []
    answers = await asyncio.gather(*(dns.texts(place) for place in places))
    record = dmarc_of(first_dmarc(answers)).record
    if record is None:
        is_unknown = any(answer.problem for answer in answers)
        return [AuthenticationResult(server, "dmarc", "temperror", domain)] if is_unknown else []
    is_unknown = any(one.result == "temperror" for one in results)
    result = "pass" if is_aligned(domain, record, results) else "temperror" if is_unknown else "fail"
    return [AuthenticationResult(server, "dmarc", result, domain)]


def is_aligned(domain: str, record: str, results: Sequence[AuthenticationResult]) -> bool:
    """Say whether SPF or DKIM has passed for a domain that agrees with that of the From line (RFC 7489, section 3.1).

    Relaxed, both must belong to the same registered domain.
    """
    tags = record.lower().replace(" ", "")
    for one in results:
        strict = {"spf": "aspf=s", "dkim": "adkim=s"}.get(one.method, "") in tags
        agrees = one.domain == domain or (
            not strict and organizational_domain(one.domain) == organizational_domain(domain)
        )
        if one.result == "pass" and agrees:
            return True
    return False
