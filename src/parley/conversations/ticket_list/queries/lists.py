"""The ticket list: from a query to a page of tickets, and the count of all that match.

How the tickets are found `strategy.py` decides. The count has to look at every match: it is read only when the page
doesn't show the end of the list, and in a large project remembered for a few seconds, until something changes, for
whoever turns the pages.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Generic, TypeVar

import msgspec

from parley.accounts.access_levels.queries.levels import default_level, levels_of
from parley.accounts.access_levels.queries.visibility import access_values, visibility_of
from parley.conversations.saved_views.queries import visible_view_filters
from parley.conversations.ticket_api.queries.shown import ID, PLAIN, TOTAL, ticket_of
from parley.conversations.ticket_api.queries.written import VERSION, keep_tickets, kept_tickets
from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.ticket_changes.queries import last_change
from parley.conversations.ticket_list.queries.conditions import ListMoment, times_of
from parley.conversations.ticket_list.queries.counters import n_with_status
from parley.conversations.ticket_list.queries.readers import (
    FirstPageReader,
    PlanReader,
    Reader,
    Rows,
    StatusReader,
)
from parley.conversations.ticket_list.queries.selects import Part
from parley.conversations.ticket_list.queries.strategy import is_by_status, plan_of
from parley.conversations.ticket_list.rules.filters import (
    TicketFilters,
    filters_of_view,
    given_filters,
    order_of_list,
)
from parley.conversations.ticket_list.rules.orders import (
    Order,
    TicketCursor,
    cursor_behind,
    read_cursor,
)
from parley.kernel.database.database import Database
from parley.kernel.database.time_limit import stopped_after
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.paging import PageRequest
from parley.kernel.services import Services
from parley.kernel.text.cursors import encoded_cursor
from parley.kernel.text.time_zones import zone

T = TypeVar("T")

PAGE_SIZES = (10, 25, 51, 101, 251, 501, 1000)
"""Of statements. The inbox asks for one more than it shows, to know whether there are others."""
EVENTS_LIMIT_S = 20
"""Of a list behind a figure of a support report, which reads as many events as that."""


class ListRequest(msgspec.Struct, frozen=True):
    """Which page of which list is asked for; with a cursor the offset only says how many tickets lie before it."""

    filters: TicketFilters
    order: Order
    limit: int
    offset: int
    cursor: TicketCursor | None


class ListPage(msgspec.Struct, Generic[T], frozen=True):
    """A page of tickets, how many there are in all, the cursor behind the last one, and whether others follow it."""

    tickets: Sequence[T]
    count: int
    cursor: str | None
    has_more: bool


async def requested_list(
    services: Services, actor: Actor, query: Mapping[str, str], page: PageRequest
) -> ListRequest:
    """Read a query, and the saved view that it names; raises Invalid where the caller sees no such view."""
    filters, view, short_id = given_filters(query, actor.user_id), None, query.get("view")
    if short_id:
        is_name = short_id.isascii() and short_id.isalnum()
        view = await visible_view_filters(services.database, actor, short_id) if is_name else None
        if view is None:
            raise Invalid("No saved ticket view matches this short_id.", attr="view")
        of_view = filters_of_view(view, actor.user_id)
        wanted = msgspec.structs.replace(of_view, **filters)
    else:
        wanted = TicketFilters(**filters)
    order = order_of_list(query.get("order_by"), view)
    return ListRequest(wanted, order, page.limit, page.offset, read_cursor(page.cursor, order))


async def written_page(
    services: Services, actor: Actor, asked: ListRequest
) -> ListPage[TicketOut] | ListPage[msgspec.Raw]:
    """Return what `list_page` does, whose tickets may be their JSON.

    On PostgreSQL that is kept for the first page of a list by status, which is asked for again and again. Who turns to
    later pages reads each of them once.
    """
    is_first, is_postgresql = not (asked.cursor or asked.offset), services.database.dialect == "postgresql"
    if is_first and is_postgresql and is_by_status(asked.filters, visibility_of(actor)):
        found = await _kept_page(services, actor, asked)
        if found is not None:
            return found
    return await list_page(services, actor, asked)


async def _kept_page(services: Services, actor: Actor, asked: ListRequest) -> ListPage[msgspec.Raw] | None:
    """Return the first page of a list by status; None where it is empty, or has changed while it was read.

    What was asked for is kept beside the tickets, and is forgotten as they are: where it is, most of them are.
    """
    kept, project_id, level = services.recent_tickets, actor.project_id, default_level(actor)
    this, key = (project_id, level, asked), asked.order.key
    is_kept = kept.get(this, None) is not None
    rows = await _rows(FirstPageReader(services.database, project_id, only_versions=is_kept), asked)
    if not rows:
        return None
    if is_kept:
        written = await kept_tickets(services, project_id, level, rows)
        _, number, value, count = rows[-1][:VERSION]
    else:
        written = keep_tickets(kept, project_id, level, rows)
        number, value, count = (rows[-1][at] for at in (PLAIN.index("number"), PLAIN.index(key), TOTAL))
    if written is None:
        return None
    kept.put(this, None, b"")
    cursor = encoded_cursor(TicketCursor(key, None if key == "number" else value, number))
    return ListPage(written, count, cursor, asked.limit < count)


async def list_page(services: Services, actor: Actor, asked: ListRequest) -> ListPage[TicketOut]:
    """Return the page that is asked for, and the count of all that match.

    A list that reads events raises Throttled where many wait, and QueryTookTooLong after EVENTS_LIMIT_S.
    """
    visibility = visibility_of(actor)
    if is_by_status(asked.filters, visibility):
        return await _page_by_status(services.database, actor, asked)
    at = ListMoment(services.clock.now(), zone(actor.project.timezone))
    last = await last_change(services.cache, actor.project_id)
    async with _reading(services, actor, asked.filters) as db:
        plan = await plan_of(db, actor.project_id, asked.filters, asked.order, visibility, at)
        values = {"project_id": actor.project_id, **access_values(actor), **times_of(asked.filters, at)}
        reader = PlanReader(db, plan, values)
        rows = await _rows(reader, asked)
        if reader.total is not None:
            count = reader.total
        elif asked.cursor is None and len(rows) < asked.limit and (rows or not asked.offset):
            count = asked.offset + len(rows)
        else:
            count = await reader.count(services.cache, last)
        levels = await levels_of(db, actor, [row[ID] for row in rows])
        tickets = [ticket_of(row, levels[row[ID]]) for row in rows]
        return await _listed(reader, asked, tickets, count)


@asynccontextmanager
async def _reading(services: Services, actor: Actor, filters: TicketFilters) -> AsyncIterator[Db]:
    """Open a reading transaction. What reads events waits for its turn beside insights and reports, and is stopped."""
    async with AsyncExitStack() as stack:
        if filters.reads_events:
            await stack.enter_async_context(services.query_turns.taken(str(actor.project_id)))
        db = await stack.enter_async_context(services.database.transaction(write=False))
        if filters.reads_events:
            await stack.enter_async_context(stopped_after(db, EVENTS_LIMIT_S))
        yield db


async def _page_by_status(database: Database, actor: Actor, asked: ListRequest) -> ListPage[TicketOut]:
    reader = StatusReader(database, actor.project_id)
    rows = await _rows(reader, asked)
    level = default_level(actor)
    tickets = [ticket_of(row, level) for row in rows]
    if rows:
        count: int = rows[0][TOTAL]
    else:
        count = await n_with_status(database, actor.project_id, asked.filters.statuses)
    return await _listed(reader, asked, tickets, count)


async def _listed(
    reader: Reader, asked: ListRequest, tickets: list[TicketOut], count: int
) -> ListPage[TicketOut]:
    """Return the page. By count and offset alone, a list that shrinks while it is read would seem to end too early."""
    cursor = cursor_behind(tickets[-1], asked.order) if tickets else None
    has_more = asked.offset + asked.limit < count
    if asked.cursor is not None:
        is_full = len(tickets) == asked.limit
        next_one = msgspec.structs.replace(asked, limit=1, offset=0, cursor=cursor)
        has_more = is_full and (has_more or bool(await _rows(reader, next_one)))
    return ListPage(tickets, count, encoded_cursor(cursor) if cursor else None, has_more)


async def _rows(reader: Reader, asked: ListRequest) -> Rows:
    """Read a page; where tickets may lack the key of the order, those that have it first, then the others."""
    order, statuses, cursor = asked.order, asked.filters.statuses, asked.cursor
    offset = 0 if cursor else asked.offset
    if not order.is_nullable:
        return await _part(reader, Part(order, statuses, cursor is not None), asked.limit, offset, cursor)
    rows: list[Any] = []
    if cursor is None or cursor.value is not None:
        having = Part(order, statuses, cursor is not None, has_key=True)
        rows += await _part(reader, having, asked.limit, offset, cursor)
    if len(rows) == asked.limit:
        return rows
    if offset and not rows:
        offset -= await reader.n_having_key(order, statuses)
    is_in_rest = cursor is not None and cursor.value is None
    rest = Part(order, statuses, is_in_rest, has_key=False)
    offset = 0 if rows else offset
    rows += await _part(reader, rest, asked.limit - len(rows), offset, cursor if is_in_rest else None)
    return rows


async def _part(reader: Reader, part: Part, limit: int, offset: int, cursor: TicketCursor | None) -> Rows:
    size = next(size for size in PAGE_SIZES if size >= limit)
    place: dict[str, Any] = {}
    if cursor is not None:
        place["cursor_number"] = cursor.number
        if not part.is_by_number:
            place["cursor_value"] = cursor.value
    if offset:
        place |= {"offset": offset, "reach": offset + size}
    return (await reader.rows(part, size, place))[:limit]
