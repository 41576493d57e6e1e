"""What there is to tell of a ticket that something happened to."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from parley.accounts.roles.queries import members_with_roles
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.tickets.rules.comments import CUSTOMER
from parley.inbox.notices.queries import last_message
from parley.inbox.ticket_rows.customers import name_of
from parley.inbox.ticket_rows.names import shortened
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services
from parley.web.guards import page_session

NEW_FOR = timedelta(minutes=2)
"""A message that is older isn't told of: something else has happened to its ticket."""
LONGEST_NAME, LONGEST_TEXT = 80, 140
HEADERS = {"Cache-Control": "no-store"}


class NewMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message of a customer that nobody has read yet; it is for the caller if nobody else takes care of the ticket."""

    message_id: UUID
    number: int
    name: str
    text: str
    is_for_me: bool


@get("/inbox/{number:int}/notice", guards=[page_session], include_in_schema=False)
async def show_notice(
    number: FromPath[int], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Return the last message of a ticket if it is new, of its customer, and unread; else 204."""
    ticket = await ticket_by_key(services.database, actor, str(number))
    last = await last_message(services.database, actor.project_id, ticket.id)
    is_new = last is not None and services.clock.now() - last.created_at <= NEW_FOR
    if last is None or not is_new or not ticket.unread_team_count or last.author_type != CUSTOMER:
        return Response(None, status_code=204, headers=HEADERS)
    told = NewMessage(
        message_id=last.id,
        number=ticket.ticket_number,
        name=shortened(name_of(ticket), LONGEST_NAME),
        text=shortened(" ".join(last.content[: 4 * LONGEST_TEXT].split()), LONGEST_TEXT),
        is_for_me=await _is_for(services, actor, ticket),
    )
    return Response(told, media_type="application/json", headers=HEADERS)


async def _is_for(services: Services, actor: Actor, ticket: TicketOut) -> bool:
    assignee = ticket.assignee
    if assignee is None or isinstance(assignee.id, int):
        return assignee is None or assignee.id == actor.user_id
    async with services.database.transaction(write=False) as db:
        return any(one.user.id == actor.user_id for one in await members_with_roles(db, [assignee.id]))


handlers = [show_notice]
