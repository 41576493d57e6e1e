"""What capture has to know of persons; each statement takes all distinct ids of a request at once."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, literal, select

from parley.kernel.database.bulk import LookUp
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.people.persons.queries.by_identifier import owners_of
from parley.people.persons.rules.drafts import Person
from parley.people.persons.rules.merging import MOST_DISTINCT_IDS, StoredPersons
from parley.people.persons.tables import person, person_distinct_id

_IN_PROJECT = person.c.project_id == bindparam("project_id")
_SEEN = LookUp(person.c.id, select(person.c.last_seen_at).where(_IN_PROJECT))
_PERSON = StructColumns(Person, person)
_WHOLE = LookUp(person.c.id, select(*_PERSON.columns).where(_IN_PROJECT))
_IDS = (
    select(literal(1).label("one"))
    .where(
        person_distinct_id.c.project_id == person.c.project_id, person_distinct_id.c.person_id == person.c.id
    )
    .limit(MOST_DISTINCT_IDS)
    .correlate(person)
    .subquery("ids")
)
_N_IDS = LookUp(
    person.c.id,
    select(select(func.count(_IDS.c.one)).scalar_subquery().label("n_ids")).where(_IN_PROJECT),
)
_LOCKED = LookUp(person.c.id, select(person.c.project_id).where(_IN_PROJECT).with_for_update())


async def last_seen(db: Db, project_id: int, distinct_ids: Sequence[str]) -> dict[str, datetime | None]:
    """Return when the person of each distinct id was last seen; those that nobody has are missing.

    Served by the primary keys of `person_distinct_id` and `person`.
    """
    owners = await owners_of(db, project_id, distinct_ids)
    found = await _SEEN.run(db, sorted(set(owners.values())), project_id=project_id)
    seen: dict[UUID, datetime | None] = {row[0]: row[1] for row in found}
    return {distinct_id: seen.get(owner) for distinct_id, owner in owners.items()}


async def stored_persons(
    db: Db, project_id: int, distinct_ids: Sequence[str], *, merged_ids: Collection[str] = ()
) -> StoredPersons:
    """Return the persons of the distinct ids, whole; of those of `merged_ids` how many ids they have, too.

    Served by the same keys as `last_seen`, and by ix_person_distinct_id_project_id_person_id_created_at.
    """
    owners = await owners_of(db, project_id, distinct_ids)
    found = await _WHOLE.run(db, sorted(set(owners.values())), project_id=project_id)
    persons = {key: _PERSON(row) for key, *row in found}
    # Between the two statements another request may have merged a person away; our attempt will then be repeated.
    merging = sorted({owners[name] for name in merged_ids if name in owners})
    n_ids = {row[0]: row[1] for row in await _N_IDS.run(db, merging, project_id=project_id)}
    return StoredPersons({name: owner for name, owner in owners.items() if owner in persons}, persons, n_ids)


async def lock_stored(db: Db, project_id: int, ids: Collection[UUID]) -> set[UUID]:
    """Let no other transaction change these persons until this one ends; return those that exist.

    Always in the order of the ids, so that two requests never wait for each other. On SQLite a writing transaction is
    alone anyway.
    """
    found = await _LOCKED.run(db, sorted(ids), project_id=project_id)
    return {row[0] for row in found}
