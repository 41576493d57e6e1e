"""Which dates and filters an answer has, in words."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from parley.analytics.charts.rules.charts import TOTALS
from parley.analytics.charts.rules.texts import label
from parley.analytics.query_schema.kinds import LifecycleQuery, Query, StickinessQuery, TrendsQuery
from parley.analytics.query_schema.reading import read_query
from parley.analytics.query_schema.schemas import PropertyFilter, PropertyGroup
from parley.kernel.errors import Invalid

LONGEST, MOST_VALUES = 300, 5
OVER_TIME = (TrendsQuery, LifecycleQuery, StickinessQuery)
WORDS = {
    "exact": "is",
    "is_not": "is not",
    "icontains": "contains",
    "not_icontains": "does not contain",
    "regex": "matches",
    "not_regex": "does not match",
    "gt": "is more than",
    "gte": "is at least",
    "lt": "is less than",
    "lte": "is at most",
    "is_set": "is set",
    "is_not_set": "is not set",
    "is_date_exact": "is on",
    "is_date_before": "is before",
    "is_date_after": "is after",
}


def conditions_of(question: Any, resolved: Mapping[str, Any] | None, zone: ZoneInfo) -> list[str]:
    """Return what an answer is about: its dates, and its filters where there are some."""
    try:
        query = read_query(question)
    except Invalid:  # kept by an earlier version
        return []
    return [line for line in (_dates(query, resolved or {}, zone), *_filters(query)) if line]


def _dates(query: Query, resolved: Mapping[str, Any], zone: ZoneInfo) -> str:
    if not resolved:
        return ""
    start, end = (_wall(resolved.get(name), zone) for name in ("date_from", "date_to"))
    by = f", by {query.interval}" if isinstance(query, OVER_TIME) and not _is_total(query) else ""
    if start is None and end is None:
        return f"All time{by}"
    return f"{_span(start, end)} ({zone.key}){by}"


def _is_total(query: Query) -> bool:
    return isinstance(query, TrendsQuery) and query.trends_filter.display in TOTALS


def _wall(value: Any, zone: ZoneInfo) -> datetime | None:
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return None if at is None else at.astimezone(zone)


def _span(start: datetime | None, end: datetime | None) -> str:
    """Return a span in days where it begins and ends at midnight, else with times of day."""
    if all(at is None or (at.hour, at.minute, at.second) == (0, 0, 0) for at in (start, end)):
        first, last = _day(start), _day(end and end - timedelta(days=1))
    else:
        first, last = (f"{_day(at)} {at:%H:%M}" if at else None for at in (start, end))
    if first and last:
        return first if first == last else f"{first} to {last}"
    return f"since {first}" if first else f"until {last}"


def _day(at: datetime | None) -> str | None:
    return f"{at.day} {at:%b} {at.year}" if at else None


def _filters(query: Query) -> list[str]:
    """Return the filters of all series, and those of each one."""
    lines = [f"Filters: {words}"] if (words := group_words(getattr(query, "properties", None))) else []
    for one in getattr(query, "series", ()):
        if words := group_words(one.properties):
            lines.append(f"{label(one.label)}: {words}")
    return [label(line, LONGEST) for line in lines]


def group_words(group: PropertyGroup | None) -> str:
    """Return the words of conditions; those of groups inside stand in brackets."""
    parts = [_part(one) for one in group.values] if group else []
    return (" and " if group and group.type == "AND" else " or ").join(part for part in parts if part)


def _part(one: PropertyFilter | PropertyGroup) -> str:
    if isinstance(one, PropertyGroup):
        words = group_words(one)
        return f"({words})" if len(one.values) > 1 else words
    said = f"{label(one.key)} {WORDS[one.operator]}"
    return said if one.operator in ("is_set", "is_not_set") else f"{said} {_values(one.values)}"


def _values(values: Sequence[Any]) -> str:
    shown = [label(str(value)) for value in values[:MOST_VALUES]]
    if len(values) > MOST_VALUES:
        shown.append(f"{len(values) - MOST_VALUES} more")
    return " or ".join(shown)
