"""How many messages of customers the team hasn't read."""

from functools import lru_cache

from sqlalchemy import bindparam, func, select

from parley.accounts.access_levels.queries.visibility import (
    TicketVisibility,
    access_values,
    visibility_of,
    visible_tickets,
)
from parley.conversations.ticket_changes.queries import unread_key
from parley.conversations.tickets.tables import UNREAD, ticket
from parley.kernel.database.prepared import Prepared
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services

REMEMBERED_S = 30.0


# The words of UNREAD are those of the partial index; with bound values PostgreSQL could not see that it serves.
@lru_cache
def _unread(visibility: TicketVisibility) -> Prepared:
    mine = ticket.c.project_id == bindparam("project_id")
    total = select(func.coalesce(func.sum(ticket.c.unread_team_count), 0))
    return Prepared(total.where(mine, UNREAD, *visible_tickets(visibility, ticket.c.id)))


async def unread_count(services: Services, actor: Actor) -> int:
    """Return the number over all tickets that are neither resolved nor deleted and that the caller sees.

    For who sees all tickets it is up to 30 s old (ix_ticket_unread).
    """
    project, visibility = actor.project, visibility_of(actor)
    if not project.conversations_enabled:
        return 0
    key = unread_key(project.id)
    remembered = await services.cache.get(key) if visibility == "all" else None
    if remembered is not None and remembered.isdigit():
        return int(remembered)
    found = await services.database.read(_unread(visibility), project_id=project.id, **access_values(actor))
    count = int(found[0][0])
    if visibility == "all":
        await services.cache.set(key, b"%d" % count, REMEMBERED_S)
    return count
