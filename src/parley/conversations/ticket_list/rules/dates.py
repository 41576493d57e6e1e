"""Bounds of time as filters write them: `-7d`, `-1mStart`, `dEnd`, `2026-01-31` or a whole instant.

Days, weeks, months, quarters and years are those of a project's wall clock; hours and less are exact.
"""

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta, tzinfo

from parley.kernel.text.iso_moments import calendar_moment

RELATIVE = re.compile(r"-?(?:([0-9]{1,5})([hdwmqyMs])(Start|End)?|()([hdwmqyMs])(Start|End))")
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC)
EXACT = {"s": timedelta(seconds=1), "M": timedelta(minutes=1), "h": timedelta(hours=1)}
DAYS = {"d": 1, "w": 7}
MONTHS = {"m": 1, "q": 3, "y": 12}
TICK = timedelta(microseconds=1)
MAX_LENGTH = 40


def is_bound(text: str) -> bool:
    """Say whether a text names a bound."""
    return RELATIVE.fullmatch(text) is not None or _absolute(text) is not None


def bound_of(text: str, now: datetime, zone: tzinfo, *, is_end: bool) -> datetime:
    """Return the instant that a bound stands for; a date alone is its first moment or, as an end, its last one.

    What lies outside the calendar that both databases know becomes the calendar's end.
    """
    try:
        found = RELATIVE.fullmatch(text)
        at = _relative(found, now.astimezone(zone)) if found else _in_zone(text, zone, is_end=is_end)
        return min(max(at.astimezone(UTC), EARLIEST), LATEST)
    except (OverflowError, ValueError):
        return EARLIEST if RELATIVE.fullmatch(text) or text.startswith("0") else LATEST


def _absolute(text: str) -> datetime | None:
    if len(text) > MAX_LENGTH:
        return None
    try:
        return calendar_moment(text)
    except ValueError:
        return None


def _in_zone(text: str, zone: tzinfo, *, is_end: bool) -> datetime:
    at = calendar_moment(text)
    if is_end and len(text) <= len("2026-01-31"):
        at = at + timedelta(days=1) - TICK
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _relative(found: re.Match[str], here: datetime) -> datetime:
    number, unit, edge = found[1], found[2] or found[5], found[3] or found[6]
    at = _stepped(here, unit, -int(number or 0))
    if edge is None:
        return at
    start = _start(at, unit)
    return start if edge == "Start" else (_stepped(start, unit, 1).astimezone(UTC) - TICK)


def _stepped(here: datetime, unit: str, number: int) -> datetime:
    """Move by so many units; a month later than the 31st of one with fewer days is its last day."""
    if unit in EXACT:
        return (here.astimezone(UTC) + number * EXACT[unit]).astimezone(here.tzinfo)
    if unit in DAYS:
        return here + timedelta(days=number * DAYS[unit])
    year, month = divmod(here.year * 12 + here.month - 1 + number * MONTHS[unit], 12)
    day = min(here.day, monthrange(year, month + 1)[1])
    return here.replace(year=year, month=month + 1, day=day)


def _start(at: datetime, unit: str) -> datetime:
    """Return the first moment of the unit that an instant lies in; weeks begin on Monday."""
    if unit == "s":
        return at.replace(microsecond=0)
    if unit == "M":
        return at.replace(second=0, microsecond=0)
    hour = at.replace(minute=0, second=0, microsecond=0)
    if unit == "h":
        return hour
    day = hour.replace(hour=0, fold=0)
    if unit == "w":
        return day - timedelta(days=day.weekday())
    if unit == "d":
        return day
    return day.replace(day=1, month={"m": day.month, "q": (day.month - 1) // 3 * 3 + 1, "y": 1}[unit])
