"""When something is due: an amount of time from now on, perhaps counted in business hours only (docs/sla.md).

Business hours are counted on the wall clock of their zone. Where that clock jumps, the rules are: a time that it skips is
the moment of the jump, and of a time that it shows twice the first is meant that isn't over.
"""

import math
import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from parley.kernel.clock import instants_of
from parley.kernel.errors import Invalid
from parley.kernel.text.time_zones import check_time_zone

Unit = Literal["minute", "hour", "day"]
SlaState = Literal["breached", "at-risk", "on-track"]
WARNING = timedelta(hours=1)
"""How long before the due time a ticket is at risk."""

LONGEST = timedelta(days=365)
UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
DAY = timedelta(days=1)
LAST_YEAR = 9990
ATTR = "sla_business_hours"


def sla_state(due_at: datetime, now: datetime) -> SlaState:
    """Say how near a due time is. Whether anything is still due, as on a resolved ticket, it doesn't say."""
    if due_at < now:
        return "breached"
    return "at-risk" if due_at <= now + WARNING else "on-track"


class BusinessHours(msgspec.Struct, frozen=True, kw_only=True):
    """On which days (0 is Monday) and from when to when work is done; the window lies within one day."""

    days: frozenset[int]
    starts: timedelta = timedelta()
    ends: timedelta = DAY
    zone: ZoneInfo

    @property
    def window(self) -> timedelta:
        return self.ends - self.starts


def due_at(now: datetime, amount: float, unit: Unit, hours: BusinessHours | None = None) -> datetime:
    """Return when an amount of time from now is over. With business hours, a day is as long as one window.

    Raises Invalid for an amount that isn't positive, is longer than a year, or would never end.
    """
    _check_amount(amount, unit)
    if hours is None:
        return now + amount * UNITS[unit]
    length = hours.window if unit == "day" else UNITS[unit]
    wall = now.astimezone(hours.zone).replace(tzinfo=None)
    try:
        end = _after(wall, amount * length, hours)
        if end.year <= LAST_YEAR:
            return _instant(end, hours.zone, now)
    except OverflowError:
        pass
    raise Invalid("This is too far in the future.", attr="sla_amount")


def _check_amount(amount: float, unit: Unit) -> None:
    if not math.isfinite(amount) or amount <= 0:
        raise Invalid("This must be a number greater than 0.", attr="sla_amount")
    most = LONGEST // UNITS[unit]
    if amount > most:
        raise Invalid(f"This must not be more than {most} with the unit {unit}.", attr="sla_amount")


def _after(wall: datetime, left: timedelta, hours: BusinessHours) -> datetime:
    """Return what the clock shows when so much business time has passed."""
    a_week = hours.window * len(hours.days)
    # Whole weeks are alike, and counting them one by one could take for ever; the last one is counted out.
    weeks = max(0, left // a_week - 1)
    wall, left = wall + weeks * 7 * DAY, left - weeks * a_week
    for opens, closes in _windows(wall, hours):
        begin = max(opens, wall)
        if left <= closes - begin:
            return begin + left
        left -= max(closes - begin, timedelta())
    raise AssertionError("unreachable")


def _windows(wall: datetime, hours: BusinessHours) -> Iterator[tuple[datetime, datetime]]:
    """Yield the windows from this day on; some of the first may be over."""
    midnight = datetime.combine(wall.date(), time())
    while True:
        if midnight.weekday() in hours.days and midnight + hours.ends > wall:
            yield midnight + hours.starts, midnight + hours.ends
        midnight += DAY


def _instant(wall: datetime, zone: ZoneInfo, now: datetime) -> datetime:
    """Return when the clock of the zone shows this, not before now."""
    first, second = instants_of(wall, zone)
    return first if first >= now else second


def business_hours_of(value: Any, time_zone: str) -> BusinessHours:
    """Read `{days, time, timezone}` as requests carry it; `time_zone` is meant where none is named. Raises Invalid."""
    if not isinstance(value, dict):
        raise _wrong("This must be an object with days, time and timezone.")
    starts, ends = _window(value.get("time", "any"))
    return BusinessHours(
        days=_days(value.get("days")),
        starts=starts,
        ends=ends,
        zone=_zone(value.get("timezone") or time_zone),
    )


def _days(value: Any) -> frozenset[int]:
    if not isinstance(value, list) or not value or any(day not in DAYS for day in value):
        raise _wrong("days must be a list of lower-case names of days, such as monday.")
    return frozenset(DAYS.index(day) for day in value)


def _window(value: Any) -> tuple[timedelta, timedelta]:
    if value == "any":
        return timedelta(), DAY
    is_pair = isinstance(value, list) and len(value) == 2
    if not is_pair or not all(isinstance(one, str) and CLOCK.fullmatch(one) for one in value):
        raise _wrong('time must be "any" or two times such as ["09:00", "17:00"].')
    starts, ends = (timedelta(hours=int(one[:2]), minutes=int(one[3:])) for one in value)
    if starts >= ends:
        raise _wrong("time must begin before it ends, on the same day.")
    return starts, ends


def _zone(name: Any) -> ZoneInfo:
    if not isinstance(name, str):
        raise _wrong("timezone must be the name of a time zone, such as Europe/Berlin.")
    return ZoneInfo(check_time_zone(name, attr=ATTR))


def _wrong(detail: str) -> Invalid:
    return Invalid(detail, attr=ATTR)
