"""Changes of persons that people make, not visitors."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, delete

from parley.kernel.clock import Clock
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid, NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.jobs import emit
from parley.people.persons.actions.capture import apply_operations
from parley.people.persons.actions.counters import count_persons
from parley.people.persons.queries.capture import lock_stored
from parley.people.persons.queries.shown import every_distinct_id, person_by_id
from parley.people.persons.rules.drafts import MAX_PROPERTIES_BYTES, Operation
from parley.people.persons.schemas import PersonOut
from parley.people.persons.tables import person
from parley.people.shipments.actions import note_erased

IDS_PER_EVENT = 500


async def change_properties(
    db: Db,
    actor: Actor,
    reference: str,
    clock: Clock,
    *,
    sets: Mapping[str, Any] | None = None,
    unsets: tuple[str, ...] = (),
) -> PersonOut:
    """Set and take away properties of a person; raises NotFound, and Invalid when they get too large."""
    found = await person_by_id(db, actor, reference)
    wanted = {**found.properties, **(sets or {})}
    if len(msgspec.json.encode(wanted)) > MAX_PROPERTIES_BYTES:
        raise Invalid(
            f"A person's properties may take {MAX_PROPERTIES_BYTES} bytes as JSON.", attr="properties"
        )
    if not found.distinct_ids:
        raise NotFound
    now = clock.now()
    change = Operation(
        distinct_id=found.distinct_ids[0],
        at=now,
        creates_person=False,
        marks_seen=False,
        sets=sets or {},
        unsets=unsets,
    )
    await apply_operations(db, actor.project_id, [change], now)
    return await person_by_id(db, actor, str(found.id))


_DELETE = Prepared(
    delete(person).where(
        person.c.project_id == bindparam("project_id"), person.c.id == bindparam("person_id")
    )
)


async def delete_person(db: Db, actor: Actor, reference: str, clock: Clock, *, with_events: bool) -> None:
    """Delete a person with its distinct ids and, in the background, its events; raises NotFound."""
    found = await person_by_id(db, actor, reference)
    if not await lock_stored(db, actor.project_id, [found.id]):
        raise NotFound
    distinct_ids = await every_distinct_id(db, actor.project_id, found.id)
    if with_events:
        await _announce(db, actor.project_id, distinct_ids, clock)
    now = clock.now()
    await note_erased(db, actor.project_id, now, person_ids=[found.id], distinct_ids=distinct_ids)
    await db.rows(_DELETE, project_id=actor.project_id, person_id=found.id)
    await count_persons(db, actor.project_id, -1)


async def _announce(db: Db, project_id: int, distinct_ids: Sequence[str], clock: Clock) -> None:
    """Let the events go in the background: a person may have any number of them."""
    for start in range(0, len(distinct_ids), IDS_PER_EVENT):
        payload = {
            "distinct_ids": distinct_ids[start : start + IDS_PER_EVENT],
            "until": clock.now().isoformat(),
        }
        await emit(db, "person.deleted", payload, project_id=project_id)
