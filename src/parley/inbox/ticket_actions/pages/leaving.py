"""A conversation is left for later as unread, or deleted, which asks first and can be undone; then the list is shown."""

from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from parley.conversations.deletion.actions import delete_ticket, restore_ticket
from parley.conversations.deletion.queries import deleted_since
from parley.conversations.deletion.rules import restorable_since
from parley.conversations.ticket_api.actions import mark_unread
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.inbox.ticket_actions.pages.merging_many import Mergeable, mergeable_of
from parley.inbox.ticket_details.details import may_delete
from parley.inbox.ticket_rows.address import ListAddress
from parley.inbox.ticket_rows.customers import merged_numbers
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import NotFound, PermissionDenied
from parley.kernel.http.request import ParleyRequest
from parley.web.guards import page_session
from parley.web.rendering import page, redirect


class DeletePage(msgspec.Struct, frozen=True):
    """Context of `ticket_actions/delete.html`; the messages of those that are merged into it go with it."""

    ticket: Mergeable
    n_messages: int
    merged: list[int]
    query: str


@post("/inbox/{number:int}/unread", guards=[page_session], include_in_schema=False)
async def leave_unread(
    request: ParleyRequest, number: FromPath[int], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Mark a ticket as unread for the team, and show the list: whoever has it open would read it again."""
    async with services.database.transaction() as db:
        left = await mark_unread(db, services, actor, str(number))
    return redirect(_list_with(request, unread=left.ticket_number))


@get("/inbox/{number:int}/delete", guards=[page_session], include_in_schema=False)
async def ask_to_delete(
    request: ParleyRequest, number: FromPath[int], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Ask whether a ticket is to be deleted, and say what goes with it."""
    ticket = await ticket_by_key(services.database, actor, str(number))
    if not may_delete(actor, ticket):
        raise PermissionDenied
    query = ListAddress.of(request.query_params).query
    shown = DeletePage(mergeable_of(ticket), ticket.message_count, merged_numbers(ticket), query)
    return page(request, "ticket_actions/delete.html", shown)


@post("/inbox/{number:int}/delete", guards=[page_session], include_in_schema=False)
async def delete(
    request: ParleyRequest, number: FromPath[int], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Delete a ticket and show the list, which offers to undo it. A second press of the button shows it, too."""
    try:
        async with services.database.transaction() as db:
            await delete_ticket(db, services, actor, str(number))
    except NotFound:
        since = restorable_since(services.clock.now())
        if await deleted_since(services.database, actor.project_id, number, since) is None:
            raise
    return redirect(_list_with(request, deleted=number))


@post("/inbox/{number:int}/restore", guards=[page_session], include_in_schema=False)
async def restore(
    request: ParleyRequest, number: FromPath[int], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Restore a ticket and show it."""
    async with services.database.transaction() as db:
        restored = await restore_ticket(db, services, actor, str(number))
    return redirect(f"/inbox/{restored.ticket_number}{ListAddress.of(request.query_params).query}")


def _list_with(request: ParleyRequest, **said: int) -> str:
    """Return the list of the address, which says above what became of a ticket."""
    return f"/inbox?{urlencode({**ListAddress.of(request.query_params).parameters, **said})}"


handlers = [leave_unread, ask_to_delete, delete, restore]
