"""Texts of ISO 8601: a time on the wall, which names no zone, or an instant, which says how far it is from UTC.

The patterns are of Python's, RE2's and PostgreSQL's syntax, and hold no brace and no backslash. A day that doesn't exist,
such as 2026-02-31, matches none of them. Years go from 1900 to 2299.
"""

import re
from datetime import UTC, date, datetime, timedelta

_YEAR = "(?:19|2[0-2])[0-9][0-9]"
_LEAP_YEAR = "(?:(?:19|2[0-2])(?:0[48]|[2468][048]|[13579][26])|2000)"
_LONG = "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
_SHORT = "(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
_FEBRUARY = "02-(?:0[1-9]|1[0-9]|2[0-8])"
_DATE = f"(?:{_YEAR}-(?:{_LONG}|{_SHORT}|{_FEBRUARY})|{_LEAP_YEAR}-02-29)"
_TIME = "[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]+)?)?"
_OFFSET = "(?:Z|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)"
WALL_PATTERN = f"^{_DATE}(?:{_TIME})?$"
INSTANT_PATTERN = f"^{_DATE}{_TIME}{_OFFSET}$"
WALL, INSTANT = re.compile(WALL_PATTERN[1:-1], re.ASCII), re.compile(INSTANT_PATTERN[1:-1], re.ASCII)
MIDNIGHT = "0000-00-00 00:00:00.000000"
"""What fills up a time that says less."""
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def wall_of(text: str | None) -> str | None:
    """Return a time on the wall to the microsecond or finer, such that texts are ordered as times are; None for others."""
    if text is None or not WALL.fullmatch(text):
        return None
    return text.replace("T", " ") + MIDNIGHT[len(text) :]


def instant_of(text: str | None) -> int | None:
    """Return an instant as microseconds since 1970; None for what is none. What is finer is cut off."""
    if text is None or not INSTANT.fullmatch(text):
        return None
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(microseconds=1)


def utc_moment_of(text: str | None) -> datetime | None:
    """Return an instant as a moment in UTC; None for what is none."""
    found = instant_of(text)
    return None if found is None else _EPOCH + timedelta(microseconds=found)


def day_of(text: str) -> date:
    """Return a day that is written like 2026-01-31; raises ValueError for others, also for weeks such as 2026-W01-1."""
    if not _DAY.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def calendar_moment(text: str) -> datetime:
    """Return a moment, or the beginning of a day, as `datetime.fromisoformat` does; raises ValueError, also for weeks."""
    if "W" in text:
        raise ValueError(text)
    return datetime.fromisoformat(text)
