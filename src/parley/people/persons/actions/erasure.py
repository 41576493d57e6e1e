"""Persons and distinct ids are erased at once, for personal data."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, delete

from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.people.persons.actions.counters import count_persons
from parley.people.persons.queries.capture import lock_stored
from parley.people.persons.tables import person, person_distinct_id

_ERASE_IDS = Prepared(
    delete(person_distinct_id)
    .where(
        person_distinct_id.c.project_id == bindparam("project_id"),
        is_one_of(person_distinct_id.c.distinct_id, listed("texts", person_distinct_id.c.distinct_id)),
    )
    .returning(person_distinct_id.c.person_id)
)


async def erase_persons(db: Db, project_id: int, ids: Sequence[UUID]) -> tuple[int, int]:
    """Delete the persons with their distinct ids; return how many of both. To be called last in a transaction."""
    theirs = person_distinct_id.c
    gone = await db.execute(
        delete(person_distinct_id).where(theirs.project_id == project_id, theirs.person_id.in_(ids))
    )
    persons = await db.execute(delete(person).where(person.c.project_id == project_id, person.c.id.in_(ids)))
    await count_persons(db, project_id, -persons.rowcount)
    return persons.rowcount, gone.rowcount


async def erase_distinct_ids(db: Db, project_id: int, distinct_ids: Sequence[str]) -> int:
    """Take distinct ids from whoever has them; return how many there were."""
    prepared = {"project_id": project_id, "texts": distinct_ids}
    return len(await db.rows(_ERASE_IDS, **prepared)) if distinct_ids else 0


async def lock_persons(db: Db, project_id: int, ids: Sequence[UUID]) -> None:
    """Let nobody give these persons anything new until the transaction ends."""
    await lock_stored(db, project_id, ids)
