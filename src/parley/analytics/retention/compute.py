"""Answers retention from a store of events."""

from datetime import datetime

from parley.analytics.event_source.computed import Computed, computed
from parley.analytics.event_source.conditions import AsOf
from parley.analytics.event_source.queries import earliest_of, events_of
from parley.analytics.event_source.source import EventSource
from parley.analytics.query_schema.kinds import RetentionQuery
from parley.analytics.retention.queries import begun_by_period, people_by_cohort
from parley.analytics.retention.rules import cohort_period, cohorts
from parley.kernel.http.authorization import Project
from parley.kernel.text.time_zones import zone


async def compute_retention(
    source: EventSource, project: Project, query: RetentionQuery, now: datetime
) -> Computed:
    """Answer the query with one statement; raises Invalid."""
    as_of, asked = AsOf(zone(project.timezone), now), query.retention_filter
    target, returning = asked.target_entity, asked.returning_entity
    earliest = await earliest_of(source, project.id, query.date_range)
    period = cohort_period(query, as_of.zone, now, earliest=earliest)
    is_first_time = asked.retention_type == "retention_first_time"
    between = (period.start, period.end)
    began = begun_by_period(
        events_of(
            project.id,
            [target.id],
            (None, period.end) if is_first_time else between,
            (query.properties, target.properties),
            as_of,
            with_actor=True,
        ),
        period.edges,
        period.start,
        is_first_time=is_first_time,
    )
    groups = (query.properties, returning.properties)
    came = events_of(project.id, [returning.id], between, groups, as_of, with_actor=True)
    rows = await source.rows(people_by_cohort(began, came, period.edges, asked.total_intervals))
    counts = {(row.period, row.later): row.people for row in rows}
    return computed(cohorts(asked, period, counts), period)
