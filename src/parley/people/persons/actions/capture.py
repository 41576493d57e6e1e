"""Apply what captured events ask of persons, in the transaction that stores the events."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import bindparam, delete, update

from parley.kernel.database.bulk import InsertMany, is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Unavailable
from parley.kernel.ids import new_uuid
from parley.people.persons.actions.counters import count_persons
from parley.people.persons.queries.capture import last_seen, lock_stored, stored_persons
from parley.people.persons.queries.shown import every_distinct_id
from parley.people.persons.rules.drafts import Operation, Person, is_fresh
from parley.people.persons.rules.merging import PersonPlan, StoredPersons, plan
from parley.people.persons.rules.names import email_of, search_name_of
from parley.people.persons.tables import person, person_distinct_id
from parley.people.shipments.actions import note
from parley.people.shipments.rules import ShipmentKind

log = structlog.get_logger(__name__)

LARGE = 500
"""From so many operations on they are thought through in a thread, so that other requests don't wait for them."""
MAX_ATTEMPTS = 20
"""Each attempt fails only because another request has succeeded, so this many are a storm on one person."""


class PersonRow(msgspec.Struct, frozen=True, kw_only=True):
    """A person to be inserted; `properties` is JSON text."""

    project_id: int
    id: UUID
    properties: str
    email: str | None
    search_name: str | None
    is_identified: bool
    created_at: datetime
    last_seen_at: datetime | None


class DistinctIdRow(msgspec.Struct, frozen=True, kw_only=True):
    """A distinct id to be inserted."""

    project_id: int
    distinct_id: str
    person_id: UUID
    created_at: datetime


_INSERT_PERSONS = InsertMany(person, PersonRow.__struct_fields__)
_INSERT_DISTINCT_IDS = InsertMany(
    person_distinct_id, DistinctIdRow.__struct_fields__, returning="distinct_id"
)
_MOVE_DISTINCT_IDS = Prepared(
    update(person_distinct_id)
    .where(
        person_distinct_id.c.project_id == bindparam("in_project"),
        person_distinct_id.c.person_id == bindparam("from_person"),
    )
    .values(person_id=bindparam("to_person", type_=person.c.id.type))
)
_DELETE_PERSONS = Prepared(
    delete(person).where(
        person.c.project_id == bindparam("project_id"), is_one_of(person.c.id, listed("ids", person.c.id))
    )
)
_UPDATE_PERSON = Prepared(
    update(person)
    .where(person.c.project_id == bindparam("in_project"), person.c.id == bindparam("person_id"))
    .values({name: bindparam(name, type_=person.c[name].type) for name in (
        "properties", "email", "search_name", "is_identified", "created_at", "last_seen_at"
    )})
)  # fmt: skip


class _Overtaken(Exception):
    """Another request changed the same persons between our look and our writing."""


async def apply_operations(db: Db, project_id: int, operations: Sequence[Operation], now: datetime) -> None:
    """Create, merge and change persons as the operations ask for, in their order.

    Requests that touch the same distinct ids at the same time end as if one had come after the other.
    Call it before anything else in the transaction locks persons. Raises Unavailable after a storm of conflicts.
    """
    wanted = await _those_with_an_effect(db, project_id, operations)
    if not wanted:
        return
    for _ in range(MAX_ATTEMPTS):
        try:
            async with db.savepoint():
                done = await _attempt(db, project_id, wanted, now)
        except _Overtaken:
            continue
        if done.refused:
            log.info("person_merges_refused", project_id=project_id, count=len(done.refused))
        await count_persons(db, project_id, len(done.created) - len(done.merged))
        return
    raise Unavailable


async def _those_with_an_effect(db: Db, project_id: int, operations: Iterable[Operation]) -> list[Operation]:
    """Leave out what only says that an existing person, seen within the hour, is there: nearly every event."""
    operations = list(operations)
    if not operations:
        return []
    distinct_ids = sorted({operation.distinct_id for operation in operations})
    seen = await last_seen(db, project_id, distinct_ids)
    wanted = []
    for operation in operations:
        if not operation.is_plain:
            wanted.append(operation)
        elif operation.distinct_id in seen:
            if not is_fresh(seen[operation.distinct_id], operation.at):
                wanted.append(operation)
        elif operation.creates_person:
            wanted.append(operation)
    return wanted


