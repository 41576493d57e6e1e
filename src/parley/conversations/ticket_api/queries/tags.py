"""The names of a project's tags."""

from sqlalchemy import bindparam, exists, func, select

from parley.accounts.access_levels.queries.visibility import (
    access_values,
    is_hidden,
    visibility_of,
    visible_tickets,
)
from parley.conversations.tickets.tables import ticket_tag
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.http.authorization import Actor

MINE = ticket_tag.c.project_id == bindparam("project_id")
# From each name to the next one in the index: what a tag costs doesn't grow with the tickets that have it.
_first = select(func.min(ticket_tag.c.name).label("name")).where(MINE).cte("used", recursive=True)
_next = select(func.min(ticket_tag.c.name)).where(MINE, ticket_tag.c.name > _first.c.name).scalar_subquery()
_USED = _first.union_all(select(_next).where(_first.c.name.is_not(None)))
_NAMES = Prepared(select(_USED.c.name).where(_USED.c.name.is_not(None)))


_OF_OPEN = Prepared(
    select(ticket_tag.c.name).where(MINE, *visible_tickets("only", ticket_tag.c.ticket_id)).distinct()
)

_other = ticket_tag.alias("other")
_ON_A_SEEN_TICKET = exists().where(
    _other.c.project_id == bindparam("project_id"),
    _other.c.name == ticket_tag.c.name,
    *visible_tickets("but", _other.c.ticket_id),
)
_ONLY_OF_CLOSED = Prepared(
    select(ticket_tag.c.name).where(MINE, is_hidden(ticket_tag.c.ticket_id), ~_ON_A_SEEN_TICKET).distinct()
)


async def names_in_use(database: Database, actor: Actor) -> list[str]:
    """Return the names of all tags of the tickets that the caller sees, sorted (ix_ticket_tag_name).

    Where some tickets are closed to them, the names that only these have are looked for and left out.
    """
    visibility, values = visibility_of(actor), {"project_id": actor.project_id, **access_values(actor)}
    if visibility == "only":
        return sorted(row[0] for row in await database.read(_OF_OPEN, **values))
    names = {row[0] for row in await database.read(_NAMES, project_id=actor.project_id)}
    if visibility == "but":
        names -= {row[0] for row in await database.read(_ONLY_OF_CLOSED, **values)}
    return sorted(names)
