"""The time that a query is about, as intervals on the wall clock of the project.

A day is 23 or 25 hours long where clocks change; a repeated hour counts as two. Weeks begin on Sunday.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import takewhile
from zoneinfo import ZoneInfo

import msgspec

from parley.analytics.query_schema.dates import ALL_TIME, EARLIEST, Moment, Unit, moment_of, moved, start_of
from parley.analytics.query_schema.schemas import CompareFilter, DateRange, Interval
from parley.kernel.errors import Invalid

MAX_BUCKETS = 1000
DEFAULT_FROM = "-7d"
_QUARTER = timedelta(minutes=15)


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """From `start` to `end` (exclusive), both in UTC, in intervals.

    `edges` are one more than there are intervals. The first interval is whole, so it may begin before `start`; the last
    ends at `end`. `days` and `labels` name the intervals as PostHog does, by the time on the wall at which they begin.
    """

    zone: ZoneInfo
    interval: Interval
    start: datetime
    end: datetime
    edges: tuple[datetime, ...]
    is_to_now: bool = False  # nobody has said where it ends
    last_days: int = 0  # of a range such as `-7d`

    @property
    def days(self) -> list[str]:
        return _names(self)[0]

    @property
    def labels(self) -> list[str]:
        return _names(self)[1]


@lru_cache(maxsize=32)
def _names(period: Period) -> tuple[list[str], list[str]]:
    """Return days and labels: written once, since each row of an answer has them."""
    by_hour = period.interval == "hour"
    days, labels = ("%Y-%m-%d %H:%M:%S", "-%b-%Y %H:%M") if by_hour else ("%Y-%m-%d", "-%b-%Y")
    walls = [edge.astimezone(period.zone) for edge in period.edges[:-1]]
    return [wall.strftime(days) for wall in walls], [f"{wall.day}{wall.strftime(labels)}" for wall in walls]


def period_of(
    date_range: DateRange,
    interval: Interval,
    zone: ZoneInfo,
    now: datetime,
    *,
    earliest: datetime | None = None,
    attr: str = "query",
) -> Period:
    """Return the period of a query; `earliest` is when the first event happened, for `all`, which begins in 1970
    at the earliest.

    A date or `-7d` begins at midnight, and ends with its day. Nothing said, it is the last seven days and today.
    Raises Invalid at `dateRange`, or at `interval` for more than MAX_BUCKETS intervals.
    """
    wall_now = now.astimezone(zone).replace(tzinfo=None)
    place = f"{attr}__dateRange__date_"
    first = _first(date_range.date_from or DEFAULT_FROM, wall_now, zone, f"{place}from", earliest)
    last = (
        moment_of(date_range.date_to, wall_now, zone, f"{place}to")
        if date_range.date_to
        else Moment(wall_now, is_date=interval != "hour")
    )
    start_wall = start_of(first.wall, "day") if first.is_date else first.wall
    end_wall = moved(start_of(last.wall, "day"), "day", 1) if last.is_date else last.wall
    if not date_range.date_to and interval == "hour":
        end_wall = moved(start_of(wall_now, "hour"), "hour", 1)
    if end_wall <= start_wall:
        raise Invalid(
            "The period ends before it begins.", attr=f"{place}to" if date_range.date_to else f"{place}from"
        )
    start, end = instant(start_wall, zone), instant(end_wall, zone)
    return Period(
        zone=zone,
        interval=interval,
        start=start,
        end=max(end, start + timedelta(microseconds=1)),
        edges=_edges(
            start_of(start_wall, interval), max(end, start + timedelta(microseconds=1)), interval, zone, attr
        ),
        is_to_now=not date_range.date_to,
        last_days=first.count if first.unit == "day" and first.is_date else 0,
    )


def previous(period: Period, compare: CompareFilter, attr: str = "query") -> Period:
    """Return the period to compare with: as many intervals right before, or those at `compare_to` before.

    "The last seven days" are compared with the same days of the week before: today is one day more.
    """
    start_wall = _wall(period.start, period.zone)
    n = len(period.edges) - 1
    unit: Unit = period.interval
    if compare.compare_to:
        back = moment_of(compare.compare_to, start_wall, period.zone, f"{attr}__compareFilter__compare_to")
        unit, n = (back.unit or "day"), back.count
        if back.unit is None or back.wall >= start_wall:
            raise Invalid(
                "Give how long before, such as -1y or -1m.", attr=f"{attr}__compareFilter__compare_to"
            )
    elif period.interval == "hour":
        unit, n = "day", -(-n // 24)
    elif period.interval == "day" and period.is_to_now and period.last_days and period.last_days % 7 == 0:
        n = period.last_days
    start = instant(moved(start_wall, unit, -n), period.zone)
    end = instant(moved(_wall(period.end, period.zone), unit, -n), period.zone)
    first = start_of(_wall(start, period.zone), period.interval)
    edges = _edges(first, end, period.interval, period.zone, attr, n_buckets=len(period.edges) - 1)
    return Period(
        zone=period.zone, interval=period.interval, start=start, end=min(end, edges[-1]), edges=edges
    )


def interval_before(period: Period) -> datetime:
    """Return when the interval began that precedes the first one of the period."""
    first = period.edges[0]
    wall = _wall(first, period.zone)
    if period.interval != "hour":
        return instant(moved(start_of(wall, period.interval), period.interval, -1), period.zone)
    # Not all hours are 60 minutes long, and some are there twice.
    hours = _hours(instant(moved(start_of(wall, "hour"), "hour", -3), period.zone), period.zone)
    return max(takewhile(lambda at: at < first, hours))


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return when clocks show this: the first time where they do twice, and the end of a gap in which they never do."""
    found = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if _wall(found, zone) != wall:
        # In a gap: clocks jump over it, at the first instant at which they show more.
        return _jump(found, zone)
    return found


