"""Rows of events for whoever asks: those about tickets take `ticket:read` and a level on the ticket."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, Text, cast, func, select

from parley.analytics.event_tables.rules import (
    TableColumn,
    bounds_of,
    check_table,
    columns_of,
    is_newest_first,
)
from parley.analytics.query_schema.kinds import EventsQuery
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor, Project
from parley.kernel.text.time_zones import zone
from parley.people.events.queries import IS_OF_TICKET, n_that_fit, visible_events
from parley.people.events.tables import event
from parley.people.persons.queries.by_identifier import ListedPerson, persons_by_distinct_ids
from parley.people.persons.rules.names import display_name


class EventsTable(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of events, each with the values of the columns."""

    results: Sequence[Sequence[Any]]
    columns: Sequence[str]
    types: Sequence[str]
    has_more: bool
    timezone: str
    resolved_date_range: dict[str, datetime | None]


async def events_table(
    db: Db, project: Project, actor: Actor | None, query: EventsQuery, now: datetime
) -> EventsTable:
    """Return the rows that a query asks for, with fewer of them where they are large; raises Invalid.

    Without an actor they are for anybody: no events about tickets, and of persons nothing but their distinct id, which is
    what those see, too, who have no `person:read`. Served by
    ix_event_project_id_timestamp_id and ix_event_named.
    """
    check_table(query, zone(project.timezone), now)
    columns = columns_of(query)
    start, end = bounds_of(query, zone(project.timezone), now)
    matching = _matching(project, actor, query, start, end)
    length = matching.with_only_columns(func.length(cast(event.c.properties, Text)))
    sizes = (await db.execute(length.limit(query.limit + 1).offset(query.offset))).scalars().all()
    n_shown = n_that_fit(sizes[: query.limit])
    rows = (await db.execute(matching.limit(n_shown).offset(query.offset))).all() if n_shown else ()
    persons = await _persons(db, project.id, rows, columns, is_public=not sees_persons(actor))
    return EventsTable(
        results=[[_value(one, row, persons) for one in columns] for row in rows],
        columns=list(query.select),
        types=[one.type for one in columns],
        has_more=len(sizes) > n_shown,
        timezone=project.timezone,
        resolved_date_range={"date_from": start, "date_to": end},
    )


def sees_persons(actor: Actor | None) -> bool:
    """Say whether the columns about persons show more than a distinct id."""
    return actor is not None and actor.principal.has("person:read")


def _matching(
    project: Project, actor: Actor | None, query: EventsQuery, start: datetime | None, end: datetime | None
) -> Select[Any]:
    shown = (event.c.id, event.c.event, event.c.distinct_id, event.c.properties, event.c.timestamp)
    found = (
        visible_events(actor)
        if actor
        else select(*shown).where(event.c.project_id == project.id, ~IS_OF_TICKET)
    )
    if query.event is not None:
        found = found.where(event.c.event == query.event)
    if start is not None:
        found = found.where(event.c.timestamp >= start)
    if end is not None:
        found = found.where(event.c.timestamp < end)
    if is_newest_first(query):
        return found.order_by(event.c.timestamp.desc(), event.c.id.desc())
    return found.order_by(event.c.timestamp, event.c.id)


async def _persons(
    db: Db, project_id: int, rows: Sequence[Any], columns: Sequence[TableColumn], *, is_public: bool
) -> Mapping[str, ListedPerson]:
    if is_public or not any(one.needs_person for one in columns):
        return {}
    return await persons_by_distinct_ids(db, project_id, sorted({row.distinct_id for row in rows}))


def _value(column: TableColumn, row: Any, persons: Mapping[str, ListedPerson]) -> Any:
    person = persons.get(row.distinct_id)
    if column.source == "event":
        return row.properties.get(column.name)
    if column.source == "person":
        return person.properties.get(column.name) if person else None
    if column.name == "person":
        return _shown_person(row.distinct_id, person)
    if column.name == "*":
        same = {name: getattr(row, name) for name in ("event", "distinct_id", "properties", "timestamp")}
        return {"uuid": row.id, **same}
    return getattr(row, "id" if column.name == "uuid" else column.name)


def _shown_person(distinct_id: str, found: ListedPerson | None) -> dict[str, Any]:
    if found is None:
        return {"distinct_id": distinct_id}
    return {
        "distinct_id": distinct_id,
        "uuid": found.id,
        "name": display_name(found.properties, found.distinct_ids),
        "properties": found.properties,
        "created_at": found.created_at,
    }
