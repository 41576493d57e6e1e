"""What an insight asks: its text as it is kept, its kind, and what people call it unless they say otherwise."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from parley.analytics.event_tables.rules import check_table
from parley.analytics.query_schema.dates import ALL_TIME
from parley.analytics.query_schema.kinds import (
    EventsQuery,
    FunnelsQuery,
    LifecycleQuery,
    Query,
    RetentionQuery,
    StickinessQuery,
    TrendsQuery,
)
from parley.analytics.query_schema.period import period_of
from parley.analytics.query_schema.reading import read_query
from parley.analytics.query_schema.schemas import DateRange, Interval
from parley.kernel.errors import too_long

MAX_QUERY, MAX_TITLE = 100_000, 400


class Question(msgspec.Struct, frozen=True):
    """A query that can be answered."""

    text: str
    kind: str
    title: str


def checked_question(raw: Any, zone: ZoneInfo, now: datetime) -> Question:
    """Return what a query asks; raises Invalid with the place of what is wrong, its dates in this zone among it."""
    query = read_query(raw)
    if isinstance(query, EventsQuery):
        check_table(query, zone, now, _place(raw))
    else:
        check_dates(query.date_range, getattr(query, "interval", "month"), zone, now, attr=_place(raw))
    text = msgspec.json.encode(raw).decode()
    if len(text) > MAX_QUERY:
        raise too_long(MAX_QUERY, "query")
    return Question(text, type(query).__name__, title_of(query)[:MAX_TITLE])


def _place(raw: Any) -> str:
    return "query__source" if "source" in raw else "query"


def check_dates(dates: DateRange, interval: Interval, zone: ZoneInfo, now: datetime, *, attr: str) -> None:
    """Raise Invalid for dates that can't be read, or make no period, or one of too many intervals."""
    if dates.date_from != ALL_TIME:
        period_of(dates, interval, zone, now, attr=attr)


def title_of(query: Query) -> str:
    """Return what people may call a query that has no name."""
    match query:
        case FunnelsQuery(series=series):
            return "Funnel: " + " \N{RIGHTWARDS ARROW} ".join(one.label for one in series)
        case RetentionQuery(retention_filter=asked):
            return f"Retention: {asked.target_entity.name or asked.target_entity.id or 'All events'}"
        case LifecycleQuery(series=series):
            return f"Lifecycle: {series[0].label}"
        case StickinessQuery(series=series):
            return "Stickiness: " + ", ".join(one.label for one in series)
        case EventsQuery(event=event):
            return f"Events: {event or 'all'}"
        case TrendsQuery(series=series):
            return ", ".join(one.label for one in series)
    raise AssertionError("unreachable")