def _jump(near: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant at which the clocks jumped, at most a day before `near`."""
    low, high = near - timedelta(days=1), near
    offset = high.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return (high + timedelta(milliseconds=500)).replace(microsecond=0)


def _first(text: str, wall_now: datetime, zone: ZoneInfo, attr: str, earliest: datetime | None) -> Moment:
    if text == ALL_TIME:
        # An event may have any moment that somebody has sent; one year 1900 must not leave `all` without an answer.
        first = max(_wall(earliest, zone), datetime.combine(EARLIEST, time())) if earliest else wall_now
        return Moment(first, is_date=True)
    return moment_of(text, wall_now, zone, attr)


def _wall(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)


def _edges(
    wall: datetime, end: datetime, interval: Interval, zone: ZoneInfo, attr: str, n_buckets: int | None = None
) -> tuple[datetime, ...]:
    """Return the beginnings of intervals from a time on the wall on, and the end at last."""
    edges: list[datetime] = []
    for edge in _beginnings(wall, interval, zone):
        if len(edges) == n_buckets or (n_buckets is None and edge >= end):
            # What is compared with is cut where the period itself is, however long its months are.
            edges.append(
                edge if n_buckets is not None and (end > edge or end <= edges[-1]) else min(edge, end)
            )
            return tuple(edges)
        if len(edges) == MAX_BUCKETS:
            break
        edges.append(edge)
    raise Invalid(
        f"From {wall.date().isoformat()} on there are more than {MAX_BUCKETS} intervals. Take a longer interval, "
        "or dates that begin later.",
        attr=f"{attr}__interval",
    )


def _beginnings(wall: datetime, interval: Interval, zone: ZoneInfo) -> Iterator[datetime]:
    if interval == "hour":
        yield from _hours(instant(wall, zone), zone)
    while True:
        yield instant(wall, zone)
        wall = moved(wall, interval, 1)


def _hours(first: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield when an hour begins on the clock: not all are 60 minutes long where clocks change by half an hour."""
    yield first
    hour, at = start_of(_wall(first, zone), "hour"), first
    while True:
        at += _QUARTER
        wall = _wall(at, zone)
        if wall.minute == 0 or start_of(wall, "hour") != hour:
            hour = start_of(wall, "hour")
            yield at
