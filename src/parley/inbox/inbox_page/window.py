"""The whole page of the inbox: the list, with a ticket beside it if one is open."""

from collections.abc import Coroutine, Mapping, Set
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from parley.accounts.access_levels.queries.levels import changes_any_ticket
from parley.conversations.saved_views.queries import view_choices
from parley.conversations.ticket_list.queries.unread import unread_count
from parley.conversations.ticket_list.queries.view_counts import counts_of_views
from parley.inbox.conversation_view.conversation import TicketView
from parley.inbox.inbox_page.first_steps import first_steps_of
from parley.inbox.inbox_page.own_work import Beside, own_lists
from parley.inbox.inbox_page.preferences import Preferences, preferences_of
from parley.inbox.inbox_page.told import Told, told_of
from parley.inbox.ticket_details.queries.people import assignables
from parley.inbox.ticket_rows.address import ListAddress
from parley.inbox.ticket_rows.opened_view import opened_view
from parley.inbox.ticket_rows.passages import found_texts
from parley.inbox.ticket_rows.queries.counts import MOST_COUNTED, demo_key, section_counts, visible_counts
from parley.inbox.ticket_rows.queries.last_writers import last_writers
from parley.inbox.ticket_rows.queries.list_pages import PAGE_SIZE, InboxPage, inbox_page, narrowed_page
from parley.inbox.ticket_rows.queries.of_customer import ListedCustomer, listed_customer
from parley.inbox.ticket_rows.rows import ListView, RowFacts, RowsView, Surroundings, list_view, rows_view
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.web.rendering import page

MOST_VIEWS_COUNTED = 5
"""Favourites come first. Each may cost a read of all that waits, once for everybody after a change of any ticket."""
SIZES = (PAGE_SIZE, 100, 250, 500)
MAX_OFFSET = 1_000_000
NOTHING_BESIDE = Beside(steps=[], lists=[])