async def _attempt(db: Db, project_id: int, operations: list[Operation], now: datetime) -> PersonPlan:
    distinct_ids = sorted({distinct_id for operation in operations for distinct_id in operation.distinct_ids})
    merged_ids = {
        name for operation in operations if operation.merges_with for name in operation.distinct_ids
    }
    planned = await _planned(
        await stored_persons(db, project_id, distinct_ids, merged_ids=merged_ids), operations
    )
    if planned.stored_persons and db.dialect.name != "sqlite":
        locked = await lock_stored(db, project_id, planned.stored_persons)
        # What was read before the lock may be old by now.
        planned = await _planned(
            await stored_persons(db, project_id, distinct_ids, merged_ids=merged_ids), operations
        )
        if not planned.stored_persons <= locked:
            raise _Overtaken
    await _write(db, project_id, planned, now)
    return planned


async def _planned(stored: StoredPersons, operations: list[Operation]) -> PersonPlan:
    if len(operations) < LARGE:
        return plan(stored, operations, new_uuid)
    return await asyncio.to_thread(plan, stored, operations, new_uuid)


async def _write(db: Db, project_id: int, planned: PersonPlan, now: datetime) -> None:
    rows = [msgspec.structs.astuple(_row(project_id, created)) for created in planned.created]
    await _INSERT_PERSONS.run(db, rows)
    await _insert_distinct_ids(db, project_id, planned, now)
    await _note_for_shipping(db, project_id, planned, now)
    await db.each(
        _MOVE_DISTINCT_IDS,
        [
            {"in_project": project_id, "from_person": merged, "to_person": target}
            for merged, target in sorted(planned.merged.items())
        ],
    )
    if planned.merged:
        await db.rows(_DELETE_PERSONS, project_id=project_id, ids=sorted(planned.merged))
    await db.each(_UPDATE_PERSON, [values_of(project_id, changed) for changed in planned.changed])


async def _note_for_shipping(db: Db, project_id: int, planned: PersonPlan, now: datetime) -> None:
    """Note which persons and distinct ids change; called while those of a merged person are still its own."""
    if not db.ships_events:
        return
    moved = [name for id in planned.merged for name in await every_distinct_id(db, project_id, id)]
    names = sorted({*planned.new_distinct_ids, *moved})
    persons = sorted({*(one.id for one in (*planned.created, *planned.changed)), *planned.merged})
    await note(db, project_id, ShipmentKind.PERSONS, persons, now)
    await note(db, project_id, ShipmentKind.DISTINCT_IDS, names, now)


async def _insert_distinct_ids(db: Db, project_id: int, planned: PersonPlan, now: datetime) -> None:
    # A microsecond apart, so that a person's distinct ids keep the order in which they came.
    rows = [
        DistinctIdRow(
            project_id=project_id,
            distinct_id=distinct_id,
            person_id=owner,
            created_at=now + timedelta(microseconds=position),
        )
        for position, (distinct_id, owner) in enumerate(planned.new_distinct_ids.items())
    ]
    # Sorted, so that two requests with the same new ids never wait for each other crosswise.
    rows.sort(key=attrgetter("distinct_id"))
    inserted = await _INSERT_DISTINCT_IDS.run(db, [msgspec.structs.astuple(row) for row in rows])
    if db.dialect.name != "sqlite" and len(inserted) < len(rows):
        raise _Overtaken


def _row(project_id: int, created: Person) -> PersonRow:
    return PersonRow(
        project_id=project_id,
        id=created.id,
        properties=msgspec.json.encode(created.properties).decode(),
        email=email_of(created.properties),
        search_name=search_name_of(created.properties),
        is_identified=created.is_identified,
        created_at=created.created_at,
        last_seen_at=created.last_seen_at,
    )


def values_of(project_id: int, changed: Person) -> dict[str, object]:
    """Return the values for the UPDATE of a person."""
    return {
        "in_project": project_id,
        "person_id": changed.id,
        "properties": changed.properties,
        "email": email_of(changed.properties),
        "search_name": search_name_of(changed.properties),
        "is_identified": changed.is_identified,
        "created_at": changed.created_at,
        "last_seen_at": changed.last_seen_at,
    }
