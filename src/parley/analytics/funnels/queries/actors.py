"""Who is at a step of a funnel, and where one person is."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import CTE, ColumnElement, and_, or_, select

from parley.analytics.event_source.conditions import AsOf
from parley.analytics.event_source.source import EventSource
from parley.analytics.funnels.queries.answers import funnel_period
from parley.analytics.funnels.queries.best_ways import best
from parley.analytics.funnels.queries.steps import steps_of
from parley.analytics.funnels.rules import path_of
from parley.analytics.query_schema.kinds import FunnelsQuery
from parley.analytics.query_schema.schemas import BreakdownFilter
from parley.kernel.http.authorization import Project
from parley.kernel.text.time_zones import zone
from parley.people.persons.tables import person

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class AtStep(msgspec.Struct, frozen=True):
    """A person who took a step, and when (microseconds since 1970); as a cursor, the last one of a page."""

    at_us: int
    person_id: UUID

    @property
    def at(self) -> datetime:
        return _EPOCH + timedelta(microseconds=self.at_us)


async def actors_at_step(
    source: EventSource,
    project: Project,
    query: FunnelsQuery,
    now: datetime,
    *,
    step: int,
    converted: bool | None,
    page: tuple[int, AtStep | None],
) -> list[AtStep]:
    """Return persons who took a step, counted from 1: all, those who took the next one, too, or those who didn't.

    The newest come first, at most as many as `page` says, from behind its cursor on. Whoever took the last step has gone
    on. Events without a person count for nobody here, and a breakdown for nothing.
    """
    is_last = step == len(query.series)
    if is_last and converted is False:
        return []
    found = await _best(source, project, query, now)
    at = found.c[f"t{step}"]
    is_at: list[ColumnElement[bool]] = [at.is_not(None)]
    if converted is not None and not is_last:
        went_on = found.c[f"t{step + 1}"]
        is_at.append(went_on.is_not(None) if converted else went_on.is_(None))
    limit, cursor = page
    if cursor:
        is_at.append(or_(at < cursor.at_us, and_(at == cursor.at_us, person.c.id < cursor.person_id)))
    theirs = select(at, person.c.id).join(
        person, and_(person.c.project_id == project.id, person.c.id == found.c.actor)
    )
    rows = await source.rows(theirs.where(*is_at).order_by(at.desc(), person.c.id.desc()).limit(limit))
    return [AtStep(*row) for row in rows]


async def steps_taken(
    source: EventSource, project: Project, query: FunnelsQuery, now: datetime, distinct_ids: Sequence[str]
) -> list[datetime]:
    """Return when one person took the steps, as far as they came (ix_event_project_id_distinct_id_timestamp_id)."""
    found = await _best(source, project, query, now, distinct_ids)
    times = [found.c[f"t{step}"] for step in range(1, len(query.series) + 1)]
    rows = await source.rows(select(*times).limit(1))
    return [AtStep(at_us, UUID(int=0)).at for at_us in (rows[0] if rows else ()) if at_us is not None]


async def _best(
    source: EventSource,
    project: Project,
    query: FunnelsQuery,
    now: datetime,
    distinct_ids: Sequence[str] | None = None,
) -> CTE:
    query = msgspec.structs.replace(query, breakdown_filter=BreakdownFilter())
    period = await funnel_period(source, project, query, now)
    as_of = AsOf(zone(project.timezone), now)
    steps: Any = steps_of(project.id, query, period, as_of, distinct_ids=distinct_ids)
    return best(steps, path_of(query))
