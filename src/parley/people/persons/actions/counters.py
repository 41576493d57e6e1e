"""The exact number of a project's persons, kept without counting them."""

import secrets

from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite

from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.people.persons.tables import person_tally

SLOTS = 8
"""Requests that make persons at the same time lock one of so many rows."""


def _added(insert: type[postgresql.Insert] | type[sqlite.Insert]) -> Prepared:
    new = insert(person_tally).values(
        project_id=bindparam("project_id"), slot=bindparam("slot"), n_persons=bindparam("difference")
    )
    return Prepared(
        new.on_conflict_do_update(
            index_elements=[person_tally.c.project_id, person_tally.c.slot],
            set_={"n_persons": person_tally.c.n_persons + new.excluded.n_persons},
        )
    )


_ADDED = {"postgresql": _added(postgresql.Insert), "sqlite": _added(sqlite.Insert)}


async def count_persons(db: Db, project_id: int, difference: int) -> None:
    """Add to the number of persons; to be called last in a transaction, since it locks a row that others need."""
    if difference:
        slot = secrets.randbelow(SLOTS)
        await db.rows(_ADDED[db.dialect.name], project_id=project_id, slot=slot, difference=difference)
