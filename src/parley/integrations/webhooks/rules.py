"""Decisions about webhooks: what can be heard of, when an attempt is repeated, when an endpoint gets a rest."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar
from uuid import UUID

import msgspec

from parley.conversations.ticket_changes.rules.kinds import EVENTS
from parley.kernel.errors import Invalid, not_a_choice
from parley.kernel.network.webhook_messages import GONE, LONGEST_WISH, RETRIES_S

ALL = "*"
TEST_EVENT = "webhook.test"

PAUSES_S = (0, *(max(pause, int(LONGEST_WISH.total_seconds())) for pause in RETRIES_S))
"""The longest pause after each number of failed attempts."""

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
GIVEN_UP_AFTER = timedelta(days=2)
"""Age at which a delivery that still waits (its endpoint is paused or switched off) has failed."""
DELIVERIES_KEPT_FOR = timedelta(days=30)


ERASED = '{"erased":true}'
"""The payload of a delivery about somebody whose data has been erased."""
ERASED_REASON = "The person whom this told of has been erased."


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
