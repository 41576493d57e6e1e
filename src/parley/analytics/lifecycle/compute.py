"""Answers lifecycle from a store of events."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from parley.analytics.event_source.computed import Computed, computed
from parley.analytics.event_source.conditions import AsOf
from parley.analytics.event_source.queries import earliest_of, events_of
from parley.analytics.event_source.source import EventSource
from parley.analytics.lifecycle.queries import BEFORE, FIRST, people_by_status
from parley.analytics.lifecycle.rules import DORMANT, lines
from parley.analytics.query_schema.kinds import LifecycleQuery
from parley.analytics.query_schema.period import interval_before, period_of
from parley.kernel.http.authorization import Project
from parley.kernel.text.time_zones import zone


async def compute_lifecycle(
    source: EventSource, project: Project, query: LifecycleQuery, now: datetime
) -> Computed:
    """Answer the query with one statement over all events of the series; raises Invalid."""
    as_of, node = AsOf(zone(project.timezone), now), query.series[0]
    earliest = await earliest_of(source, project.id, query.date_range)
    period = period_of(query.date_range, query.interval, as_of.zone, now, earliest=earliest)
    groups = (query.properties, node.properties)
    events = events_of(project.id, [node.event], (None, period.end), groups, as_of, with_actor=True)
    edges = (interval_before(period), *period.edges)
    rows = await source.rows(people_by_status(events, edges))
    return computed(lines(query, period, _counts(rows)), period)


def _counts(rows: Iterable[Any]) -> Counter[tuple[str, int]]:
    """Return people by status and interval: who leaves is dormant in the next one."""
    counts: Counter[tuple[str, int]] = Counter()
    for row in rows:
        if row.interval != BEFORE:
            counts[row.status, row.interval - FIRST] += row.people
        if row.leaves:
            counts[DORMANT, row.interval + 1 - FIRST] += row.people
    return counts
