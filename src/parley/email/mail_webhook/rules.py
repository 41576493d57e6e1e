"""Signatures of the provider, and what its fields say of the sender."""

import hashlib
import hmac
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime

from parley.email.parsing.schemas import AuthenticationResult
from parley.kernel.ids import same_token

MOST_AGE_S = 300
MOST_BODY_BYTES = 45 * 1024 * 1024
"""A mail may have 30 MB. Mailgun takes 25."""
MOST_TOKEN = 200
FILE_FIELD = "attachment-"
SERVER = "mailgun"
SPF, DKIM = "X-Mailgun-Spf", "X-Mailgun-Dkim-Check-Result"

Headers = Sequence[tuple[str, str]]


def is_signed(fields: Mapping[str, str], signing_key: str | None, now: datetime) -> bool:
    """Say whether the provider has signed this request within the last five minutes."""
    timestamp, token = fields.get("timestamp", ""), fields.get("token", "")
    if not signing_key or not token or len(token) > MOST_TOKEN or len(timestamp) > 20:
        return False
    expected = hmac.new(signing_key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    if not same_token(fields.get("signature", "").lower(), expected):
        return False
    return timestamp.isascii() and timestamp.isdigit() and abs(now.timestamp() - int(timestamp)) <= MOST_AGE_S


def authentication_of(
    fields: Mapping[str, str], headers: Headers, repeated: Container[str] = ()
) -> list[AuthenticationResult]:
    """Return what the provider has verified, each with the domain that it is about; `repeated` fields say nothing.

    It says only that some signature is good. So DKIM proves something only where all signatures are of one domain, or
    a sender could add their own good one beside a forged one; and where they are of the whole body.
    """
    found = []
    spf = _result(fields, headers, repeated, SPF)
    if spf and "sender" not in repeated:
        found.append(AuthenticationResult(SERVER, "spf", spf, fields.get("sender", "")[:320]))
    dkim, tags = _result(fields, headers, repeated, DKIM), _signature_tags(headers)
    domains = {value.lower()[:253] for name, value in tags if name == "d"}
    if dkim and len(domains) == 1 and all(name != "l" for name, _ in tags):
        found.append(AuthenticationResult(SERVER, "dkim", dkim, domains.pop()))
    return found


def _result(fields: Mapping[str, str], headers: Headers, repeated: Container[str], name: str) -> str:
    """Return a result in lower case; nothing where it may be a header field that the sender has written.

    Mailgun posts each header field of a mail as a field of the form, too, and writes results only where its spam filter
    is on. It puts them above the `Received` that it adds itself, below which everything is that came in.
    """
    names = [key.lower() for key, _ in headers]
    places = [place for place, key in enumerate(names) if key == name.lower()]
    top = names.index("received") if "received" in names else len(names)
    if name in repeated or len(places) > 1 or any(place > top for place in places):
        return ""
    given = [headers[place][1] for place in places] + ([fields[name]] if name in fields else [])
    told = {value.strip().lower() for value in given}
    return told.pop()[:40] if len(told) == 1 else ""


def _signature_tags(headers: Headers) -> list[tuple[str, str]]:
    """Return the tags of all signatures (RFC 6376, section 3.2)."""
    signatures = (value[:10_000] for key, value in headers if key.lower() == "dkim-signature")
    tags = (tag.partition("=") for one in signatures for tag in one.split(";"))
    return [(name.strip(), value.strip()) for name, _, value in tags]


def header_lines(fields: Mapping[str, str], headers: Headers) -> Iterable[tuple[str, str]]:
    """Yield the header fields of the mail that the form describes; those of its parts are left out."""
    given = headers or [(name, fields[name]) for name in _NAMED if fields.get(name)]
    for name, value in given:
        is_name = (
            name.isascii() and name.isprintable() and not set(name) & set(": \t") and 0 < len(name) <= 200
        )
        if is_name and not name.lower().startswith("content-") and name.lower() != "mime-version":
            yield name, " ".join(value.replace("\x00", "").splitlines())


_NAMED = (
    "From",
    "from",
    "To",
    "Cc",
    "Subject",
    "subject",
    "Date",
    "Message-Id",
    "In-Reply-To",
    "References",
    "Reply-To",
)
