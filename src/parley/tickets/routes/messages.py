"""The messages of a ticket (conversations.md, 1.12)."""

from typing import Any

from litestar import get
from litestar.params import FromPath

from parley.kernel.access import needs
from parley.kernel.dependencies import Who, With
from parley.kernel.paging import Page, page_of, window_of
from parley.kernel.request import ParleyRequest
from parley.tickets.queries.messages import message_count, messages_of_ticket, of_ticket
from parley.tickets.queries.tickets import ticket_by_key
from parley.tickets.routes.tickets import TICKET
from parley.tickets.schemas import MessageOut

DEFAULT_LIMIT, MAX_LIMIT = 50, 200


@get(TICKET + "/messages", guards=[needs("ticket:read")])
async def list_messages(
    key: FromPath[str], request: ParleyRequest, actor: Who, services: With
) -> Page[MessageOut]:
    """List a ticket's messages and private notes, oldest first; nothing is marked as read."""
    window = window_of(request, default=DEFAULT_LIMIT, most=MAX_LIMIT)
    ticket = await ticket_by_key(services.database, actor, key)
    count = await message_count(services.database, actor.project_id, ticket.id)
    thread = of_ticket(ticket, actor.project)
    found = await messages_of_ticket(services.database, thread, limit=window.limit, offset=window.offset)
    return page_of(request, window, count, found)


handlers: list[Any] = [list_messages]
