"""What capture has to know of persons; each statement takes all distinct ids of a request at once."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select

from parley.kernel.db import Db
from parley.kernel.many import is_one_of, listed
from parley.kernel.prepared import Prepared
from parley.persons.queries.joins import is_its_person
from parley.persons.rules.merging import Known, Person
from parley.persons.tables import person, person_distinct_id

_IS_ONE_OF_THE_DISTINCT_IDS = (
    person_distinct_id.c.project_id == bindparam("project_id"),
    is_one_of(person_distinct_id.c.distinct_id, listed("distinct_ids", person_distinct_id.c.distinct_id)),
)
_SEEN = Prepared(
    select(person_distinct_id.c.distinct_id, person.c.last_seen_at)
    .join(person, is_its_person())
    .where(*_IS_ONE_OF_THE_DISTINCT_IDS)
)
_KNOWN = Prepared(
    select(
        person_distinct_id.c.distinct_id,
        person.c.id,
        person.c.is_identified,
        person.c.created_at,
        person.c.last_seen_at,
        person.c.properties,
    )
    .join(person, is_its_person())
    .where(*_IS_ONE_OF_THE_DISTINCT_IDS)
)


def _locked() -> Select[tuple[UUID]]:
    return (
        select(person.c.id)
        .where(
            person.c.project_id == bindparam("project_id"), is_one_of(person.c.id, listed("ids", person.c.id))
        )
        .order_by(person.c.id)
        .with_for_update()
    )


_LOCKED = Prepared(_locked())


async def last_seen(db: Db, project_id: int, distinct_ids: Sequence[str]) -> dict[str, datetime | None]:
    """Return when the person of each distinct id was last seen; those that nobody has are missing.

    Served by the primary keys of `person_distinct_id` and `person`.
    """
    found = await db.rows(_SEEN, project_id=project_id, distinct_ids=distinct_ids)
    return {row[0]: row[1] for row in found}


async def known(db: Db, project_id: int, distinct_ids: Sequence[str]) -> Known:
    """Return the persons of the distinct ids, whole. Served by the same keys as `last_seen`."""
    owners: dict[str, UUID] = {}
    persons: dict[UUID, Person] = {}
    for distinct_id, key, is_identified, created_at, seen_at, properties in await db.rows(
        _KNOWN, project_id=project_id, distinct_ids=distinct_ids
    ):
        owners[distinct_id] = key
        persons[key] = Person(
            id=key,
            properties=properties,
            is_identified=bool(is_identified),
            created_at=created_at,
            last_seen_at=seen_at,
        )
    return Known(owners, persons)


async def lock(db: Db, project_id: int, ids: Collection[UUID]) -> set[UUID]:
    """Let no other transaction change these persons until this one ends; return those that exist.

    Always in the order of the ids, so that two requests never wait for each other. On SQLite a writing transaction is
    alone anyway.
    """
    found: Sequence[Any] = await db.rows(_LOCKED, project_id=project_id, ids=sorted(ids))
    return {row[0] for row in found}
