"""Messages to the URLs of customers, by the rules of Standard Webhooks: their form, their signatures, their retries."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import msgspec
from standardwebhooks import Webhook

RETRIES_S = (5, 300, 1800, 7200, 18000, 36000)
"""Seconds to wait after each failed attempt; one more and the delivery has failed. Nearly 18 hours in all."""
LONGEST_WISH = timedelta(hours=1)
"""What a receiver's `Retry-After` can ask for."""
GONE = 410
EXCERPT_LENGTH = 1000
SHORT_WORD = re.compile("[a-z]{0,8}")
"""A part of a path like `hook` or `services`; nothing so short is a secret."""


def without_secrets(url: str) -> str:
    """Return a URL with `...` for whatever may be secret: all but its host and short words of its path."""
    parts = urlsplit(url)
    path = "/".join(one if SHORT_WORD.fullmatch(one) else "..." for one in parts.path.split("/"))
    query = "?..." if parts.query or parts.fragment else ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{path}{query}"


def wish_of(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Read `Retry-After`, seconds or a date; None when it isn't there or makes no sense."""
    given = headers.get("retry-after", "").strip()
    if given.isascii() and given.isdigit():
        return min(timedelta(seconds=min(int(given[:6]), 86400)), LONGEST_WISH)
    try:
        at = parsedate_to_datetime(given)
        wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait, timedelta()), LONGEST_WISH)


def signed_headers(secrets: Sequence[str], message_id: str, at: datetime, body: str) -> dict[str, str]:
    """Return the headers of Standard Webhooks, with one signature for each secret."""
    signatures = [Webhook(secret).sign(message_id, at, body) for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def message_text(event: str, at: str, data: Mapping[str, object]) -> str:
    """Return the body of a message. It is stored and sent as it is, as the signature covers each byte."""
    return msgspec.json.encode({"type": event, "timestamp": at, "data": data}).decode()


def excerpt_of(body: bytes) -> str:
    """Return the start of an answer as text that both databases can store."""
    return body[: EXCERPT_LENGTH * 4].decode("utf-8", "replace").replace("\0", "")[:EXCERPT_LENGTH]
