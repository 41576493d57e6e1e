"""The inbox: the list, a ticket beside it, and the parts that a script loads anew."""

from typing import Any

import msgspec
from litestar import Response, get
from litestar.background_tasks import BackgroundTask
from litestar.params import FromPath

from parley.accounts.access_levels.queries.visibility import sees_any_ticket
from parley.conversations.ticket_api.actions import see_ticket
from parley.conversations.ticket_api.queries.tags import names_in_use
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.ticket_api.schemas import TicketOut
from parley.inbox.conversation_view.conversation import (
    Messages,
    MessagesPart,
    TicketPart,
    messages_from,
    ticket_view,
)
from parley.inbox.inbox_page.window import (
    ListPart,
    RowsPart,
    more_rows,
    number_of,
    page_of_ticket,
    shown_list,
    size_of,
    whole_page,
)
from parley.inbox.ticket_details.details import DetailsPart, details_of, lead_to
from parley.inbox.ticket_rows.address import ListAddress
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import NotFound, PermissionDenied
from parley.kernel.http.authorization import Actor
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.web.guards import is_htmx, page_session
from parley.web.rendering import page, redirect

ACCESS = "/settings/access"
MOST_TAGS_SHOWN = 200


class TagNames(msgspec.Struct, frozen=True):
    """Context of `ticket_details/_tags.html`."""

    names: list[str]


@get("/inbox", guards=[page_session], include_in_schema=False)
async def show_inbox(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the list; a member who may see no ticket is redirected to a page that says so."""
    if not sees_any_ticket(actor):
        return redirect(ACCESS)
    return await whole_page(request, services, actor, None)


@get("/inbox/rows", guards=[page_session], include_in_schema=False)
async def show_rows(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the list without anything around it; leads a page away whose reader may see no ticket any more."""
    if not sees_any_ticket(actor):
        raise NotFound(headers={"HX-Redirect": ACCESS})
    selected = number_of(request.query_params.get("selected"))
    size = size_of(request.query_params)
    found = await shown_list(services, actor, ListAddress.of(request.query_params), selected, size=size)
    return page(request, "ticket_rows/_refreshed.html", ListPart(found))


@get("/inbox/rows/more", guards=[page_session], include_in_schema=False)
async def show_more_rows(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the rows behind a cursor, to be added to the list."""
    if not sees_any_ticket(actor):
        raise NotFound(headers={"HX-Redirect": ACCESS})
    rows = await more_rows(services, actor, ListAddress.of(request.query_params))
    return page(request, "ticket_rows/_rows.html", RowsPart(rows))


@get("/inbox/tags", guards=[page_session], include_in_schema=False)
async def show_tags(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the tags in use, as suggestions."""
    names = await names_in_use(services.database, actor)
    return page(request, "ticket_details/_tags.html", TagNames(names[:MOST_TAGS_SHOWN]))


@get("/inbox/{number:int}", guards=[page_session], include_in_schema=False)
async def show_ticket(
    request: ParleyRequest, number: FromPath[int], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show a ticket and mark it as read; a script gets it without the list."""
    ticket = await see_ticket(services, actor, str(number), is_looked_at=request.is_looked_at)
    first = number_of(request.query_params.get("from"))
    opening = ticket_view(services, actor, ticket, ListAddress.of(request.query_params).query, first=first)
    if is_htmx(request):
        return page(request, "conversation_view/_ticket.html", TicketPart(await opening))
    return await page_of_ticket(request, services, actor, ticket.ticket_number, opening)


@get("/inbox/{number:int}/messages", guards=[page_session], include_in_schema=False)
async def show_messages(
    request: ParleyRequest, number: FromPath[int], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the thread anew, or what comes `after` so many messages; with `seen` it is on a screen, and marked as read."""
    ticket = await _opened_ticket(request, services, actor, number)
    after, query = number_of(request.query_params.get("after")), ListAddress.of(request.query_params).query
    first = number_of(request.query_params.get("from")) if after is None else after
    found = await messages_from(services, actor, ticket, query, first=first, is_added=after is not None)
    answer = page(request, "conversation_view/_messages.html", MessagesPart(found))
    if _is_seen(request, found) and ticket.unread_team_count > 0:
        # Nobody should wait for a message because it is being marked as read.
        answer.background = BackgroundTask(see_ticket, services, actor, str(number), is_looked_at=True)
    return answer


def _is_seen(request: ParleyRequest, found: Messages) -> bool:
    """Say whether somebody sees the thread; with `seen=new` only where it has a message that they hadn't."""
    seen = request.query_params.get("seen")
    is_new = seen == "new" and any(line.kind == "message" for line in found.lines)
    return (seen == "1" or is_new) and request.is_looked_at


@get("/inbox/{number:int}/details", guards=[page_session], include_in_schema=False)
async def show_details(
    request: ParleyRequest, number: FromPath[int], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the right-hand column and, for the script, the head of the messages; a merged ticket redirects to its target."""
    ticket = await _opened_ticket(request, services, actor, number)
    query = ListAddress.of(request.query_params).query
    if ticket.merged_from is not None:
        return lead_to(f"/inbox/{number}{query}")
    details = await details_of(services, actor, ticket, query)
    return page(request, "ticket_details/_changed.html", DetailsPart(details))


async def _opened_ticket(request: ParleyRequest, services: Services, actor: Actor, number: int) -> TicketOut:
    """Return the ticket of an open page; raises NotFound, which leads the page back to the list."""
    try:
        return await ticket_by_key(services.database, actor, str(number))
    except (NotFound, PermissionDenied) as error:
        query = ListAddress.of(request.query_params).query
        raise NotFound(headers={"HX-Redirect": f"/inbox{query}"}) from error


handlers = [show_inbox, show_rows, show_more_rows, show_tags, show_ticket, show_messages, show_details]
