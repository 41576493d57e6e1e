"""Which periods retention is about, and the shape of its results."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from parley.analytics.query_schema.dates import moment_of, moved, start_of
from parley.analytics.query_schema.kinds import RetentionFilter, RetentionQuery
from parley.analytics.query_schema.period import Period, period_of
from parley.analytics.query_schema.schemas import DateRange, Interval

INTERVALS: dict[str, Interval] = {"Hour": "hour", "Day": "day", "Week": "week", "Month": "month"}
REPEATED = 2
"""An hour may be there twice, or not at all, where clocks change; so a few more are looked at."""


class RetentionRow(msgspec.Struct, frozen=True, kw_only=True):
    """Who did the target in one period: how many, then how many of them came back in each later one."""

    label: str
    date: str
    values: list[dict[str, int]]


def cohort_period(
    query: RetentionQuery, zone: ZoneInfo, now: datetime, *, earliest: datetime | None = None
) -> Period:
    """Return the periods in which cohorts begin.

    They are `totalIntervals` up to the one of `date_to`, this one among them. A `date_from` says instead when the first
    begins. Raises Invalid for dates that can't be read.
    """
    asked, dates = query.retention_filter, query.date_range
    interval = INTERVALS[asked.period]
    if dates.date_from is not None:
        return period_of(dates, interval, zone, now, earliest=earliest)
    wall_now = now.astimezone(zone).replace(tzinfo=None)
    attr = "query__dateRange__date_to"
    last = moment_of(dates.date_to, wall_now, zone, attr).wall if dates.date_to else wall_now
    back = asked.total_intervals - 1 + REPEATED
    first = moved(start_of(last, interval), interval, -back)
    found = period_of(DateRange(first.isoformat(), dates.date_to), interval, zone, now)
    edges = found.edges[-asked.total_intervals - 1 :]
    return msgspec.structs.replace(found, start=edges[0], edges=edges)


def cohorts(
    asked: RetentionFilter, period: Period, counts: Mapping[tuple[int, int], int]
) -> list[RetentionRow]:
    """Return a row for each period; `counts` has people by the period in which they began and how much later they came."""
    n = len(period.edges) - 1
    return [
        RetentionRow(
            label=f"{asked.period} {index}",
            date=period.edges[index].astimezone(period.zone).isoformat(),
            values=[
                {"count": counts.get((index, later), 0)}
                for later in range(min(asked.total_intervals, n - index))
            ],
        )
        for index in range(n)
    ]
