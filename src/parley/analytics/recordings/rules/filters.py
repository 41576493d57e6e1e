"""What a list of recordings is narrowed to, and its order. Other than in most lists, what can't be read is refused."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from math import isfinite
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from parley.kernel.errors import Invalid, not_a_choice, too_long
from parley.kernel.text.cursors import decoded_cursor
from parley.kernel.text.forms import storable
from parley.kernel.text.iso_moments import calendar_moment
from parley.people.persons.rules.distinct_ids import asked_distinct_id

Order = Literal[
    "start_time",
    "duration",
    "active_seconds",
    "inactive_seconds",
    "click_count",
    "keypress_count",
    "mouse_activity_count",
    "console_error_count",
]
ORDERS: tuple[str, ...] = Order.__args__  # type: ignore[attr-defined]
DIRECTIONS = ("ASC", "DESC")
PARAMETERS = frozenset(
    {
        *("person_uuid", "person_id", "distinct_id", "distinct_ids", "session_ids", "date_from", "date_to"),
        *("duration_min", "duration_max", "order", "order_direction", "limit", "offset", "after"),
        *("personal_api_key", "format"),  # not filters, and read elsewhere if at all
    }
)
MOST_LISTED = 500
MOST_ID = 200
UNITS = {"h": 1, "d": 24, "w": 7 * 24, "m": 30 * 24, "y": 365 * 24}
RELATIVE = re.compile(r"-([0-9]{1,5})([hdwmy])")
SORTED_SINCE = timedelta(days=30)
"""How far back a list goes that has another order than by time, unless `date_from` says more."""


class RecordingCursor(msgspec.Struct, frozen=True, array_like=True):
    """The last recording of a page in the order of time."""

    start_at: datetime
    session_id: str


class RecordingFilters(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is narrowed to; None means no condition. Times are inclusive, durations in seconds."""

    person_id: UUID | None = None
    distinct_ids: tuple[str, ...] | None = None
    session_ids: tuple[str, ...] | None = None
    date_from: datetime | None = None
    date_to: datetime | None = None
    duration_min: float | None = None
    duration_max: float | None = None
    distinct_id_end: str | None = None  # what the distinct id ends with
    only_pinned: bool = False
    only_with_errors: bool = False
    order: Order = "start_time"
    is_descending: bool = True
    cursor: RecordingCursor | None = None


def read_recording_filters(query: Mapping[str, str], now: datetime, zone: ZoneInfo) -> RecordingFilters:
    """Return what a query asks for; raises Invalid for what it doesn't know or can't read."""
    for name in query:
        if name not in PARAMETERS:
            raise Invalid(f"There is no query parameter '{name[:100]}'.", attr=name[:100])
    order, is_descending = _order(query)
    date_from = _moment(query, "date_from", now, zone)
    if order != "start_time" and date_from is None:
        date_from = now - SORTED_SINCE
    return RecordingFilters(
        person_id=_person_id(query),
        distinct_ids=_distinct_ids(query),
        session_ids=_listed(query, "session_ids", MOST_ID),
        date_from=date_from,
        date_to=_moment(query, "date_to", now, zone),
        duration_min=_seconds(query, "duration_min"),
        duration_max=_seconds(query, "duration_max"),
        order=order,
        is_descending=is_descending,
        cursor=_cursor(query, order),
    )


def _order(query: Mapping[str, str]) -> tuple[Order, bool]:
    """Read `order` and `order_direction`: newest and longest first unless something else is said."""
    wanted = query.get("order", "") or "start_time"
    name, direction = wanted.removeprefix("-"), query.get("order_direction", "").upper() or "DESC"
    if name not in ORDERS:
        raise not_a_choice(wanted[:100], "order")
    if direction not in DIRECTIONS:
        raise not_a_choice(direction[:100], "order_direction")
    order: Order = name  # type: ignore[assignment]  # it is one of them
    return order, wanted.startswith("-") or direction == "DESC"


def _cursor(query: Mapping[str, str], order: Order) -> RecordingCursor | None:
    text = query.get("after", "")
    if not text:
        return None
    found = decoded_cursor(text, RecordingCursor)
    try:
        if found is None or found.start_at.tzinfo is None or order != "start_time":
            raise ValueError
        return RecordingCursor(found.start_at.astimezone(UTC), storable(found.session_id))
    except (ValueError, OverflowError) as error:
        raise Invalid("This is no cursor of a list in this order.", attr="after") from error


def _person_id(query: Mapping[str, str]) -> UUID | None:
    for name in ("person_uuid", "person_id"):
        if text := query.get(name, ""):
            try:
                return UUID(text)
            except ValueError as error:
                raise Invalid("Must be a valid UUID.", attr=name) from error
    return None


def _distinct_ids(query: Mapping[str, str]) -> tuple[str, ...] | None:
    if text := query.get("distinct_id", ""):
        return (asked_distinct_id(text),)
    return _listed(query, "distinct_ids", 400)


def _listed(query: Mapping[str, str], name: str, most: int) -> tuple[str, ...] | None:
    """Read a JSON list of texts; None where it isn't given."""
    text = query.get(name, "")
    if not text:
        return None
    try:
        found = msgspec.json.decode(text.encode("utf-8", "replace"), type=list[str])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Invalid("Must be a JSON list of texts.", attr=name) from error
    if len(found) > MOST_LISTED:
        raise too_long(MOST_LISTED, name, "elements")
    if any(len(one) > most for one in found):
        raise too_long(most, name)
    return tuple(dict.fromkeys(map(storable, found)))


def _seconds(query: Mapping[str, str], name: str) -> float | None:
    text = query.get(name, "")
    if not text:
        return None
    try:
        found = float(text) if len(text) <= 20 else -1
    except ValueError:
        found = -1
    if not isfinite(found) or found < 0:
        raise Invalid("Must be a number of seconds.", attr=name)
    return found


def _moment(query: Mapping[str, str], name: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Read an instant, a day of the project, or a distance from now such as `-7d`; an empty text and `all` are none."""
    text = query.get(name, "").strip()
    if text in ("", "all"):
        return None
    try:
        if relative := RELATIVE.fullmatch(text):
            return now - timedelta(hours=int(relative[1]) * UNITS[relative[2]])
        found = calendar_moment(text)
        if len(text) <= 10:
            found = datetime.combine(found, time.max if name == "date_to" else time.min)
        return found.replace(tzinfo=found.tzinfo or zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        sentence = "Must be an instant in ISO 8601, a day such as 2026-01-31, or a distance such as -7d."
        raise Invalid(sentence, attr=name) from error
