"""How an answer would go, and addresses to which nothing is sent."""

from typing import Any

from litestar import get, post
from litestar.params import FromPath, JSONBody

from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.tickets import TICKET
from parley.email.reply_routes.actions import reopen_address
from parley.email.reply_routes.queries import closed_addresses_page, shown_route
from parley.email.reply_routes.schemas import ClosedAddressOut, ReplyRouteOut, WhichAddress
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import needs
from parley.kernel.http.organizations import admins_of_project_only
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest

ADDRESSES = "/api/projects/{project_id:str}/conversations/outbound_addresses"


@get(TICKET + "/reply_route", guards=[needs("ticket:read")])
async def show_reply_route(
    key: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> ReplyRouteOut:
    """Say how a public answer would reach the customer now, and why not by mail; nothing is marked as read."""
    ticket = await ticket_by_key(services.database, actor, key)
    async with services.database.transaction(write=False) as db:
        return await shown_route(db, actor.project, ticket)


@get(ADDRESSES, guards=[needs("ticket:read"), admins_of_project_only])
async def list_closed_addresses(
    request: ParleyRequest, actor: ActorDependency, db: DbDependency
) -> Page[ClosedAddressOut]:
    """List the addresses to which nothing is sent after bounces, and those that have unsubscribed. For admins."""
    asked = page_request(request)
    count, found = await closed_addresses_page(db, actor.project_id, asked)
    return page_of(request, asked, count, found)


@post(f"{ADDRESSES}/reopen", guards=[needs("ticket:write"), admins_of_project_only], status_code=204)
async def reopen_closed_address(
    data: JSONBody[WhichAddress], actor: ActorDependency, db: DbDependency
) -> None:
    """Send to an address again that was closed after bounces; who has unsubscribed stays so. For admins."""
    await reopen_address(db, actor.project_id, data.address)


handlers: list[Any] = [show_reply_route, list_closed_addresses, reopen_closed_address]
