"""Rules of domains: their names, what proves them, how long a proof holds, and what they enforce."""

import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, get_args

import msgspec

from parley.kernel.clock import TOLERANCE, is_ahead
from parley.kernel.config.settings import Settings
from parley.kernel.errors import Invalid, blank, too_long
from parley.kernel.network.dns import MOST_FOUND, DnsAnswer
from parley.kernel.network.domains import ascii_domain, unicode_domain
from parley.kernel.text.forms import storable

Provider = Literal["saml", "google-oauth2", "github", "gitlab"]
SsoEnforcement = Literal["", "saml", "google-oauth2", "github", "gitlab"]
PROVIDERS: tuple[Provider, ...] = get_args(Provider)
PROVIDER_NAMES: dict[str, str] = {
    "saml": "SAML",
    "google-oauth2": "Google",
    "github": "GitHub",
    "gitlab": "GitLab",
}
UNUSABLE = {
    "saml": "SAML is not set up for this domain",
    "google-oauth2": "Google is not set up on this server",
    "github": "GitHub is not set up on this server",
    "gitlab": "GitLab is not set up on this server",
}
MAX_DOMAIN_LENGTH = 128
MOST_DOMAINS = 100
"""Domains of one organization, verified or not: each is looked up every day."""
CHECKED_EVERY = timedelta(days=1)
WITHDRAWN_AFTER = timedelta(days=14)
"""How long a domain stays verified after its record was not found for the first time."""
LONGEST_GAP = timedelta(days=2)
"""Between two looks. A longer one means that the server was off or its clock has jumped, and admins were told nothing."""
WARNED_AFTER = (timedelta(0), timedelta(days=7), timedelta(days=12))
LABEL = re.compile(r"[a-z0-9-]{1,63}")
TOP_LEVEL = re.compile(r"[a-z]{2,}|xn--[a-z0-9-]+")
NO_DOMAIN = "Please enter a valid domain or subdomain name."


def new_challenge() -> str:
    """Return what the record of a domain must say: 43 characters that nobody guesses."""
    return secrets.token_urlsafe(32)


def new_scim_token() -> str:
    """Return a token for the identity provider of a domain: 43 characters that nobody guesses."""
    return secrets.token_urlsafe(32)


def check_domain_name(text: str, *, attr: str = "domain") -> str:
    """Return the name in ASCII and lower case, as the DNS knows it; raises Invalid for what is none."""
    if not text.strip():
        raise blank(attr)
    name = ascii_domain(unicode_domain(text.strip()))
    if len(name) > MAX_DOMAIN_LENGTH:
        raise too_long(MAX_DOMAIN_LENGTH, attr)
    if not _is_domain_name(name):
        raise Invalid(NO_DOMAIN, attr=attr)
    return name


def _is_domain_name(name: str) -> bool:
    labels = name.split(".")
    if len(labels) < 2 or not TOP_LEVEL.fullmatch(labels[-1]):
        return False
    return all(map(_is_label, labels))


def _is_label(label: str) -> bool:
    """Hyphens stand alone inside, but in names of other scripts, which must then be what somebody can have written."""
    if not LABEL.fullmatch(label) or label.startswith("-") or label.endswith("-"):
        return False
    if label.startswith("xn--"):
        return ascii_domain(unicode_domain(label)) == label and not unicode_domain(label).startswith("xn--")
    return "--" not in label


def record_name(domain: str, settings: Settings) -> str:
    """Return the name under which the TXT record of a domain stands."""
    return f"{settings.domain_challenge_label}.{domain}"


class Finding(msgspec.Struct, frozen=True):
    """What a look at the DNS has found: the proof, or a sentence that says why not.

    `is_known` is False where the DNS gave no answer at all, which says nothing about the record.
    """

    is_proven: bool
    error: str | None = None
    is_known: bool = True


def finding_of(answer: DnsAnswer, name: str, challenge: str) -> Finding:
    """Compare the TXT records of a name with what must be there."""
    if challenge in answer.found:
        return Finding(True)
    if answer.problem is not None:
        return Finding(False, answer.problem, is_known=False)
    if not answer.found:
        return Finding(False, f"There is no TXT record at {name}. A new record can take an hour to be seen.")
    return Finding(False, _mismatch(answer.found, name))


def _mismatch(found: Sequence[str], name: str) -> str:
    if len(found) >= MOST_FOUND:
        return (
            f"{name} has more TXT records than Parley reads ({MOST_FOUND}). Remove those that aren't needed."
        )
    what = "The TXT record" if len(found) == 1 else f"None of the {len(found)} TXT records"
    verb = "isn't" if len(found) == 1 else "is"
    text = " ".join(storable(found[0]).split())
    shown = text if len(text) <= 60 else text[:60] + "\N{HORIZONTAL ELLIPSIS}"
    example = f" It says: {shown}" if len(found) == 1 else ""
    return f"{what} at {name} {verb} the one that was asked for.{example}"


class Verification(msgspec.Struct, frozen=True):
    """Whether a domain is verified, and what its admins are told: that the record is missing, or was for too long."""

    verified_at: datetime | None
    failing_since: datetime | None
    notice: Literal["missing", "withdrawn"] | None = None


def verification_after(
    before: Verification, finding: Finding, now: datetime, *, checked_at: datetime | None
) -> Verification:
    """Return what is so after another look at the DNS; `checked_at` was the one before.

    A domain whose record is gone stays verified for 14 days, in which its admins are told three times. Where the DNS gave no
    answer nothing changes, so that nobody loses their sign-in because a name server is down.
    """
    if finding.is_proven:
        return Verification(before.verified_at or now, None)
    if before.verified_at is None or not finding.is_known:
        return Verification(before.verified_at, before.failing_since)
    since, checked_at = _failing_since(before, now, checked_at)
    if now - since >= WITHDRAWN_AFTER:
        return Verification(None, None, "withdrawn")
    last = checked_at or since - timedelta(microseconds=1)
    is_due = any(last - since < wait <= now - since for wait in WARNED_AFTER)
    return Verification(before.verified_at, since, "missing" if is_due else None)


def _failing_since(
    before: Verification, now: datetime, checked_at: datetime | None
) -> tuple[datetime, datetime | None]:
    """Return since when the record is missing, and the last look. Time in which nobody has looked doesn't count.

    What lies in the future was noted under a clock that has been set back since.
    """
    since = before.failing_since
    if since is None or checked_at is None or max(since, checked_at) > now + TOLERANCE:
        return min(since or now, now), None
    gap = now - checked_at
    return (since + gap - CHECKED_EVERY if gap > LONGEST_GAP else since), checked_at


def was_checked_lately(checked_at: datetime | None, now: datetime) -> bool:
    """Say whether a verified domain need not be looked at yet."""
    return is_ahead(checked_at + CHECKED_EVERY if checked_at else None, now, CHECKED_EVERY)


def withdrawn_on(failing_since: datetime) -> datetime:
    """Return when a domain whose record is missing stops to be verified."""
    return failing_since + WITHDRAWN_AFTER