class InboxView(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `inbox_page/inbox.html`."""

    list: ListView
    opened: TicketView | None
    beside: Beside  # where no ticket is opened
    is_welcome: bool
    preferences: Preferences
    told: Told  # what has become of the conversations that were ticked


class ListPart(msgspec.Struct, frozen=True):
    """Context of `ticket_rows/_refreshed.html`."""

    list: ListView


class RowsPart(msgspec.Struct, frozen=True):
    """Context of `ticket_rows/_rows.html`."""

    page: RowsView


class _FoundRows(msgspec.Struct, frozen=True):
    """A page of the list that an address names, and what its rows show besides."""

    page: InboxPage
    address: ListAddress
    facts: RowFacts
    customer: str  # whose tickets they are, or nothing


async def shown_list(
    services: Services,
    actor: Actor,
    address: ListAddress,
    selected: int | None,
    *,
    size: int = PAGE_SIZE,
    ticked: Set[UUID] = frozenset(),
) -> ListView:
    """Return a page of the list with everything around it."""
    found, around = await services.database.both(
        _found_rows(services, actor, address, size), _surroundings(services, actor, address)
    )
    facts = found.facts
    around = msgspec.structs.replace(around, names=facts.names, labels=facts.labels, customer=found.customer)
    rows = rows_view(found.page, found.address, facts, selected=selected, ticked=ticked)
    return list_view(rows, found.page.count, found.address, around)


async def _surroundings(services: Services, actor: Actor, address: ListAddress) -> Surroundings:
    """Return what stands around a list, but what the rows need, too."""
    views = await view_choices(services.database, actor)
    first_views = [one.short_id for one in views[:MOST_VIEWS_COUNTED]]
    progress = await services.cache.get(demo_key(actor.project_id))
    return Surroundings(
        counts=await visible_counts(services.database, actor),
        sections=await section_counts(services.database, actor, services.clock),
        names={},
        labels={},
        opened_view=await opened_view(services.database, actor, address),
        customer="",
        views=views,
        view_counts=await counts_of_views(services, actor, first_views, MOST_COUNTED),
        n_unread=await unread_count(services, actor),
        demo_progress=progress.decode() if progress else None,
        may_change=changes_any_ticket(actor),
    )


async def more_rows(services: Services, actor: Actor, address: ListAddress) -> RowsView:
    """Return the rows behind a cursor, to be added to a list."""
    found = await _found_rows(services, actor, address, PAGE_SIZE)
    return rows_view(found.page, found.address, found.facts, is_more=True)


async def _found_rows(services: Services, actor: Actor, address: ListAddress, size: int) -> _FoundRows:
    customer = await _customer(services, actor, address)
    found, address = await _found(services, actor, address, customer, size)
    facts = await _facts_of(services, actor, found, address.search)
    return _FoundRows(found, address, facts, customer.name if customer else "")


async def _facts_of(services: Services, actor: Actor, found: InboxPage, search: str) -> RowFacts:
    people = await assignables(services, actor.project)
    ids = [ticket.id for ticket in found.tickets]
    writers = await last_writers(services.database, actor.project_id, ids)
    names = {one.key: one.name for one in people}
    called = {**names, f"user:{actor.user_id}": "You"}
    return RowFacts(
        names=names,
        labels={one.key: one.label for one in people},
        called=called,
        said_by={id: called.get(f"user:{user_id}", "") for id, user_id in writers.items()},
        found=await found_texts(services, actor, search, found.tickets),
        now=services.clock.now(),
    )


async def _customer(services: Services, actor: Actor, address: ListAddress) -> ListedCustomer | None:
    if not address.customer:
        return None
    return await listed_customer(services.database, actor.project_id, address.customer)


async def _found(
    services: Services, actor: Actor, address: ListAddress, customer: ListedCustomer | None, size: int
) -> tuple[InboxPage, ListAddress]:
    """Return the tickets, and the list that they are of: without its saved view where that is gone."""
    if address.is_plain:
        return await inbox_page(services, actor, address.filter, address.after, size), address
    try:
        asked = {**address.asked, **(customer.asked if customer else {})}
        return await narrowed_page(services, actor, asked, address.after, size), address
    except Invalid:
        if not address.view:
            raise
        return await _found(services, actor, address.replaced(view=""), customer, size)


async def whole_page(
    request: ParleyRequest,
    services: Services,
    actor: Actor,
    opened: TicketView | None,
    *,
    status: int = 200,
    told: Told | None = None,
) -> Response[Any]:
    """Render the list, with a ticket beside it if there is one; `told` is said above it."""
    number = opened.details.ticket.ticket_number if opened else None
    listed = _list_of(request, services, actor, number, told)
    if opened:
        return _rendered(request, await listed, opened, NOTHING_BESIDE, status=status)
    beside, shown = await services.database.both(_beside(services, actor), listed)
    return _rendered(request, shown, None, beside, status=status)


async def page_of_ticket(
    request: ParleyRequest,
    services: Services,
    actor: Actor,
    number: int,
    opening: Coroutine[Any, Any, TicketView],
) -> Response[Any]:
    """Render the list with a ticket beside it, and read both at the same time."""
    opened, shown = await services.database.both(opening, _list_of(request, services, actor, number, None))
    return _rendered(request, shown, opened, NOTHING_BESIDE)


async def _list_of(
    request: ParleyRequest, services: Services, actor: Actor, number: int | None, told: Told | None
) -> tuple[ListView, Told]:
    address, size = ListAddress.of(request.query_params), size_of(request.query_params)
    told = told or await told_of(services, actor, request.query_params)
    return await shown_list(services, actor, address, number, size=size, ticked=told.ticked), told


async def _beside(services: Services, actor: Actor) -> Beside:
    steps = await first_steps_of(services.database, actor)
    return Beside(steps=[*steps], lists=await own_lists(services, actor))


def _rendered(
    request: ParleyRequest,
    listed: tuple[ListView, Told],
    opened: TicketView | None,
    beside: Beside,
    *,
    status: int = 200,
) -> Response[Any]:
    found, told = listed
    shown = InboxView(
        list=found,
        opened=opened,
        beside=beside,
        is_welcome="welcome" in request.query_params,
        preferences=preferences_of(request),
        told=told,
    )
    return page(request, "inbox_page/inbox.html", shown, status=status)


def number_of(text: str | None) -> int | None:
    """Read a number of an address; None for what is none."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 9:
        return None
    return min(int(text), MAX_OFFSET)


def size_of(query: Mapping[str, str]) -> int:
    """Return how many rows a list has that is loaded anew while so many of it are shown."""
    n_shown = number_of(query.get("rows")) or 0
    return next((size for size in SIZES if size >= n_shown), SIZES[-1])
