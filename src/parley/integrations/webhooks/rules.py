"""Decisions about webhooks: what can be heard of, when an attempt is repeated, when an endpoint gets a rest."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from standardwebhooks import Webhook

from parley.conversations.ticket_changes.rules.kinds import EVENTS
from parley.kernel.errors import Invalid, not_a_choice

ALL = "*"
TEST_EVENT = "webhook.test"

RETRIES_S = (5, 300, 1800, 7200, 18000, 36000)
"""Seconds to wait after each failed attempt; one more and the delivery has failed. Nearly 18 hours in all."""
LONGEST_WISH = timedelta(hours=1)
"""What a receiver's `Retry-After` can ask for."""
PAUSES_S = (0, *(max(pause, int(LONGEST_WISH.total_seconds())) for pause in RETRIES_S))
"""The longest pause after each number of failed attempts."""
GONE = 410

MOST_FAILURES = 5
"""After so many failures in a row an endpoint is paused."""
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)

TIMEOUT_S = 10.0
AT_ONCE = 16
"""Deliveries of one endpoint that are on their way side by side."""
BATCH = 100
"""Deliveries of one endpoint that are taken, and recorded, together."""
MOST_ENDPOINTS = 50
MOST_RETRIED = 5000
"""Deliveries that have failed and are sent again together."""
SWITCHED_OFF = "The webhook is switched off. Switch it on first."
EXCERPT_LENGTH = 1000
SHORT_WORD = re.compile("[a-z]{0,8}")
"""A part of a path like `hook` or `services`; nothing so short is a secret."""

GIVEN_UP_AFTER = timedelta(days=2)
"""Age at which a delivery that still waits (its endpoint is paused or switched off) has failed."""
DELIVERIES_KEPT_FOR = timedelta(days=30)


ERASED = '{"erased":true}'
"""The payload of a delivery about somebody whose data has been erased."""
ERASED_REASON = "The person whom this told of has been erased."


def without_secrets(url: str) -> str:
    """Return a URL with `...` for whatever may be secret: all but its host and short words of its path."""
    parts = urlsplit(url)
    path = "/".join(one if SHORT_WORD.fullmatch(one) else "..." for one in parts.path.split("/"))
    query = "?..." if parts.query or parts.fragment else ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{path}{query}"


def ticket_of(properties: Any) -> UUID | None:
    """Return the ticket that an event's properties name."""
    named = properties.get("ticket_id") if isinstance(properties, dict) else None
    try:
        return UUID(named) if isinstance(named, str) else None
    except ValueError:
        return None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What an attempt came to; without a status there was no answer."""

    status: int | None = None
    error: str | None = None
    excerpt: str | None = None
    retry_after: timedelta | None = None

    @property
    def is_delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        return self.status == GONE


def check_events(events: Sequence[str]) -> list[str]:
    """Return the names without repeats; raises Invalid for none and for one that doesn't exist."""
    if not events:
        raise Invalid("Name at least one event, or `*` for all.", code="empty", attr="events")
    for index, name in enumerate(events):
        if name != ALL and name not in EVENTS:
            raise not_a_choice(name[:100], f"events__{index}")
    return list(dict.fromkeys(events))


def wants(events: Sequence[str], event: str) -> bool:
    """Say whether an endpoint with these events hears of this one."""
    return ALL in events or event in events


def next_attempt(attempts: int, now: datetime, wish: timedelta | None) -> datetime | None:
    """Return when to try again after so many failed attempts, None for never."""
    if attempts > len(RETRIES_S):
        return None
    return now + max(timedelta(seconds=RETRIES_S[attempts - 1]), wish or timedelta())


def pause_after(failures: int) -> timedelta | None:
    """Return how long an endpoint rests after so many failures in a row: twice as long each time."""
    if failures < MOST_FAILURES:
        return None
    doublings = min(failures - MOST_FAILURES, 10)
    return min(FIRST_PAUSE * int(2**doublings), LONGEST_PAUSE)


def failures_after(failures: int, outcomes: Sequence[Outcome]) -> int:
    """Return the failures in a row after a batch; those of one batch happened together and count once."""
    if any(outcome.is_delivered for outcome in outcomes):
        return 0
    return failures + 1


def is_probing(failures: int) -> bool:
    """Say whether only one delivery may go out, to see if the endpoint is back."""
    return failures >= MOST_FAILURES


def batch_size(failures: int) -> int:
    """Return how many deliveries to take at once after so many failures in a row."""
    if is_probing(failures):
        return 1
    return AT_ONCE if failures else BATCH


class Ordered(Protocol):
    """What tells of a ticket, if of any."""

    @property
    def ticket_id(self) -> UUID | None: ...


AnyOrdered = TypeVar("AnyOrdered", bound=Ordered)


def in_order(deliveries: Sequence[AnyOrdered]) -> Iterator[Sequence[AnyOrdered]]:
    """Yield each ticket's deliveries, to be sent one after the other; those of no ticket by themselves."""
    by_ticket: dict[UUID | int, list[AnyOrdered]] = {}
    for place, due in enumerate(deliveries):
        by_ticket.setdefault(due.ticket_id or place, []).append(due)
    yield from by_ticket.values()


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
