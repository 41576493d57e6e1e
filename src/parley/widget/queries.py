"""What the widget reads of other features: the ids of a verified person, and a project to demonstrate."""

from sqlalchemy import bindparam, func, select, true

from parley.accounts.tables import organization, project
from parley.kernel.db import Database
from parley.kernel.prepared import Prepared
from parley.persons.tables import person_distinct_id

MAX_DISTINCT_IDS = 1000  # each browser of a person adds one; the newest matter

_known = person_distinct_id.alias("known")
# Primary key of the one, index (project_id, person_id, created_at) of the others.
IDS_OF_PERSON = Prepared(
    select(person_distinct_id.c.distinct_id)
    .join(
        _known,
        (_known.c.project_id == person_distinct_id.c.project_id)
        & (_known.c.person_id == person_distinct_id.c.person_id),
    )
    .where(_known.c.project_id == bindparam("project_id"), _known.c.distinct_id == bindparam("distinct_id"))
    .order_by(person_distinct_id.c.created_at.desc())
    .limit(MAX_DISTINCT_IDS)
)
# Few rows: both are read whole, and only by the demo page.
FIRST_PROJECT = Prepared(
    select(project.c.id).where(project.c.conversations_enabled == true()).order_by(project.c.id).limit(1)
)
ORGANIZATIONS = Prepared(select(func.count()).select_from(select(organization.c.id).limit(2).subquery()))


async def distinct_ids_of(database: Database, project_id: int, distinct_id: str) -> tuple[str, ...]:
    """Return every distinct id of the person who has this one, and this one even if no person has it."""
    rows = await database.read(IDS_OF_PERSON, project_id=project_id, distinct_id=distinct_id)
    return tuple({distinct_id, *(row[0] for row in rows)})


async def only_demo_project_id(database: Database) -> int | None:
    """Return the first project with conversations on, where there is exactly one organization."""
    if (await database.read(ORGANIZATIONS))[0][0] != 1:
        return None
    rows = await database.read(FIRST_PROJECT)
    return int(rows[0][0]) if rows else None
