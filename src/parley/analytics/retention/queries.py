"""Who began in a period and came back in a later one, counted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, Select, Subquery, func, literal, select, union_all

from parley.kernel.sql_functions.aggregates import bucket


def begun_by_period(
    events: Subquery, edges: Sequence[datetime], start: datetime, *, is_first_time: bool
) -> Select[Any]:
    """Select each `actor` with the `period` in which they began: each of them, or only the one of their first event ever.

    Where their first counts, the events are those since the beginning of time, and who began before `start` is left out.
    """
    columns = events.c
    if not is_first_time:
        return select(columns.actor, bucket(columns.timestamp, edges).label("period")).distinct()
    first = func.min(columns.timestamp)
    firsts = (
        select(columns.actor, first.label("at"))
        .group_by(columns.actor)
        .having(first >= start)
        .subquery("firsts")
    )
    return select(firsts.c.actor, bucket(firsts.c.at, edges).label("period"))


def people_by_cohort(
    begun: Select[Any], returning: Subquery, edges: Sequence[datetime], most: int
) -> CompoundSelect[Any]:
    """Select `period`, `later` and `people`: how many began in it and came so many periods later, 0 for those who began."""
    began = begun.cte("began")
    came = (
        select(returning.c.actor, bucket(returning.c.timestamp, edges).label("period"))
        .distinct()
        .subquery("came")
    )
    later = came.c.period - began.c.period
    sizes = select(began.c.period, literal(0).label("later"), func.count().label("people")).group_by(
        began.c.period
    )
    returned = (
        select(began.c.period, later.label("later"), func.count().label("people"))
        .select_from(began.join(came, came.c.actor == began.c.actor))
        .where(later.between(1, most - 1))
        .group_by(began.c.period, later)
    )
    return union_all(sizes, returned)
