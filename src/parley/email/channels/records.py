"""The records that a domain's owner publishes: what they must be, and what those that are there come to.

The key of DKIM is the project's own, so its record proves that whoever connected a channel rules over the domain. SPF
names the mail server, so that its mail passes; DMARC is shown, since others decide by it, and isn't asked for.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from parley.email.channels.dkim import key_record
from parley.kernel.config.for_mail import is_this_machine
from parley.kernel.config.settings import Settings
from parley.kernel.network.dns import DnsAnswer

NOT_LOOKED_UP = "Not looked up yet."
Purpose = Literal["spf", "dkim", "mx"]


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What the DNS said when it was asked last."""

    spf: DnsAnswer
    dkim: DnsAnswer
    dmarc: DnsAnswer = DnsAnswer()
    mx: DnsAnswer | None = None  # of the domain of forwarding addresses


class SendingRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record to publish. `detail` says in a sentence what is missing, `found` is what is there now.

    `value` is empty for an MX record where this server has no name that such a record could have.
    """

    record_type: str
    name: str
    value: str
    valid: bool
    purpose: Purpose
    found: Sequence[str] = ()
    detail: str = ""


class Dmarc(msgspec.Struct, frozen=True, kw_only=True):
    """The domain's DMARC record, None where it has none, and its policy for mail that fails (RFC 7489)."""

    record: str | None
    policy: str | None
    detail: str


def spf_mechanism(settings: Settings) -> str:
    """Return the mechanism of SPF that stands for where this server's mail leaves (RFC 7208, section 5).

    What the operator says, else the mail server of `PARLEY_SMTP_URL`. One on this machine is no name that others know:
    the host of the site's address stands for it, as it does where no mail server is set.
    """
    if settings.spf_mechanism:
        return settings.spf_mechanism
    host = urlsplit(settings.smtp_url or "").hostname or ""
    if not host or is_this_machine(host):
        host = urlsplit(settings.site_url).hostname or "localhost"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return f"a:{host}"
    return f"ip{address.version}:{address}"


def spf_record(domain: str, mechanism: str, answer: DnsAnswer | None) -> SendingRecord:
    """Return the SPF record to publish: one that is there already, with the mechanism added."""
    found = [] if answer is None else [text for text in answer.found if _is_spf(text)]
    valid, value = False, f"v=spf1 {mechanism} ~all"
    if answer is None or answer.problem:
        detail = NOT_LOOKED_UP if answer is None else answer.problem or ""
    elif not found:
        detail = "There is no SPF record."
    elif len(found) > 1:
        value = _with_mechanism(found[0], mechanism)
        detail = "There are several SPF records, so none counts (RFC 7208). Publish one, with what all of them say."
    elif _has_mechanism(found[0], mechanism):
        valid, value, detail = True, found[0], ""
    else:
        value = _with_mechanism(found[0], mechanism)
        detail = f"The SPF record doesn't name {mechanism}. Replace it; a domain has one only."
    return SendingRecord(
        record_type="TXT", name=domain, value=value, valid=valid, purpose="spf", found=found, detail=detail
    )


def _is_spf(text: str) -> bool:
    return text.lower().split(" ", 1)[0] == "v=spf1"


def _has_mechanism(record: str, mechanism: str) -> bool:
    wanted = mechanism.lower()
    terms = [term.removeprefix("+") for term in record.lower().split()[1:]]
    return wanted in terms or any(_covers(term, wanted) for term in terms)


def _covers(term: str, mechanism: str) -> bool:
    """Say whether both name addresses, and the term a network that holds the other's."""
    kind, _, network = term.partition(":")
    wanted_kind, _, address = mechanism.partition(":")
    if kind != wanted_kind or kind not in ("ip4", "ip6"):
        return False
    try:
        outer, inner = ipaddress.ip_network(network, strict=False), ipaddress.ip_network(address)
        return outer.version == inner.version and inner.subnet_of(outer)  # type: ignore[arg-type]
    except ValueError:
        return False


def _with_mechanism(record: str, mechanism: str) -> str:
    """Return the record with the mechanism before the term that decides about everything else."""
    terms = record.split()
    last = (
        index
        for index, term in enumerate(terms)
        if term.lower().lstrip("+-~?") == "all" or term.lower().startswith("redirect=")
    )
    place = next(last, len(terms))
    return " ".join([*terms[:place], mechanism, *terms[place:]])


