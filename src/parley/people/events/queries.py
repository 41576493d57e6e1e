"""Every SELECT of events."""

from bisect import bisect
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
    true,
    tuple_,
    type_coerce,
)

from parley.accounts.access_levels.queries.visibility import access_values, is_visible_to
from parley.kernel.database.bulk import ListOf, LookUp, is_one_of
from parley.kernel.database.columns import RawJson
from parley.kernel.database.dialect import uuid_of_text
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor
from parley.people.events.rules.cursors import EventCursor
from parley.people.events.rules.events import RESERVED
from parley.people.events.schemas import EventOut, EventPerson
from parley.people.events.tables import OF_TICKET, event
from parley.people.persons.queries.by_identifier import ListedPerson, persons_by_distinct_ids
from parley.people.persons.queries.property_conditions import property_condition
from parley.people.persons.rules.names import display_name
from parley.people.persons.rules.property_filters import EventPropertyFilter
from parley.people.persons.tables import person, person_distinct_id

MOST_OF_PAGE = 8 * 1024 * 1024
"""So many letters of properties a page of events may have."""
MOST_LOOKED_THROUGH = 5000
"""So many events a page looks through for conditions on their properties."""
_SHOWN = (event.c.id, event.c.event, event.c.distinct_id, event.c.properties, event.c.timestamp)


class EventFilters(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is narrowed to; `after` and `before` are exclusive."""

    event: str | None = None
    distinct_id: str | None = None
    person_id: UUID | None = None
    after: datetime | None = None
    before: datetime | None = None
    properties: Sequence[EventPropertyFilter] = ()
    is_oldest_first: bool = False
    cursor: EventCursor | None = None


TICKET_ID = literal_column("substr(properties ->> 'ticket_id', 1, 36)", Text)
IS_OF_TICKET = func.substr(event.c.event, 1, len(RESERVED)) == RESERVED


def visible_events(actor: Actor) -> Select[Any]:
    """Start a SELECT over the events that a caller sees.

    Those about tickets hold what was written there. They take the scope `ticket:read` and a level on the ticket.
    """
    found = select(*_SHOWN).where(event.c.project_id == actor.project_id)
    if not actor.principal.has("ticket:read"):
        return found.where(~IS_OF_TICKET)
    condition = is_visible_to(actor, uuid_of_text(TICKET_ID))
    if condition is not None:
        found = found.where(case((IS_OF_TICKET, condition), else_=true()))
    return found.params(project_id=actor.project_id, **access_values(actor))


async def events_page(
    db: Db, actor: Actor, filters: EventFilters, limit: int
) -> tuple[list[EventOut], EventCursor | None]:
    """Return at most `limit` matching events, and the place behind them if there may be more.

    A page of large ones has fewer. So has one with conditions on properties, which no index serves: it looks through
    MOST_LOOKED_THROUGH events, and begins the next page behind them.
    """
    listed = listed_events(actor, filters)
    length = listed.with_only_columns(func.length(cast(listed.selected_columns.properties, Text)))
    sizes = (await db.execute(length.limit(limit + 1))).scalars().all()
    n_shown = n_that_fit(sizes[:limit])
    rows = (await db.execute(listed.limit(n_shown))).all() if n_shown else ()
    found = await _with_persons(db, actor, rows)
    if len(sizes) > n_shown:
        return found, EventCursor(found[-1].timestamp, found[-1].id)
    return found, await _end_of_look(db, actor, filters) if filters.properties else None


async def _end_of_look(db: Db, actor: Actor, filters: EventFilters) -> EventCursor | None:
    """Return the last event that a page looks through, None if there are none behind it."""
    places = _in_order(actor, filters).with_only_columns(event.c.timestamp, event.c.id)
    found = (await db.execute(places.offset(MOST_LOOKED_THROUGH - 1).limit(1))).first()
    return EventCursor(found.timestamp, found.id) if found else None


def n_that_fit(sizes: Sequence[int]) -> int:
    """Return how many events a page holds, one at the least: their size is a visitor's choice, up to 1 MiB each."""
    return max(bisect(list(accumulate(sizes)), MOST_OF_PAGE), 1) if sizes else 0


def listed_events(actor: Actor, filters: EventFilters) -> Select[Any]:
    """Return the SELECT of matching events, newest first unless asked otherwise.

    Served, by what is asked for, by ix_event_project_id_timestamp_id, ix_event_named or
    ix_event_project_id_distinct_id_timestamp_id.
    """
    ordered = _in_order(actor, filters)
    if not filters.properties:
        return ordered
    if any(wanted.type == "person" for wanted in filters.properties):
        owner = and_(
            person_distinct_id.c.project_id == event.c.project_id,
            person_distinct_id.c.distinct_id == event.c.distinct_id,
        )
        theirs = and_(
            person.c.project_id == person_distinct_id.c.project_id,
            person.c.id == person_distinct_id.c.person_id,
        )
        known = event.outerjoin(person_distinct_id, owner).outerjoin(person, theirs)
        ordered = ordered.add_columns(person.c.properties.label("of_person")).select_from(known)
    seen = ordered.limit(MOST_LOOKED_THROUGH).subquery("seen")
    held = (
        property_condition(seen.c.of_person if wanted.type == "person" else seen.c.properties, wanted)
        for wanted in filters.properties
    )
    shown = select(*(seen.c[column.name] for column in _SHOWN)).where(*held)
    return shown.order_by(*_order(seen.c.timestamp, seen.c.id, filters))


def _in_order(actor: Actor, filters: EventFilters) -> Select[Any]:
    matching = visible_events(actor).where(*_conditions(filters))
    if filters.person_id is None:
        return matching.order_by(*_order(event.c.timestamp, event.c.id, filters))
    # An order that no index has. SQLite would rather look for the person in all events in the order of time.
    at = func.coalesce(event.c.timestamp, event.c.created_at)
    of_person = select(person_distinct_id.c.distinct_id).where(
        person_distinct_id.c.project_id == actor.project_id,
        person_distinct_id.c.person_id == filters.person_id,
    )
    return matching.where(event.c.distinct_id.in_(of_person)).order_by(*_order(at, event.c.id, filters))


def _order(at: Any, id: Any, filters: EventFilters) -> tuple[Any, Any]:
    return (at, id) if filters.is_oldest_first else (at.desc(), id.desc())


async def event_by_id(db: Db, actor: Actor, event_id: str) -> EventOut:
    """Return one event; raises NotFound. Served by the primary key."""
    try:
        key = UUID(event_id)
    except ValueError as error:
        raise NotFound from error
    rows = (await db.execute(visible_events(actor).where(event.c.id == key))).all()
    if not rows:
        raise NotFound
    return (await _with_persons(db, actor, rows))[0]


_STORED = LookUp(event.c.id, select(event.c.project_id).where(event.c.project_id == bindparam("project_id")))


async def stored_ids(db: Db, project_id: int, ids: Sequence[UUID]) -> set[UUID]:
    """Return which of the ids belong to stored events. Served by the primary key."""
    return {row[0] for row in await _STORED.run(db, ids, project_id=project_id)}


ABOUT_TICKETS = (OF_TICKET, is_one_of(TICKET_ID, bindparam("ticket_ids", type_=ListOf(Text()))))
"""The condition that an event is about one of the tickets; written as in ix_event_ticket, so that this index serves it."""


class EventAsStored(msgspec.Struct, frozen=True):
    """An event without its person."""

    id: UUID
    event: str
    distinct_id: str
    properties: msgspec.Raw
    timestamp: datetime
    created_at: datetime


_STORED_EVENT = StructColumns(
    EventAsStored, event, properties=type_coerce(event.c.properties, RawJson).label("properties")
)
_AS_STORED = select(*_STORED_EVENT.columns).where(event.c.project_id == bindparam("project_id"))
# Sorted afterwards: SQLite would rather read all of the project in the order of time.
_ABOUT = Prepared(_AS_STORED.where(*ABOUT_TICKETS))
_AFTER = tuple_(event.c.timestamp, event.c.id) > tuple_(
    bindparam("at", type_=event.c.timestamp.type), bindparam("id", type_=event.c.id.type)
)
_OF = Prepared(
    _AS_STORED.where(event.c.distinct_id == bindparam("distinct_id"), _AFTER)
    .order_by(event.c.timestamp, event.c.id)
    .limit(bindparam("limit", type_=Integer))
)
BEFORE_ALL = EventCursor(datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))


