"""Dates of queries as they are written: relative ones such as `-7d` or `-1mStart`, and ISO 8601."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
from dateutil.relativedelta import relativedelta

from parley.kernel.errors import Invalid

RELATIVE = re.compile(r"-?([0-9]{0,5})([smhdwMqyHDWQYS])(Start|End)?", re.ASCII)
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]", re.ASCII)
FORMS = (
    "Give a date such as 2026-05-31, a time of ISO 8601, or one that counts from now: -7d, -1mStart, yStart."
)
Unit = Literal["second", "minute", "hour", "day", "week", "month", "quarter", "year"]
UNITS: dict[str, Unit] = {
    "s": "second",
    "M": "minute",
    "h": "hour",
    "d": "day",
    "w": "week",
    "m": "month",
    "q": "quarter",
    "y": "year",
}
ALL_TIME = "all"
EARLIEST, LATEST = date(1970, 1, 2), date(2199, 12, 31)


class Moment(msgspec.Struct, frozen=True):
    """A time on the wall, without zone. `is_date`: it means a whole day; `unit` and `count` are of relative ones.

    `at` is the instant, where the text says which: in an hour that happens twice, the wall doesn't.
    """

    wall: datetime
    is_date: bool = False
    unit: Unit | None = None
    count: int = 0
    at: datetime | None = None


def is_moment(text: str) -> bool:
    """Say whether a text can be read as a moment."""
    try:
        check_date(text, "")
    except Invalid:
        return False
    return bool(text)


def check_date(text: str | None, attr: str, *, may_be_all: bool = False) -> None:
    """Raise Invalid for a text that no zone and no day makes a date of."""
    if text and not (may_be_all and text == ALL_TIME):
        moment_of(text, datetime.combine(date(2026, 1, 1), time()), ZoneInfo("UTC"), attr)


def check_span(text: str, attr: str) -> None:
    """Raise Invalid for what doesn't say how long before, such as `-1y`."""
    found = RELATIVE.fullmatch(text)
    if not found or found[3] or (found[1] and not int(found[1])):
        raise Invalid("Give how long before, such as -1y or -1m.", attr=attr)
    check_date(text, attr)


def moment_of(text: str, wall_now: datetime, zone: ZoneInfo, attr: str | None) -> Moment:
    """Read a date; `wall_now` is the time on the wall in the zone. Raises Invalid, also for years that make no sense."""
    try:
        relative = RELATIVE.fullmatch(text)
        found = _relative(relative, wall_now) if relative else _absolute(text.strip(), zone)
    except (ValueError, OverflowError) as error:
        raise Invalid(FORMS, attr=attr) from error
    if not EARLIEST <= found.wall.date() <= LATEST:
        raise Invalid(f"Dates may lie between {EARLIEST} and {LATEST}.", attr=attr)
    return found


def moved(wall: datetime, unit: Unit, count: int) -> datetime:
    """Return the time on the wall `count` units later; a day that the month doesn't have becomes its last one."""
    if unit == "quarter":
        return wall + relativedelta(months=3 * count)
    if unit == "year":
        return wall + relativedelta(years=count)
    if unit == "month":
        return wall + relativedelta(months=count)
    if unit == "week":
        return wall + timedelta(weeks=count)
    if unit == "day":
        return wall + timedelta(days=count)
    return wall + timedelta(**{f"{unit}s": count})


def start_of(wall: datetime, unit: Unit) -> datetime:
    """Return the beginning of the unit around a time on the wall. Weeks begin on Sunday."""
    midnight = datetime.combine(wall.date(), time())
    match unit:
        case "second":
            return wall.replace(microsecond=0)
        case "minute":
            return wall.replace(second=0, microsecond=0)
        case "hour":
            return wall.replace(minute=0, second=0, microsecond=0)
        case "day":
            return midnight
        case "week":
            return midnight - timedelta(days=wall.isoweekday() % 7)
        case "month":
            return midnight.replace(day=1)
        case "quarter":
            return midnight.replace(month=wall.month - (wall.month - 1) % 3, day=1)
    return midnight.replace(month=1, day=1)


def _relative(found: re.Match[str], wall_now: datetime) -> Moment:
    number, letter, position = found.groups()
    unit = UNITS[letter if letter == "M" else letter.lower()]
    # `mStart` is this month, `-m` one month ago.
    count = int(number) if number else (0 if position else 1)
    wall = moved(wall_now, unit, -count)
    if position == "Start":
        return Moment(start_of(wall, unit), unit=unit, count=count)
    if position == "End":
        return Moment(moved(start_of(wall, unit), unit, 1), unit=unit, count=count)
    return Moment(wall, is_date=unit not in ("second", "minute", "hour"), unit=unit, count=count)


def _absolute(text: str, zone: ZoneInfo) -> Moment:
    if DATE.fullmatch(text):
        return Moment(datetime.combine(date.fromisoformat(text), time()), is_date=True)
    if not MOMENT.match(text) or len(text) > 40:
        raise ValueError(text)
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        return Moment(found)
    return Moment(found.astimezone(zone).replace(tzinfo=None), at=found.astimezone(UTC))
