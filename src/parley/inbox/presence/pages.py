"""What pages of one conversation say to each other: somebody looks at it, writes in it, or is gone."""

from typing import Any, Literal

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.inbox.presence.colleagues import colleagues_at, tell
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.http.request import ParleyRequest
from parley.kernel.throttle import MINUTE_S, Limit
from parley.web.guards import page_session
from parley.web.rendering import page

TOLD = Limit("presence", 300, MINUTE_S)
"""A page says it every 20 seconds, every 4 while somebody writes, and twice for each conversation that is gone through."""


class PresenceForm(msgspec.Struct, frozen=True):
    """What somebody does at a conversation."""

    doing: Literal["looking", "writing", "gone"]


@post("/inbox/{number:int}/presence", guards=[page_session], include_in_schema=False)
async def tell_presence(
    request: ParleyRequest,
    number: FromPath[int],
    data: JSONBody[PresenceForm],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Tell colleagues what the caller does at a ticket, and show what they do there."""
    await services.throttles.hit((TOLD, str(actor.user_id)))
    ticket = await ticket_by_key(services.database, actor, str(number))
    await tell(services, actor, ticket, data.doing)
    return page(request, "presence/_presence.html", await colleagues_at(services, actor, ticket))


@get("/inbox/{number:int}/presence", guards=[page_session], include_in_schema=False)
async def show_presence(
    request: ParleyRequest, number: FromPath[int], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show what colleagues do at a ticket."""
    ticket = await ticket_by_key(services.database, actor, str(number))
    return page(request, "presence/_presence.html", await colleagues_at(services, actor, ticket))


handlers = [tell_presence, show_presence]
