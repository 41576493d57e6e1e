"""When a subscription is due: a rule of RFC 5545, section 3.3.10, on the wall clock of the project's zone.

A report of 9:00 comes at 9:00 on every day, whatever the clock has done in the night. A time that the clock shows twice is
the first of the two; one that it skips has the offset that held before the jump, so it is shown an hour later.

The search is bounded: dates repeat after 400 years (146,097 days, which are whole weeks), so what has not come after
that many never comes. `python-dateutil` would look until the year 9999, for seconds.
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from math import gcd
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

Frequency = Literal["daily", "weekly", "monthly", "yearly"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
CYCLE = {"daily": 7, "weekly": 1, "monthly": 4800, "yearly": 400}
"""After how many days, weeks, months or years the dates repeat that a rule can choose."""
MOST_COUNTED = 50_000
"""Periods that are looked at for a rule with `count`, since all of them count: 136 years of days."""


class Recurrence(msgspec.Struct, frozen=True, kw_only=True):
    """A rule. `interval`, `count` and the absolute value of `bysetpos` are at least 1; `start_date` is aware.

    `count` counts from `start_date`. `bysetpos` means something only with `byweekday`. No other field narrows a rule: one
    of every month on the 31st leaves out the months that have none.
    """

    frequency: Frequency
    start_date: datetime
    interval: int = 1
    byweekday: Sequence[Weekday] | None = None
    bysetpos: int | None = None
    count: int | None = None
    until_date: datetime | None = None


def next_occurrence(rule: Recurrence, zone: ZoneInfo, after: datetime) -> datetime | None:
    """Return the first occurrence after an instant, in UTC; None when there is none."""
    start = rule.start_date.astimezone(zone)
    for occurrence in _occurrences(rule, start, after.astimezone(zone).date()):
        at = _instant(occurrence, start, zone)
        if rule.until_date is not None and at > rule.until_date:
            return None
        if at > after:
            return at
    return None


def next_occurrences(rule: Recurrence, zone: ZoneInfo, after: datetime, most: int) -> list[datetime]:
    """Return the first occurrences after an instant, as many as asked for and as there are."""
    found: list[datetime] = []
    while len(found) < most and (at := next_occurrence(rule, zone, after)):
        found.append(at)
        after = at
    return found


def _instant(day: date, start: datetime, zone: ZoneInfo) -> datetime:
    """Return when the clock shows the time of the start on a day: Python takes what is asked for here with fold 0."""
    if day == start.date():
        return start.astimezone(UTC)  # it may be the second of two
    return datetime.combine(day, start.time().replace(fold=0), zone).astimezone(UTC)


def _occurrences(rule: Recurrence, start: datetime, near: date) -> Iterator[date]:
    """Yield the days of occurrences, all of them where they are counted, else those from shortly before `near`."""
    first, most = 0, MOST_COUNTED
    if rule.count is None:
        cycle = CYCLE[rule.frequency]
        first = max(0, _period_of(rule, start.date(), near) // rule.interval - 1)
        most = cycle // gcd(cycle, rule.interval) + 3
    days = (
        day
        for index in range(first, first + most)
        for day in _days_of_period(rule, start.date(), index * rule.interval)
        if day >= start.date()
    )
    try:
        yield from islice(days, rule.count)
    except OverflowError:  # after the year 9999
        return


def _period_of(rule: Recurrence, start: date, day: date) -> int:
    """Return how many days, weeks, months or years after that of the start a day is."""
    if rule.frequency == "daily":
        return (day - start).days
    if rule.frequency == "weekly":
        return (day - (start - timedelta(days=start.weekday()))).days // 7
    if rule.frequency == "monthly":
        return (day.year - start.year) * 12 + day.month - start.month
    return day.year - start.year


def _days_of_period(rule: Recurrence, start: date, offset: int) -> Sequence[date]:
    """Return the days that the rule chooses of the period which is so many periods after that of the start.

    Of the week of the start only what is left of it counts, as for `dateutil`.
    """
    if rule.frequency == "daily":
        return _chosen(rule, start + timedelta(days=offset), 1)
    if rule.frequency == "weekly":
        if not rule.byweekday:
            return [start + timedelta(weeks=offset)]
        return _chosen(rule, *(_week(start, offset) if offset else (start, 7 - start.weekday())))
    if rule.frequency == "monthly":
        year, month = divmod(start.year * 12 + start.month - 1 + offset, 12)
        return _days_of_month(rule, start, year, month + 1)
    if not rule.byweekday:
        return _day_or_none(start.year + offset, start.month, start.day)
    new_year = _checked_date(start.year + offset, 1, 1)
    return _chosen(rule, new_year, (_checked_date(new_year.year, 12, 31) - new_year).days + 1)


def _week(start: date, offset: int) -> tuple[date, int]:
    return start - timedelta(days=start.weekday()) + timedelta(weeks=offset), 7


def _days_of_month(rule: Recurrence, start: date, year: int, month: int) -> Sequence[date]:
    if not rule.byweekday:
        return _day_or_none(year, month, start.day)
    return _chosen(rule, _checked_date(year, month, 1), monthrange(year, month)[1])


def _chosen(rule: Recurrence, first: date, n_days: int) -> Sequence[date]:
    """Return the days with one of the rule's weekdays, or the one of them that `bysetpos` names."""
    if not rule.byweekday:
        return [first]
    wanted = {WEEKDAYS.index(name) for name in rule.byweekday}
    places = [place for place in range(n_days) if (first.weekday() + place) % 7 in wanted]
    if rule.bysetpos is not None:
        index = rule.bysetpos - 1 if rule.bysetpos > 0 else rule.bysetpos
        places = places[index : index + 1 or None] if -len(places) <= index < len(places) else []
    return [first + timedelta(days=place) for place in places]


def _day_or_none(year: int, month: int, day: int) -> Sequence[date]:
    is_there = day <= monthrange(_checked_date(year, month, 1).year, month)[1]
    return [date(year, month, day)] if is_there else []


def _checked_date(year: int, month: int, day: int) -> date:
    if year > 9999:
        raise OverflowError("the calendar ends")
    return date(year, month, day)
