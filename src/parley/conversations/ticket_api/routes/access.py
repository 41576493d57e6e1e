"""Who may do what with one ticket."""

from typing import Any

from litestar import get, put
from litestar.params import FromPath, JSONBody

from parley.accounts.access_levels.actions import set_level
from parley.accounts.access_levels.queries.controls import access_controls
from parley.accounts.access_levels.schemas import AccessControls, TicketLevel
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.tickets import TICKET
from parley.conversations.tickets.queries.authorised import locked_ticket_for
from parley.conversations.tickets.rules.ids import id_or_number
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import needs

PATH = TICKET + "/access_controls"


@get(PATH, guards=[needs("ticket:read")])
async def show_access_controls(
    key: FromPath[str], db: DbDependency, actor: ActorDependency
) -> AccessControls:
    """Show the levels on a ticket, and the level of members for whom none is set."""
    ticket = await ticket_by_key(db, actor, key)
    return await access_controls(db, actor.project_id, ticket.id)


@put(PATH, guards=[needs("ticket:write")])
async def set_access_control(
    key: FromPath[str],
    data: JSONBody[TicketLevel],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> AccessControls:
    """Set a level on a ticket, or remove it with null; for managers of the ticket."""
    ticket = await locked_ticket_for(db, actor, id_or_number(key), "manager")
    await set_level(db, services, actor, ticket.id, data)
    return await access_controls(db, actor.project_id, ticket.id)


handlers: list[Any] = [show_access_controls, set_access_control]
