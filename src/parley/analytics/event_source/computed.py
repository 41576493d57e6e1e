"""What comes of an insight's query."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from parley.analytics.query_schema.period import Period


class Computed(msgspec.Struct, frozen=True, kw_only=True):
    """An answer as it is kept; `results` has PostHog's form for its kind of query."""

    results: Any
    timezone: str
    resolved_date_range: dict[str, datetime | None]
    columns: Sequence[str] | None = None
    types: Sequence[str] | None = None
    has_more: bool | None = None


def computed(results: Any, period: Period) -> Computed:
    """Return the answer of a kind that is about a period."""
    return Computed(
        results=results,
        timezone=period.zone.key,
        resolved_date_range={"date_from": period.start, "date_to": period.end},
    )
