"""How many messages of customers the team hasn't read."""

from sqlalchemy import bindparam, func, select

from parley.kernel.access import Project
from parley.kernel.dependencies import Services
from parley.kernel.prepared import Prepared
from parley.tickets.tables import UNREAD, ticket

REMEMBERED_S = 30.0

# The words of UNREAD are those of the partial index; with bound values PostgreSQL could not see that it serves.
_UNREAD = Prepared(
    select(func.coalesce(func.sum(ticket.c.unread_team_count), 0)).where(
        ticket.c.project_id == bindparam("project_id"), UNREAD
    )
)


def unread_key(project_id: int) -> str:
    """Return the key under which the cache holds the number."""
    return f"unread:{project_id}"


async def unread_count(services: Services, project: Project) -> int:
    """Return the number over all tickets that are neither resolved nor deleted; up to 30 s old (ix_ticket_unread)."""
    if not project.conversations_enabled:
        return 0
    key = unread_key(project.id)
    remembered = await services.cache.get(key)
    if remembered is not None and remembered.isdigit():
        return int(remembered)
    found = await services.database.read(_UNREAD, project_id=project.id)
    count = int(found[0][0])
    await services.cache.set(key, b"%d" % count, REMEMBERED_S)
    return count
