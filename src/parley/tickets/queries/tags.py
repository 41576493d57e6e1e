"""The names of a project's tags."""

from sqlalchemy import bindparam, func, select

from parley.kernel.db import Database
from parley.kernel.prepared import Prepared
from parley.tickets.tables import ticket_tag

MINE = ticket_tag.c.project_id == bindparam("project_id")
# From each name to the next one in the index: what a tag costs doesn't grow with the tickets that have it.
_first = select(func.min(ticket_tag.c.name).label("name")).where(MINE).cte("used", recursive=True)
_next = select(func.min(ticket_tag.c.name)).where(MINE, ticket_tag.c.name > _first.c.name).scalar_subquery()
_USED = _first.union_all(select(_next).where(_first.c.name.is_not(None)))
_NAMES = Prepared(select(_USED.c.name).where(_USED.c.name.is_not(None)))


async def names_in_use(database: Database, project_id: int) -> list[str]:
    """Return the names of all tags of the project's tickets, sorted (ix_ticket_tag_name)."""
    return sorted(row[0] for row in await database.read(_NAMES, project_id=project_id))