def dkim_record(domain: str, selector: str, public_key: str, answer: DnsAnswer | None) -> SendingRecord:
    """Return the record of the signing key (RFC 6376, section 3.6.1)."""
    found = [] if answer is None else list(answer.found)
    if answer is None or answer.problem:
        detail = NOT_LOOKED_UP if answer is None else answer.problem or ""
    elif not found:
        detail = "There is no DKIM record under this name."
    elif len(found) > 1:
        detail = "There are several records under this name, so none counts (RFC 6376). Leave this one only."
    else:
        detail = _problem_of_key(found[0], public_key)
    return SendingRecord(
        record_type="TXT",
        name=f"{selector}._domainkey.{domain}",
        value=key_record(public_key),
        valid=not detail,
        purpose="dkim",
        found=found,
        detail=detail,
    )


def _problem_of_key(record: str, public_key: str) -> str:
    tags = _tags(record)
    if "".join(tags.get("p", "").split()) != public_key:
        return "The record has another key. Publish the value as it stands here, in one piece."
    is_ours = (
        tags.get("v", "DKIM1") == "DKIM1"
        and tags.get("k", "rsa") == "rsa"
        and _allows(tags.get("h", "sha256"), "sha256")
        and _allows(tags.get("s", "*"), "email", "*")
    )
    return "" if is_ours else "The record limits the key so that it can't sign mail (v=, k=, h= or s=)."


def _allows(value: str, *wanted: str) -> bool:
    return any(one.strip().lower() in wanted for one in value.split(":"))


def _tags(record: str) -> dict[str, str]:
    """Return the tags of a record of DKIM or DMARC."""
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip(): value.strip() for name, is_pair, value in pairs if is_pair}


def mx_record(settings: Settings, answer: DnsAnswer | None) -> SendingRecord | None:
    """Return the record by which mail for forwarding addresses finds this server; None where it takes none by SMTP."""
    if settings.inbound_smtp is None:
        return None
    host = (urlsplit(settings.site_url).hostname or "localhost").lower()
    found = [] if answer is None else list(answer.found)
    if answer is None or answer.problem:
        detail = NOT_LOOKED_UP if answer is None else answer.problem or ""
    else:
        detail = "" if host in found and not _is_address(host) else _problem_of_mx(host, found)
    return SendingRecord(
        record_type="MX",
        name=settings.inbound_domain,
        value="" if _is_address(host) else f"10 {host}",
        valid=not detail,
        purpose="mx",
        found=found,
        detail=detail,
    )


def _problem_of_mx(host: str, found: Sequence[str]) -> str:
    """Return what is wrong with the records of a domain none of which leads here."""
    if _is_address(host):
        return f"The address of this site is {host}. An MX record needs a name (RFC 5321): give it one in PARLEY_SITE_URL."
    if not found:
        return "There is no MX record of this domain."
    if "." in found or "" in found:
        return "The domain says that it takes no mail at all (RFC 7505). Replace the record."
    address = next((one for one in found if _is_address(one)), None)
    if address is not None:
        return f"The MX record names the address {address}. It must name a host (RFC 5321), so that no mail arrives: {host}."
    named = " and ".join(found[:3])
    return f"The mail goes to {named}, and not to {host}. If that is another server, its mail doesn't arrive here."


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def names_of_dmarc(domain: str) -> list[str]:
    """Return where a domain's DMARC record may be: under itself, else under the nearest domain above (at most four)."""
    labels = domain.split(".")
    above = [".".join(labels[start:]) for start in range(max(len(labels) - 1, 1))]
    return [f"_dmarc.{name}" for name in above[:4]]


def first_dmarc(answers: Iterable[DnsAnswer]) -> DnsAnswer:
    """Return the first answer with a DMARC record, else the first with a problem, else an empty one."""
    answers = list(answers)
    found = [one for one in answers if any(_is_dmarc(text) for text in one.found)]
    return next(iter(found), next((one for one in answers if one.problem), DnsAnswer()))


def _is_dmarc(text: str) -> bool:
    return text.lower().replace(" ", "").startswith("v=dmarc1")


def dmarc_of(answer: DnsAnswer | None) -> Dmarc:
    """Return what the domain asks of those who get mail in its name."""
    record = next((text for text in answer.found if _is_dmarc(text)), None) if answer else None
    policy = _tags(record).get("p", "").lower() or None if record else None
    if answer is None or answer.problem:
        detail = NOT_LOOKED_UP if answer is None else answer.problem or ""
    elif record is None:
        detail = "There is none. Large providers want one: a TXT record at _dmarc, such as v=DMARC1; p=none to begin with."
    else:
        detail = "Mail that is signed with the key above passes it."
    return Dmarc(record=record, policy=policy, detail=detail)
