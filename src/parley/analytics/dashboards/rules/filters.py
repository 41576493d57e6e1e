"""What a list of dashboards is narrowed to. What can't be read is ignored."""

from collections.abc import Mapping

import msgspec

from parley.analytics.insights.rules.filters import MAX_SEARCH, listed_texts, truth
from parley.analytics.insights.rules.naming import number_of
from parley.kernel.text.forms import folded, normal_tag, storable


class DashboardFilters(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is narrowed to; None means no condition."""

    search: str | None = None  # folded
    pinned: bool | None = None
    created_by: int | None = None
    tags: tuple[str, ...] = ()
    deleted: bool = False


def read_dashboard_filters(query: Mapping[str, str]) -> DashboardFilters:
    """Return what a query asks for."""
    return DashboardFilters(
        search=folded(storable(query.get("search", "")[:MAX_SEARCH])) or None,
        pinned=truth(query, "pinned"),
        created_by=number_of(query.get("created_by", "")),
        tags=tuple(filter(None, (normal_tag(storable(tag)) for tag in listed_texts(query, "tags")))),
    )
