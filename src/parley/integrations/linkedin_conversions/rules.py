"""Decisions about conversions: what causes one, what LinkedIn is told, and when an attempt is repeated."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

import msgspec

from parley.conversations.ticket_changes.rules.kinds import CREATED, STATUS_CHANGED
from parley.conversations.tickets.rules.fields import STATUSES
from parley.kernel.errors import Invalid, not_a_choice, too_long
from parley.kernel.network.emails import normal_email
from parley.kernel.text.forms import normal_tag

Trigger = Literal["ticket_opened", "ticket_status_changed", "ticket_tagged", "event_captured"]
TRIGGERS: tuple[Trigger, ...] = get_args(Trigger)
State = Literal["pending", "sent", "failed", "skipped"]
STATES: tuple[State, ...] = get_args(State)
MOST_RULES = 50
KEPT_FOR = timedelta(days=90)
"""How long the log keeps what was sent; LinkedIn takes nothing that is older either."""
OVERLAP = timedelta(minutes=2)
"""So far back is looked again: a transaction that stores an event may end later than one that began after it."""
LATEST = timedelta(hours=1)
"""What a client reports later than this after it happened causes no conversion."""
MAX_TAG = 200
"""In its normal form, which may be longer than what was given."""
RETRIES_S = (5, 30, 120, 600, 1800, 3600, 7200, 14400)
"""Seconds to wait after each failed attempt; after one more it has failed."""
NO_ADDRESS = "Nothing was sent: the customer has no e-mail address."
GIVEN_UP = "Nothing was sent for two days."
ERASED = "The customer's data was erased before it was sent."
GIVEN_UP_AFTER = timedelta(days=2)


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """What happened, and to whom: by an address, else by a distinct id. `seen_at` is when it was stored."""

    event_id: Any
    happened_at: datetime
    seen_at: datetime
    ticket_id: Any = None
    email: str | None = None
    distinct_id: str | None = None


def check_trigger(trigger: str, value: str) -> str:
    """Return what narrows a trigger; raises Invalid where it is missing, unknown or too much."""
    if trigger == "ticket_opened":
        if value:
            raise Invalid("Every opened ticket counts: leave this empty.", attr="trigger_value")
        return ""
    if trigger == "ticket_tagged" and len(value := normal_tag(value)) > MAX_TAG:
        raise too_long(MAX_TAG, "trigger_value")
    if not value:
        raise Invalid(
            "Name the status, the tag or the event that counts.", code="required", attr="trigger_value"
        )
    if trigger == "ticket_status_changed" and value not in STATUSES:
        raise not_a_choice(value[:100], "trigger_value")
    if trigger == "event_captured" and value.startswith("$conversation_"):
        raise Invalid("Choose a trigger of tickets for what happens to tickets.", attr="trigger_value")
    return value


def event_of(trigger: str, value: str) -> str | None:
    """Return the name of the stored events that a trigger is about; None for tags, of which the activity log tells."""
    names = {"ticket_opened": CREATED.event, "ticket_status_changed": STATUS_CHANGED.event}
    return None if trigger == "ticket_tagged" else names.get(trigger, value)


def counts(trigger: str, value: str, properties: Any) -> bool:
    """Say whether an event of that name is one that the rule means."""
    if trigger != "ticket_status_changed":
        return True
    return isinstance(properties, dict) and properties.get("new_status") == value


def end_of_look(moments: Sequence[datetime]) -> datetime:
    """Return where to look on behind rows that were stored then, in their order.

    Others may have been stored in the millisecond of the last. Where all were, some may be left out: looking goes on.
    """
    last = moments[-1].replace(microsecond=moments[-1].microsecond // 1000 * 1000)
    before = [one for one in moments if one < last]
    return before[-1] if before else moments[-1]


def check_value(amount: str | None, currency: str | None) -> None:
    """Raise Invalid for an amount without a currency, or the other way round."""
    if (amount is None) != (currency is None):
        attr = "currency" if currency is None else "amount"
        raise Invalid("Give both the amount and its currency, or neither.", code="required", attr=attr)


def email_hash(email: str) -> str:
    """Return the address as LinkedIn knows people: SHA-256, in hexadecimal, of it in lower case without spaces."""
    return hashlib.sha256("".join(normal_email(email).lower().split()).encode()).hexdigest()


def next_attempt(attempts: int, now: datetime, wait_s: int) -> datetime | None:
    """Return when to try again after so many failed attempts, None for never; not before `wait_s` are over."""
    if attempts > len(RETRIES_S):
        return None
    return now + timedelta(seconds=max(RETRIES_S[attempts - 1], wait_s))
