"""How many messages of customers the team hasn't read."""

from functools import lru_cache

from sqlalchemy import bindparam, func, select

from parley.accounts.access_levels.queries.visibility import (
    TicketVisibility,
    access_values,
    is_hidden,
    visibility_of,
    visible_tickets,
)
from parley.conversations.ticket_changes.queries import unread_key
from parley.conversations.ticket_changes.tables import unread_tally
from parley.conversations.tickets.tables import UNREAD, ticket
from parley.kernel.database.prepared import Prepared
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services

REMEMBERED_S = 30.0


@lru_cache
def _unread(visibility: TicketVisibility) -> Prepared:
    """Select the number: as it is kept, less what a row of its own closes to the caller, or of what is open to them."""
    mine = ticket.c.project_id == bindparam("project_id")
    total = select(func.coalesce(func.sum(ticket.c.unread_team_count), 0)).where(mine, UNREAD)
    if visibility == "only":
        return Prepared(total.where(*visible_tickets(visibility, ticket.c.id)))
    kept = select(func.coalesce(func.sum(unread_tally.c.n_unread), 0)).where(
        unread_tally.c.project_id == bindparam("project_id")
    )
    if visibility == "all":
        return Prepared(kept)
    hidden = total.where(is_hidden(ticket.c.id))
    return Prepared(select(kept.scalar_subquery() - hidden.scalar_subquery()))


async def unread_count(services: Services, actor: Actor) -> int:
    """Return the number over all tickets that are neither resolved nor deleted and that the caller sees.

    For who sees all tickets it is up to 30 s old (pk_unread_tally; pk_ticket for those that are closed or open to one).
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
