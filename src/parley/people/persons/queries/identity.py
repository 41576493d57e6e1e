"""The persons and distinct ids that belong to an id or an address, for personal data."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, select

from parley.kernel.database.bulk import LookUp, is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.people.persons.tables import person, person_distinct_id

IN_PROJECT = person.c.project_id == bindparam("project_id")
_BY_ID = LookUp(person.c.id, select(person.c.email).where(IN_PROJECT))
_BY_EMAIL = Prepared(
    select(person.c.id)
    .where(IN_PROJECT, is_one_of(person.c.email, listed("emails", person.c.email)))
    .order_by(person.c.id)
)
_DISTINCT_IDS = Prepared(
    select(person_distinct_id.c.distinct_id)
    .where(
        person_distinct_id.c.project_id == bindparam("project_id"),
        is_one_of(person_distinct_id.c.person_id, listed("ids", person_distinct_id.c.person_id)),
    )
    .order_by(person_distinct_id.c.created_at, person_distinct_id.c.distinct_id)
)


async def emails_of_persons(db: Db, project_id: int, ids: Sequence[UUID]) -> dict[UUID, str | None]:
    """Return the address of each of the persons, in lower case; missing ones are left out (primary key)."""
    return {row[0]: row[1] for row in await _BY_ID.run(db, ids, project_id=project_id)}


async def persons_by_emails(db: Db, project_id: int, emails: Sequence[str]) -> list[UUID]:
    """Return the persons with one of the addresses, the oldest first (ix_person_project_id_email)."""
    rows = await db.rows(_BY_EMAIL, project_id=project_id, emails=emails) if emails else ()
    return [row[0] for row in rows]


async def distinct_ids_of_persons(db: Db, project_id: int, ids: Sequence[UUID]) -> list[str]:
    """Return all distinct ids of the persons (ix_person_distinct_id_project_id_person_id_created_at)."""
    rows = await db.rows(_DISTINCT_IDS, project_id=project_id, ids=ids) if ids else ()
    return [row[0] for row in rows]


class WholePerson(msgspec.Struct, frozen=True):
    """A person as it is stored."""

    id: UUID
    properties: dict[str, Any]
    email: str | None
    is_identified: bool
    created_at: Any
    last_seen_at: Any


_PERSON = StructColumns(WholePerson, person)
_WHOLE = LookUp(person.c.id, select(*_PERSON.columns).where(IN_PROJECT))


async def whole_persons(db: Db, project_id: int, ids: Sequence[UUID]) -> list[WholePerson]:
    """Return the persons (primary key)."""
    return [_PERSON(row) for _, *row in await _WHOLE.run(db, ids, project_id=project_id)]
