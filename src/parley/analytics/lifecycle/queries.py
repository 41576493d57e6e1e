"""What each actor was in each interval, counted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Subquery, case, func, or_, select

from parley.analytics.lifecycle.rules import NEW, RESURRECTING, RETURNING
from parley.kernel.sql_functions.aggregates import bucket

NEVER, EARLIER, BEFORE, FIRST = 0, 1, 2, 3
"""No interval, all time before the one that precedes the first one, this one, and the first one that is shown."""


def people_by_status(events: Subquery, edges: Sequence[datetime]) -> Select[Any]:
    """Select `interval`, `status`, whether these people `leaves` (weren't there in the next interval), and `people`.

    The events are those since the beginning of time; `edges` begin with the interval before the first one that is shown.
    An interval's number is as EARLIER, BEFORE and FIRST say. Of BEFORE only those who leave matter.
    """
    number = case((events.c.timestamp < edges[0], EARLIER), else_=bucket(events.c.timestamp, edges) + BEFORE)
    active = select(events.c.actor, number.label("interval")).distinct().subquery("active")
    actor, interval = active.c.actor, active.c.interval
    walked = select(
        interval,
        func.lag(interval, 1, NEVER).over(partition_by=actor, order_by=interval).label("last"),
        func.lead(interval, 1, NEVER).over(partition_by=actor, order_by=interval).label("next"),
    ).subquery("walked")
    status = case(
        (walked.c.last == NEVER, NEW),
        ((walked.c.last == walked.c.interval - 1) & (walked.c.last != EARLIER), RETURNING),
        else_=RESURRECTING,
    )
    leaves = case((or_(walked.c.next == NEVER, walked.c.next > walked.c.interval + 1), 1), else_=0)
    columns = (walked.c.interval, status.label("status"), leaves.label("leaves"))
    counted = select(*columns, func.count().label("people")).where(walked.c.interval != EARLIER)
    return counted.group_by(*columns)
