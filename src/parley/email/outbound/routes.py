"""What became of the mails that a message is in."""

from typing import Any

from litestar import get
from litestar.params import FromPath

from parley.conversations.files.attachments import file_links
from parley.conversations.messages.queries.messages import message_by_id, of_ticket
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.tickets import TICKET
from parley.conversations.tickets.rules.ids import uuid_of
from parley.email.outbound.queries.deliveries import (
    deliveries_of,
)
from parley.email.outbound.schemas import (
    OutboundEmailOut,
)
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import needs
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest


@get(TICKET + "/messages/{message_id:str}/deliveries", guards=[needs("ticket:read")])
async def list_deliveries_of_message(
    key: FromPath[str],
    message_id: FromPath[str],
    request: ParleyRequest,
    actor: ActorDependency,
    services: ServicesDependency,
) -> Page[OutboundEmailOut]:
    """List the mails that a message is in, with what the mail server said of each recipient, oldest first."""
    ticket, id = await ticket_by_key(services.database, actor, key), uuid_of(message_id)
    if id is None:
        raise NotFound
    async with services.database.transaction(write=False) as db:
        await message_by_id(db, of_ticket(ticket, actor.project, file_links(services)), id)
        found = await deliveries_of(db, actor.project_id, [id])
    return page_of(request, page_request(request), len(found), found)


handlers: list[Any] = [list_deliveries_of_message]
