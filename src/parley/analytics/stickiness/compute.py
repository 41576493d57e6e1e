"""Answers stickiness from a store of events."""

from datetime import datetime
from typing import Any

from parley.analytics.event_source.computed import Computed, computed
from parley.analytics.event_source.conditions import AsOf
from parley.analytics.event_source.queries import earliest_of, events_of
from parley.analytics.event_source.source import EventSource
from parley.analytics.query_schema.kinds import StickinessQuery
from parley.analytics.query_schema.period import Period, period_of, previous
from parley.analytics.query_schema.schemas import EventsNode
from parley.analytics.stickiness.queries import people_by_intervals
from parley.analytics.stickiness.rules import line
from parley.kernel.http.authorization import Project
from parley.kernel.text.time_zones import zone


async def compute_stickiness(
    source: EventSource, project: Project, query: StickinessQuery, now: datetime
) -> Computed:
    """Answer the query with one statement for each series; compared, with a second row for each. Raises Invalid."""
    as_of = AsOf(zone(project.timezone), now)
    earliest = await earliest_of(source, project.id, query.date_range)
    period = period_of(query.date_range, query.interval, as_of.zone, now, earliest=earliest)
    periods = {"current": period}
    if query.compare_filter.compare:
        periods["previous"] = previous(period, query.compare_filter)
    results = []
    for label, one in periods.items():
        for order, node in enumerate(query.series):
            row = await _row(source, project, query, node, one, as_of, order)
            compared = {"compare": True, "compare_label": label} if len(periods) > 1 else {}
            results.append({**row, **compared})
    return computed(results, period)


async def _row(
    source: EventSource,
    project: Project,
    query: StickinessQuery,
    node: EventsNode,
    period: Period,
    as_of: AsOf,
    order: int,
) -> dict[str, Any]:
    groups, between = (query.properties, node.properties), (period.start, period.end)
    events = events_of(project.id, [node.event], between, groups, as_of, with_actor=True)
    rows = await source.rows(people_by_intervals(events, period.edges))
    is_cumulative = query.stickiness_filter.computed_as == "cumulative"
    return line(node, order, period, {row.intervals: row.people for row in rows}, is_cumulative=is_cumulative)
