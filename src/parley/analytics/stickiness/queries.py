"""In how many intervals each actor was active, counted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Subquery, distinct, func, select

from parley.kernel.sql_functions.aggregates import bucket


def people_by_intervals(events: Subquery, edges: Sequence[datetime]) -> Select[Any]:
    """Select `intervals`, in how many of them somebody was active, and `people`, how many were in exactly so many."""
    n_intervals = func.count(distinct(bucket(events.c.timestamp, edges)))
    each = select(n_intervals.label("intervals")).group_by(events.c.actor).subquery("each")
    return select(each.c.intervals, func.count().label("people")).group_by(each.c.intervals)
