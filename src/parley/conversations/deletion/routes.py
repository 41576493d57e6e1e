"""Tickets are deleted and restored (docs/tickets.md)."""

from typing import Any

from litestar import delete, post
from litestar.params import FromPath

from parley.conversations.deletion import actions
from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.tickets import TICKET
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import needs


@delete(TICKET, guards=[needs("ticket:write")])
async def delete_ticket(
    key: FromPath[str], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> None:
    """Delete a ticket with its messages; it can be restored for 14 days. Its number is never used again."""
    await actions.delete_ticket(db, services, actor, key)


@post(TICKET + "/restore", guards=[needs("ticket:write")], status_code=200)
async def restore_ticket(
    key: FromPath[str], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> TicketOut:
    """Restore a ticket that was deleted within the last 14 days."""
    return await actions.restore_ticket(db, services, actor, key)


handlers: list[Any] = [delete_ticket, restore_ticket]
