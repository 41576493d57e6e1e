"""Which days a report is about, what happens to tickets, and how old the backlog is."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal, get_args

import msgspec

from parley.kernel.errors import Invalid
from parley.kernel.text.iso_moments import day_of

Happening = Literal["opened", "first_response", "answered", "resolved", "sla_met", "sla_missed"]
Happened = Literal["first_response", "answered", "resolved", "sla_met", "sla_missed"]
HAPPENINGS: tuple[Happening, ...] = get_args(Happening)
Interval = Literal["day", "week"]
DAY = timedelta(days=1)
USUAL_DAYS, MOST_DAYS, MOST_SINGLE_DAYS = 30, 400, 92
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)
_DAYS = re.compile("[0-9]{1,4}")
PROGRAMS = "programs"
"""Whoever changes tickets and is no member: programs with a secret token, workflows, mails and customers themselves."""

AGES = (
    ("under_1_day", timedelta(), DAY),
    ("1_to_3_days", DAY, 3 * DAY),
    ("3_to_7_days", 3 * DAY, 7 * DAY),
    ("7_to_30_days", 7 * DAY, 30 * DAY),
    ("over_30_days", 30 * DAY, None),
)
"""The ages of a backlog: from which on, and below which."""


class Span(msgspec.Struct, frozen=True):
    """A time from one instant on and up to another one, which is not in it."""

    start: datetime
    end: datetime


class ReportRange(msgspec.Struct, frozen=True):
    """Whole days on the wall clock of a project, the last one included; the days that are yet to come are empty."""

    first: date
    last: date

    @property
    def n_days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "ReportRange":
        """As many days just before."""
        gap = timedelta(days=self.n_days)
        return ReportRange(self.first - gap, self.last - gap)

    @property
    def interval(self) -> Interval:
        return "day" if self.n_days <= MOST_SINGLE_DAYS else "week"

    @property
    def starts(self) -> list[date]:
        """The first days of the intervals; the last week may be shorter."""
        step = 1 if self.interval == "day" else 7
        return [self.first + timedelta(days=n) for n in range(0, self.n_days, step)]

    def span(self, zone: tzinfo) -> Span:
        return Span(midnight(self.first, zone), midnight(self.last + DAY, zone))

    def edges(self, zone: tzinfo) -> list[datetime]:
        """Where the intervals begin, and where the last one ends."""
        return [midnight(day, zone) for day in (*self.starts, self.last + DAY)]


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return the first moment of a day. Of a midnight that clocks show twice it is the first one."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def span_before(chosen: ReportRange, zone: tzinfo, now: datetime) -> Span:
    """Return the time that a range is compared with: as many days before, of today as much as there has been of it."""
    whole = chosen.before.span(zone)
    if not chosen.span(zone).start <= now < chosen.span(zone).end:
        return whole
    here = now.astimezone(zone)
    same_time = (here - timedelta(days=chosen.n_days)).astimezone(UTC)
    return Span(whole.start, min(max(same_time, whole.start), whole.end))


def span_of_list(happening: Happening, start: datetime, end: datetime, now: datetime) -> Span:
    """Return the time of a list of tickets with which something happened: of what events tell, `MOST_DAYS` at most."""
    if happening != "opened":
        start = max(start, min(end, now) - MOST_DAYS * DAY)
    return Span(start, end)


def range_of(query: Mapping[str, str], today: date) -> ReportRange:
    """Return the range that a query asks for: `days` up to today, or `date_from` to `date_to`. Raises Invalid."""
    first, last = _date(query, "date_from"), _date(query, "date_to")
    if first is None and last is None:
        return ReportRange(today - timedelta(days=_days(query) - 1), today)
    last = last or today
    first = first or last - timedelta(days=USUAL_DAYS - 1)
    if first > last:
        raise Invalid("The first day must not be after the last one.", attr="date_from")
    found = ReportRange(first, last)
    if found.n_days > MOST_DAYS:
        raise Invalid(f"A report covers {MOST_DAYS} days at most. Choose fewer days.", attr="date_from")
    return found


def _days(query: Mapping[str, str]) -> int:
    text = query.get("days", "").strip()
    if not text:
        return USUAL_DAYS
    if not (_DAYS.fullmatch(text) and 1 <= int(text) <= MOST_DAYS):
        raise Invalid(f"The number of days must be a number from 1 to {MOST_DAYS}.", attr="days")
    return int(text)


def _date(query: Mapping[str, str], name: str) -> date | None:
    text = query.get(name, "").strip()
    if not text:
        return None
    try:
        found = day_of(text)
    except ValueError as error:
        raise Invalid("A day must be written like 2026-01-31.", attr=name) from error
    if not EARLIEST <= found <= LATEST:
        raise Invalid(f"The year must lie between {EARLIEST.year} and {LATEST.year}.", attr=name)
    return found
