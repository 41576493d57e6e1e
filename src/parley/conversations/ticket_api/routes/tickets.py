"""The API of tickets (docs/tickets.md)."""

from typing import Any

from litestar import get, patch, post, put
from litestar.params import FromPath, JSONBody

from parley.conversations.ticket_api import actions as actions
from parley.conversations.ticket_api.schemas import BY_API, NewTicket, TicketOut, TicketPatch
from parley.conversations.tickets import TICKET, TICKETS
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import needs
from parley.kernel.http.request import ParleyRequest


@post(TICKETS, guards=[needs("ticket:write")])
async def open_ticket(
    request: ParleyRequest,
    data: JSONBody[NewTicket],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> TicketOut:
    """Open a ticket for a customer, named by `distinct_id` or `email`; `message` is stored as their first message."""
    channel = BY_API
    if data.email_config_id is not None:
        # Of the e-mail area, which lies above; main hands it in.
        channel = await request.app.state.channel_of_ticket(db, actor.project_id, data.email_config_id)
    return await actions.open_ticket(db, services, actor, data, channel)


@get(TICKET, guards=[needs("ticket:read")])
async def show_ticket(
    request: ParleyRequest, key: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> TicketOut:
    """Show a ticket by its uuid or number, and mark it as read by the team, unless the browser only prefetches it."""
    return await actions.see_ticket(services, actor, key, is_looked_at=request.is_looked_at)


@patch(TICKET, guards=[needs("ticket:write")])
async def change_ticket(
    key: FromPath[str],
    data: JSONBody[TicketPatch],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> TicketOut:
    """Change the fields that the body has; nothing is stored unless everything is valid."""
    return await actions.change_ticket(db, services, actor, key, data)


@put(TICKET, guards=[needs("ticket:write")])
async def replace_ticket(
    key: FromPath[str],
    data: JSONBody[TicketPatch],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> TicketOut:
    """Change the fields that the body has, as PATCH does."""
    return await actions.change_ticket(db, services, actor, key, data)


@post(TICKET + "/mark_unread", guards=[needs("ticket:write")], status_code=200)
async def mark_unread(
    key: FromPath[str], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> TicketOut:
    """Let a ticket count as one unread message for the whole team, until somebody of it opens the ticket."""
    return await actions.mark_unread(db, services, actor, key)


handlers: list[Any] = [
    open_ticket,
    show_ticket,
    change_ticket,
    replace_ticket,
    mark_unread,
]
