"""What the filters of a dashboard do to the queries of its tiles."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from parley.analytics.insights.rules.questions import check_dates
from parley.analytics.query_schema.reading import read_query
from parley.kernel.errors import Invalid

DATES = ("date_from", "date_to")
KEPT = (*DATES, "properties")


def checked_filters(raw: dict[str, Any] | None, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    """Return filters as they are kept; raises Invalid with the place of what is wrong."""
    filters = {name: raw[name] for name in KEPT if raw and raw.get(name) not in (None, "", [], {})}
    dates = {name: filters.get(name) for name in DATES}
    probe = {"kind": "TrendsQuery", "series": [{"kind": "EventsNode"}], "dateRange": dates}
    try:
        read = read_query({**probe, "properties": filters.get("properties")}, "filters")
        check_dates(read.date_range, "month", zone, now, attr="filters")  # type: ignore[union-attr]
    except Invalid as error:
        error.attr = (error.attr or "filters").replace("__dateRange", "")
        raise
    return filters


def overridden(query: Any, filters: dict[str, Any]) -> Any:
    """Return a query under the filters of a dashboard: with its dates, and with its properties in addition.

    Where only one of the dates is given, the tile keeps its other one.
    """
    if not filters or not isinstance(query, dict):
        return query
    if isinstance(query.get("source"), dict):
        return {**query, "source": overridden(query["source"], filters)}
    changed = dict(query)
    dates = {name: filters[name] for name in DATES if name in filters}
    if dates and query.get("kind") == "EventsQuery":
        changed |= {{"date_from": "after", "date_to": "before"}[name]: value for name, value in dates.items()}
    elif dates:
        changed["dateRange"] = {**(query.get("dateRange") or {}), **dates}
    if filters.get("properties"):
        changed["properties"] = _both(query.get("properties"), filters["properties"])
    return changed


def _both(own: Any, more: Any) -> Any:
    """Return the conditions that hold where both of these do; each is a list or a group."""
    if not own:
        return more
    if isinstance(own, list) and isinstance(more, list):
        return [*own, *more]
    return {"type": "AND", "values": [_group(own), _group(more)]}


def _group(conditions: Any) -> Any:
    return {"type": "AND", "values": conditions} if isinstance(conditions, list) else conditions
