"""Who has sent a mail: SPF of the envelope (RFC 7208), DKIM (RFC 6376), and whether DMARC's rules are met (RFC 7489)."""

import asyncio
import logging
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
from parley.email.sender_verification.silent_names import ImpatientDns
from parley.kernel.network.dns import DnsResolver, RecordType
from parley.kernel.network.domains import ascii_domain, organizational_domain

log = structlog.get_logger(__name__)
R = TypeVar("R")

VERIFY_S = 10.0
"""How long it takes at most; a mail about which nothing is known by then is taken all the same, as one of a stranger."""
MOST_SIGNATURES = 5
MAX_HEAD_BYTES = 256 * 1024
MANY_SPACES = re.compile(rb"[ \t]{1000}")
"""Folding white space takes the library quadratic time in the length of such a run, so these mails are not verified."""
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
    dns: DnsResolver, server: str, envelope: Envelope | None, mail: bytes, within_s: float = VERIFY_S
) -> list[AuthenticationResult]:
    """Return the results of SPF, DKIM and DMARC; `server` is who says so. Takes at most `within_s`; nothing is raised.

    SPF is about the envelope, so a mail that comes without one has no such result. Of a mail with bare breaks in its
    header nothing is said.
    """
    if BARE_BREAK.search(mail, 0, _end_of_head(mail)):
        return []
    dns = ImpatientDns(dns)
    try:
        async with asyncio.timeout(within_s):
            spf, dkim = await asyncio.gather(_spf(dns, server, envelope), _dkim(dns, server, mail))
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


async def _dkim(dns: DnsResolver, server: str, mail: bytes) -> list[AuthenticationResult]:
    """Return a result for each of the first signatures."""
    head = mail[: _end_of_head(mail)]
    if len(head) > MAX_HEAD_BYTES or MANY_SPACES.search(mail):
        return []
    n_signatures = len(BytesHeaderParser().parsebytes(head).get_all("DKIM-Signature") or [])
    loop = asyncio.get_running_loop()
    return [
        AuthenticationResult(server, "dkim", *await _call(_one_dkim, dns, loop, mail, index))
        for index in range(min(n_signatures, MOST_SIGNATURES))
    ]


_QUIET = logging.getLogger("parley.dkim")
"""For dkimpy, which logs as errors what strangers sign wrongly, and a DNS that is silent. The result says both."""
_QUIET.setLevel(logging.CRITICAL)


def _one_dkim(dns: DnsResolver, loop: asyncio.AbstractEventLoop, mail: bytes, index: int) -> tuple[str, str]:
    """Return the result of one signature and its domain, which is that of the key; called in a thread."""
    import dkim  # type: ignore[import-untyped]

    def text_of(name: bytes, timeout: int = 5) -> bytes | None:
        asked = dns.texts(name.decode("ascii", "replace").rstrip("."))
        answer = asyncio.run_coroutine_threadsafe(asked, loop).result(VERIFY_S)
        problems.append(answer.problem)
        return answer.found[0].encode() if answer.found else None

    problems: list[str | None] = []
    signature = dkim.DKIM(logger=_QUIET)
    try:
        signature.set_message(mail)
        result = "pass" if signature.verify(index, dnsfunc=text_of) else "fail"
    except dkim.ValidationError:  # such as another body than was signed
        result = "fail"
    except dkim.DKIMException:
        result = "permerror"
    if any(problems):  # the library makes no difference between a DNS that is silent and one that has no key
        result = "temperror"
    tags: dict[bytes, bytes] = signature.signature_fields
    if b"l" in tags:  # whatever stands behind the signed part would pass, too (RFC 6376, section 8.2)
        result = "policy"
    return result, tags.get(b"d", b"").decode("ascii", "replace").lower()


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
    result = "pass" if is_aligned(domain, record, results) else "fail"
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
