"""The pages of the inbox's list: by assignee alone, or narrowed down as the API's list is."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal

import msgspec
from sqlalchemy import Integer, bindparam

from parley.accounts.access_levels.queries.levels import levels_of
from parley.accounts.access_levels.queries.visibility import (
    TicketVisibility,
    access_values,
    visibility_of,
    visible_tickets,
)
from parley.conversations.ticket_api.queries.shown import ID, live_tickets, ticket_of
from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.ticket_list.queries.lists import list_page, requested_list
from parley.conversations.ticket_list.queries.selects import Part, has_status, whole_page
from parley.conversations.ticket_list.rules.orders import (
    LATEST_FIRST,
    ORDERS,
    Order,
    cursor_behind,
    read_cursor,
)
from parley.conversations.tickets.tables import ticket
from parley.kernel.database.prepared import Prepared
from parley.kernel.http.authorization import Actor
from parley.kernel.http.paging import PageRequest
from parley.kernel.services import Services
from parley.kernel.text.cursors import encoded_cursor

PAGE_SIZE = 50

Who = Literal["all", "mine", "unassigned"]


class InboxFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which tickets the list shows; no statuses are all statuses."""

    statuses: tuple[str, ...] = ()
    who: Who = "all"
    hides_snoozed: bool = False
    is_overdue: bool = False


class InboxPage(msgspec.Struct, frozen=True):
    """Tickets in their order, and the cursor behind the last one if there are more."""

    tickets: list[TicketOut]
    cursor: str | None
    order: Order
    count: int | None = None  # of all that match, where that is known


async def inbox_page(
    services: Services, actor: Actor, wanted: InboxFilter, after: str | None, size: int = PAGE_SIZE
) -> InboxPage:
    """Return one page of the list (ix_ticket_recent, ix_ticket_status; of one's own tickets ix_ticket_assignee)."""
    database, order = services.database, _order_of(wanted)
    cursor = read_cursor(after, order)
    visibility = visibility_of(actor)
    values: dict[str, Any] = {"project_id": actor.project_id, **access_values(actor)}
    if wanted.is_overdue:
        values["now"] = services.clock.now()
    if wanted.who == "mine":
        values["user_id"] = actor.user_id
    if cursor is not None:
        values |= {"cursor_value": cursor.value, "cursor_number": cursor.number}
    rows = await database.read(
        _page(wanted, visibility, cursor is not None, size, database.dialect), **values
    )
    levels = await levels_of(database, actor, [row[ID] for row in rows])
    tickets = [ticket_of(row, levels[row[ID]]) for row in rows]
    return _shown(tickets, order, None, size)


def _order_of(wanted: InboxFilter) -> Order:
    return ORDERS["sla_due_at"] if wanted.is_overdue else LATEST_FIRST


async def narrowed_page(
    services: Services, actor: Actor, query: Mapping[str, str], after: str | None, size: int = PAGE_SIZE
) -> InboxPage:
    """Return one page of the API's own list, in the order of the saved view that is asked for.

    Raises Invalid where the caller sees no such view.
    """
    page = PageRequest(limit=size + 1, cursor=after)
    asked = await requested_list(services, actor, query, page)
    found = await list_page(services, actor, asked)
    return _shown(found.tickets, asked.order, None if after else found.count, size)


def _shown(found: Sequence[TicketOut], order: Order, count: int | None, size: int) -> InboxPage:
    """Return the page; one ticket more than it holds says that there are others."""
    tickets = list(found[:size])
    cursor = encoded_cursor(cursor_behind(tickets[-1], order)) if len(found) > size else None
    return InboxPage(tickets, cursor, order, count)


@lru_cache(maxsize=256)
def _page(
    wanted: InboxFilter, visibility: TicketVisibility, is_behind_cursor: bool, size: int, dialect: str
) -> Prepared:
    matching = live_tickets().where(*visible_tickets(visibility, ticket.c.id))
    if wanted.is_overdue:
        due = ticket.c.sla_due_at
        matching = matching.where(due < bindparam("now", type_=due.type))
    if wanted.hides_snoozed:
        matching = matching.where(ticket.c.snoozed_until.is_(None))
    statuses = wanted.statuses
    if wanted.who == "mine":
        matching = matching.where(ticket.c.assignee_user_id == bindparam("user_id", type_=Integer))
        if statuses:
            # One person's tickets are few: what has another status is left out of them.
            matching, statuses = matching.where(has_status(statuses)), ()
    elif wanted.who == "unassigned":
        matching = matching.where(ticket.c.assignee_user_id.is_(None), ticket.c.assignee_role_id.is_(None))
    part = Part(_order_of(wanted), statuses, is_behind_cursor, has_key=True if wanted.is_overdue else None)
    return Prepared(whole_page(part, matching, size + 1, False, dialect))
