"""Persons and distinct ids are erased at once, for personal data."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete

from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.people.persons.actions.counters import count_persons
from parley.people.persons.queries.capture import lock_stored
from parley.people.persons.tables import person, person_distinct_id
from parley.people.shipments.actions import note_erased

_ERASE_IDS = Prepared(
    delete(person_distinct_id)
    .where(
        person_distinct_id.c.project_id == bindparam("project_id"),
        is_one_of(person_distinct_id.c.distinct_id, listed("texts", person_distinct_id.c.distinct_id)),
    )
    .returning(person_distinct_id.c.person_id)
)


async def erase_persons(db: Db, project_id: int, ids: Sequence[UUID], until: datetime) -> tuple[int, int]:
    """Delete the persons with their distinct ids; return how many of both. To be called last in a transaction."""
    theirs = person_distinct_id.c
    names = (
        (
            await db.execute(
                delete(person_distinct_id)
                .where(theirs.project_id == project_id, theirs.person_id.in_(ids))
                .returning(theirs.distinct_id)
            )
        )
        .scalars()
        .all()
    )
    persons = await db.execute(delete(person).where(person.c.project_id == project_id, person.c.id.in_(ids)))
    await count_persons(db, project_id, -persons.rowcount)
    await note_erased(db, project_id, until, person_ids=ids, distinct_ids=names)
    return persons.rowcount, len(names)


async def erase_distinct_ids(db: Db, project_id: int, distinct_ids: Sequence[str], until: datetime) -> int:
    """Take distinct ids from whoever has them; return how many there were."""
    if not distinct_ids:
        return 0
    gone = await db.rows(_ERASE_IDS, project_id=project_id, texts=distinct_ids)
    await note_erased(db, project_id, until, distinct_ids=distinct_ids)
    return len(gone)


async def lock_persons(db: Db, project_id: int, ids: Sequence[UUID]) -> None:
    """Let nobody give these persons anything new until the transaction ends."""
    await lock_stored(db, project_id, ids)
