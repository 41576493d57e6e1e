"""Who answers which kind of query: `ANSWERS` is the one place that knows."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from parley.analytics.event_source.computed import Computed
from parley.analytics.event_source.source import EventSource, event_source
from parley.analytics.event_tables.queries import events_table
from parley.analytics.funnels.queries import answers as funnels
from parley.analytics.insights.results import Asked
from parley.analytics.lifecycle.compute import compute_lifecycle
from parley.analytics.query_schema.kinds import EventsQuery
from parley.analytics.retention.compute import compute_retention
from parley.analytics.stickiness.compute import compute_stickiness
from parley.analytics.trends.queries import answers as trends
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Project
from parley.kernel.services import Services

Answer = Callable[[Services, Asked, datetime], Awaitable[Any]]
Compute = Callable[[EventSource, Project, Any, datetime], Awaitable[Computed]]


async def _events(services: Services, asked: Asked, now: datetime) -> Any:
    query = asked.query
    assert isinstance(query, EventsQuery)
    turn = services.query_turns.taken(str(asked.project.id))
    async with turn, services.database.snapshot() as db:
        return await events_table(db, asked.project, asked.actor, query, now)


def _computed_by(compute: Compute) -> Answer:
    """Answer from the store of events; the answer is the same for everybody."""

    async def answer(services: Services, asked: Asked, now: datetime) -> Any:
        return await compute(await event_source(services, asked.project.id), asked.project, asked.query, now)

    return answer


ANSWERS: dict[str, Answer] = {
    "EventsQuery": _events,
    "FunnelsQuery": _computed_by(funnels.compute),
    "RetentionQuery": _computed_by(compute_retention),
    "LifecycleQuery": _computed_by(compute_lifecycle),
    "StickinessQuery": _computed_by(compute_stickiness),
    "TrendsQuery": _computed_by(trends.compute),
}
"""By the kind of the query. What they return has `results`, `columns`, `types`, `has_more`, `timezone` and
`resolved_date_range`."""


async def answer_of(services: Services, asked: Asked) -> Any:
    """Answer a query anew; raises Invalid, and what stops a long query."""
    answer = ANSWERS.get(asked.kind)
    if answer is None:
        raise Invalid(f"{asked.kind} can't be answered here.", code="invalid_choice", attr="query")
    return await answer(services, asked, services.clock.now())
