"""Who answers which kind of query: `ANSWERS` is the one place that knows."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from parley.analytics.event_tables.queries import events_table
from parley.analytics.insights.results import Asked
from parley.analytics.query_schema.kinds import EventsQuery
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.services import Services

Answer = Callable[[Services, Db, Asked, datetime], Awaitable[Any]]


async def _events(services: Services, db: Db, asked: Asked, now: datetime) -> Any:
    query = asked.query
    assert isinstance(query, EventsQuery)
    return await events_table(db, asked.project, asked.actor, query, now)


ANSWERS: dict[str, Answer] = {"EventsQuery": _events}
"""By the kind of the query. What they return has `results`, `columns`, `types`, `has_more`, `timezone` and
`resolved_date_range`."""


async def answer_of(services: Services, asked: Asked) -> Any:
    """Answer a query anew, with all that it reads as of one moment; raises Invalid, and what stops a long query."""
    answer = ANSWERS.get(asked.kind)
    if answer is None:
        raise Invalid(f"{asked.kind} can't be answered here.", code="invalid_choice", attr="query")
    async with services.database.snapshot() as db:
        return await answer(services, db, asked, services.clock.now())