async def events_about(db: Db, project_id: int, ticket_ids: Sequence[UUID]) -> list[EventAsStored]:
    """Return what happened to the tickets, in the order of time (ix_event_ticket)."""
    ids = [str(id) for id in ticket_ids]
    rows = await db.rows(_ABOUT, project_id=project_id, ticket_ids=ids)
    return sorted((_STORED_EVENT(row) for row in rows), key=lambda one: (one.timestamp, one.id))


async def properties_of_events(db: Db, project_id: int, name: str) -> list[dict[str, Any]]:
    """Return the properties of all events of this name (ix_event_named)."""
    named = select(event.c.properties).where(event.c.project_id == project_id, event.c.event == name)
    return list((await db.execute(named)).scalars())


async def events_of(
    db: Db, project_id: int, distinct_id: str, after: EventCursor = BEFORE_ALL, *, limit: int
) -> list[EventAsStored]:
    """Return the next events of a distinct id, oldest first (ix_event_project_id_distinct_id_timestamp_id)."""
    found = await db.rows(
        _OF, project_id=project_id, distinct_id=distinct_id, at=after.at, id=after.id, limit=limit
    )
    return [_STORED_EVENT(row) for row in found]


def _conditions(filters: EventFilters) -> list[ColumnElement[bool]]:
    conditions = []
    if filters.event:
        conditions.append(event.c.event == filters.event)
    if filters.distinct_id:
        conditions.append(event.c.distinct_id == filters.distinct_id)
    if filters.after:
        conditions.append(event.c.timestamp > filters.after)
    if filters.before:
        conditions.append(event.c.timestamp < filters.before)
    if filters.cursor:
        place = tuple_(
            literal(filters.cursor.at, event.c.timestamp.type), literal(filters.cursor.id, event.c.id.type)
        )
        own = tuple_(event.c.timestamp, event.c.id)
        conditions.append(own > place if filters.is_oldest_first else own < place)
    return conditions


async def _with_persons(db: Db, actor: Actor, rows: Any) -> list[EventOut]:
    found = await persons_by_distinct_ids(db, actor.project_id, sorted({row.distinct_id for row in rows}))
    persons = {distinct_id: _person(person) for distinct_id, person in found.items()}
    return [
        EventOut(
            id=row.id,
            event=row.event,
            distinct_id=row.distinct_id,
            properties=row.properties,
            timestamp=row.timestamp,
            person=persons.get(row.distinct_id),
        )
        for row in rows
    ]


def _person(found: ListedPerson) -> EventPerson:
    return EventPerson(
        id=found.id,
        uuid=found.id,
        name=display_name(found.properties, found.distinct_ids),
        distinct_ids=found.distinct_ids,
        properties=found.properties,
        is_identified=found.is_identified,
        created_at=found.created_at,
    )
