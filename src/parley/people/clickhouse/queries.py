"""What is read of the main database for a shipment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, bindparam, cast, func, select, tuple_

from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.people.events.tables import event
from parley.people.persons.tables import person, person_distinct_id
from parley.people.shipments.rules import ShipmentKind

_EVENTS = Prepared(
    select(
        event.c.project_id,
        event.c.id,
        event.c.event,
        event.c.distinct_id,
        cast(event.c.properties, Text).label("properties"),
        event.c.timestamp,
        event.c.created_at,
    )
    .where(event.c.project_id == bindparam("project_id"), is_one_of(event.c.id, listed("ids", event.c.id)))
    .order_by(event.c.id)
)


async def events_to_ship(db: Db, project_id: int, ids: Sequence[UUID]) -> Sequence[Sequence[Any]]:
    """Return those of the events that are still there, as rows of ClickHouse's table. Served by the primary key."""
    return await db.rows(_EVENTS, project_id=project_id, ids=ids)


_OWNERS = Prepared(
    select(person_distinct_id.c.distinct_id, person_distinct_id.c.person_id).where(
        person_distinct_id.c.project_id == bindparam("project_id"),
        is_one_of(person_distinct_id.c.distinct_id, listed("ids", person_distinct_id.c.distinct_id)),
    )
)


async def owners_to_ship(db: Db, project_id: int, ids: Sequence[str], version: int) -> list[list[Any]]:
    """Return whose the distinct ids are, as rows of ClickHouse's table; one that nobody has is said to be deleted."""
    found = {row[0]: row[1] for row in await db.rows(_OWNERS, project_id=project_id, ids=ids)}
    return [[project_id, one, found.get(one, UUID(int=0)), version, int(one not in found)] for one in ids]


_PERSONS = Prepared(
    select(
        person.c.id,
        cast(person.c.properties, Text).label("properties"),
        person.c.is_identified,
        person.c.created_at,
    ).where(
        person.c.project_id == bindparam("project_id"), is_one_of(person.c.id, listed("ids", person.c.id))
    )
)
_NO_PERSON = ("{}", False, datetime.fromisoformat("2000-01-01T00:00:00+00:00"))


async def persons_to_ship(db: Db, project_id: int, ids: Sequence[UUID], version: int) -> list[list[Any]]:
    """Return the persons as rows of ClickHouse's table; one who is gone is said to be deleted."""
    found = {row[0]: row[1:] for row in await db.rows(_PERSONS, project_id=project_id, ids=ids)}
    return [[project_id, one, *found.get(one, _NO_PERSON), version, int(one not in found)] for one in ids]


_KEYS = {
    ShipmentKind.DISTINCT_IDS: (person_distinct_id, (person_distinct_id.c.distinct_id,)),
    ShipmentKind.PERSONS: (person, (person.c.id,)),
    ShipmentKind.EVENTS: (event, (event.c.timestamp, event.c.id)),
}


async def keys_after(
    db: Db, project_id: int, kind: ShipmentKind, after: Sequence[Any], limit: int
) -> Sequence[Sequence[Any]]:
    """Return the next keys of what a project has of a kind, after the last one, each in the order of an index.

    In front of each its size: of events that of their properties.
    """
    table, key = _KEYS[kind]
    size = func.length(cast(table.c.properties, Text)) if "properties" in table.c else func.length(key[0])
    found = select(size, *key).where(table.c.project_id == project_id)
    if after:
        place = tuple_(
            *(
                bindparam(f"after_{n}", value, type_=one.type)
                for n, (one, value) in enumerate(zip(key, after, strict=True))
            )
        )
        found = found.where(tuple_(*key) > place) if len(key) > 1 else found.where(key[0] > place.clauses[0])
    rows = (await db.execute(found.order_by(*key).limit(limit))).all()
    return [tuple(row) for row in rows]
