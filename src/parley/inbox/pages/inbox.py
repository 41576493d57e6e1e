"""The inbox: the list, a ticket beside it, and the parts that a script loads anew."""

from typing import Any

import msgspec
from litestar import Response, get
from litestar.background_tasks import BackgroundTask
from litestar.params import FromPath

from parley.accounts.access_levels.queries.visibility import sees_any_ticket
from parley.conversations.saved_views.queries import view_choices
from parley.conversations.ticket_api.actions import see_ticket
from parley.conversations.ticket_api.queries.tags import names_in_use
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.ticket_list.queries.unread import unread_count
from parley.inbox.pages.address import ListAddress
from parley.inbox.pages.details import DetailsPart, details_of
from parley.inbox.pages.list import ListView, Surroundings, list_view
from parley.inbox.pages.merging import lead_to
from parley.inbox.pages.ticket import (
    MessagesPart,
    TicketPart,
    TicketView,
    messages_from,
    ticket_view,
)
from parley.inbox.queries.lists import InboxPage, demo_key, inbox_page, narrowed_page, visible_counts
from parley.inbox.queries.people import assignables
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid, NotFound, PermissionDenied
from parley.kernel.http.authorization import Actor
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.web.guards import is_htmx, page_session
from parley.web.rendering import page, redirect

ACCESS = "/settings/access"
MAX_OFFSET, MOST_TAGS_SHOWN = 1_000_000, 200


class InboxView(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `inbox/inbox.html`."""

    list: ListView
    opened: TicketView | None
    is_welcome: bool


class ListPart(msgspec.Struct, frozen=True):
    """Context of `inbox/_list.html` by itself."""

    list: ListView


class TagNames(msgspec.Struct, frozen=True):
    """Context of `inbox/_tags.html`."""

    names: list[str]


async def _list(services: Services, actor: Actor, address: ListAddress, selected: int | None) -> ListView:
    found, address = await _found(services, actor, address)
    people = await assignables(services.database, actor.project.organization_id)
    progress = await services.cache.get(demo_key(actor.project_id))
    around = Surroundings(
        counts=await visible_counts(services.database, actor),
        names={one.key: one.name for one in people},
        views=await view_choices(services.database, actor),
        n_unread=await unread_count(services, actor),
        demo_progress=progress.decode() if progress else None,
        now=services.clock.now(),
    )
    return list_view(found, address, around, selected=selected)


async def _found(services: Services, actor: Actor, address: ListAddress) -> tuple[InboxPage, ListAddress]:
    """Return the tickets, and the list that they are of: without its saved view where that is gone."""
    if address.is_plain:
        return await inbox_page(services.database, actor, address.filter, address.after), address
    try:
        return await narrowed_page(services, actor, address.asked, address.after), address
    except Invalid:
        if not address.view:
            raise
        return await _found(services, actor, address.replaced(view=""))


async def whole_page(
    request: ParleyRequest, services: Services, actor: Actor, opened: TicketView | None, *, status: int = 200
) -> Response[Any]:
    """Render the list, with a ticket beside it if there is one."""
    number = opened.details.ticket.ticket_number if opened else None
    shown = InboxView(
        list=await _list(services, actor, ListAddress.of(request.query_params), number),
        opened=opened,
        is_welcome="welcome" in request.query_params,
    )
    return page(request, "inbox/inbox.html", shown, status=status)


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
    selected = _number(request.query_params.get("selected"))
    return page(
        request,
        "inbox/_list.html",
        ListPart(await _list(services, actor, ListAddress.of(request.query_params), selected)),
    )


@get("/inbox/tags", guards=[page_session], include_in_schema=False)
async def show_tags(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the tags in use, as suggestions."""
    names = await names_in_use(services.database, actor)
    return page(request, "inbox/_tags.html", TagNames(names[:MOST_TAGS_SHOWN]))


@get("/inbox/{number:int}", guards=[page_session], include_in_schema=False)
async def show_ticket(
    request: ParleyRequest, number: FromPath[int], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show a ticket and mark it as read; a script gets it without the list."""
    ticket = await see_ticket(services, actor, str(number), is_looked_at=request.is_looked_at)
    first = _number(request.query_params.get("from"))
    opened = await ticket_view(
        services, actor, ticket, ListAddress.of(request.query_params).query, first=first
    )
    if is_htmx(request):
        return page(request, "inbox/_ticket.html", TicketPart(opened))
    return await whole_page(request, services, actor, opened)


@get("/inbox/{number:int}/messages", guards=[page_session], include_in_schema=False)
async def show_messages(
    request: ParleyRequest, number: FromPath[int], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the messages after a given one; with `seen` somebody has them on the screen, and they are marked as read."""
    ticket = await _opened_ticket(request, services, actor, number)
    first = _number(request.query_params.get("from"))
    found = await messages_from(
        services, actor, ticket, ListAddress.of(request.query_params).query, first=first
    )
    answer = page(request, "inbox/_messages.html", MessagesPart(found))
    if request.query_params.get("seen") and request.is_looked_at and ticket.unread_team_count > 0:
        # Nobody should wait for a message because it is being marked as read.
        answer.background = BackgroundTask(see_ticket, services, actor, str(number), is_looked_at=True)
    return answer


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
    return page(request, "inbox/_changed.html", DetailsPart(details))


async def _opened_ticket(request: ParleyRequest, services: Services, actor: Actor, number: int) -> TicketOut:
    """Return the ticket of an open page; raises NotFound, which leads the page back to the list."""
    try:
        return await ticket_by_key(services.database, actor, str(number))
    except (NotFound, PermissionDenied) as error:
        query = ListAddress.of(request.query_params).query
        raise NotFound(headers={"HX-Redirect": f"/inbox{query}"}) from error


def _number(text: str | None) -> int | None:
    if not text or not text.isascii() or not text.isdigit() or len(text) > 9:
        return None
    return min(int(text), MAX_OFFSET)


handlers = [show_inbox, show_rows, show_tags, show_ticket, show_messages, show_details]
