"""What only the inbox asks for: its list by assignee, other tickets of a person, who can be assigned."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    Integer,
    bindparam,
    func,
    literal_column,
    select,
)

from parley.accounts.access_levels.queries.levels import levels_of
from parley.accounts.access_levels.queries.visibility import (
    TicketVisibility,
    access_values,
    is_hidden,
    visibility_of,
    visible_tickets,
)
from parley.accounts.memberships.tables import membership
from parley.accounts.roles.tables import role
from parley.accounts.users.tables import user_account
from parley.conversations.ticket_list.queries.counters import n_by_status
from parley.conversations.ticket_list.queries.lists import list_page, requested_list
from parley.conversations.ticket_list.queries.selects import Part, has_status, whole_page
from parley.conversations.ticket_list.rules.orders import (
    LATEST_FIRST,
    Order,
    cursor_behind,
    read_cursor,
)
from parley.conversations.tickets.queries.shown import (
    ID,
    LIVE,
    PROJECT,
    live_tickets,
    ticket_of,
)
from parley.conversations.tickets.rules import STATUSES
from parley.conversations.tickets.schemas import TicketOut
from parley.conversations.tickets.tables import ticket
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.http.authorization import Actor
from parley.kernel.http.cursors import encoded_cursor
from parley.kernel.http.dependencies import Services
from parley.kernel.http.paging import PageRequest

PAGE_SIZE = 50
MAX_OTHERS, MAX_PEOPLE = 6, 200

Who = Literal["all", "mine", "unassigned"]


class InboxFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which tickets the list shows; no statuses are all statuses."""

    statuses: tuple[str, ...] = ()
    who: Who = "all"


class InboxPage(msgspec.Struct, frozen=True):
    """Tickets, the latest change first, and the cursor behind the last one if there are more."""

    tickets: list[TicketOut]
    cursor: str | None
    count: int | None = None  # of all that match, where that is known


async def inbox_page(database: Database, actor: Actor, wanted: InboxFilter, after: str | None) -> InboxPage:
    """Return one page of the list (ix_ticket_recent, ix_ticket_status; of one's own tickets ix_ticket_assignee)."""
    cursor = read_cursor(after, LATEST_FIRST)
    visibility = visibility_of(actor)
    values: dict[str, Any] = {"project_id": actor.project_id, **access_values(actor)}
    if wanted.who == "mine":
        values["user_id"] = actor.user_id
    if cursor is not None:
        values |= {"cursor_value": cursor.value, "cursor_number": cursor.number}
    rows = await database.read(_page(wanted, visibility, cursor is not None, database.dialect), **values)
    levels = await levels_of(database, actor, [row[ID] for row in rows])
    tickets = [ticket_of(row, levels[row[ID]]) for row in rows]
    return _shown(tickets, LATEST_FIRST, None)


async def narrowed_page(
    services: Services, actor: Actor, query: Mapping[str, str], after: str | None
) -> InboxPage:
    """Return one page of the API's own list, in the order of the saved view that is asked for.

    Raises Invalid where the caller sees no such view.
    """
    page = PageRequest(limit=PAGE_SIZE + 1, cursor=after)
    asked = await requested_list(services, actor, query, page)
    found = await list_page(services, actor, asked)
    return _shown(found.tickets, asked.order, None if after else found.count)


def _shown(found: list[TicketOut], order: Order, count: int | None) -> InboxPage:
    """Return the page; one ticket more than it holds says that there are others."""
    tickets = found[:PAGE_SIZE]
    cursor = encoded_cursor(cursor_behind(tickets[-1], order)) if len(found) > PAGE_SIZE else None
    return InboxPage(tickets, cursor, count)


@lru_cache(maxsize=256)
def _page(
    wanted: InboxFilter, visibility: TicketVisibility, is_behind_cursor: bool, dialect: str
) -> Prepared:
    matching = live_tickets().where(*visible_tickets(visibility, ticket.c.id))
    statuses = wanted.statuses
    if wanted.who == "mine":
        matching = matching.where(ticket.c.assignee_user_id == bindparam("user_id", type_=Integer))
        if statuses:
            # One person's tickets are few: what has another status is left out of them.
            matching, statuses = matching.where(has_status(statuses)), ()
    elif wanted.who == "unassigned":
        matching = matching.where(ticket.c.assignee_user_id.is_(None), ticket.c.assignee_role_id.is_(None))
    part = Part(LATEST_FIRST, statuses, is_behind_cursor)
    return Prepared(whole_page(part, matching, PAGE_SIZE + 1, False, dialect))


def _counted(condition: ColumnElement[bool]) -> Prepared:
    counted = select(ticket.c.status, func.count()).where(PROJECT, LIVE, condition)
    return Prepared(counted.group_by(ticket.c.status))


_OPEN, _CLOSED = _counted(*visible_tickets("only", ticket.c.id)), _counted(is_hidden(ticket.c.id))


async def counts_seen(database: Database, actor: Actor) -> dict[str, int]:
    """Return how many tickets of each status the caller sees, exactly.

    Served by the primary key of the ledger, and for the tickets that are open or closed to the caller by that of ticket.
    """
    visibility, project_id = visibility_of(actor), actor.project_id
    if visibility == "all":
        return await n_by_status(database, project_id)
    found = await database.read(
        _OPEN if visibility == "only" else _CLOSED, project_id=project_id, **access_values(actor)
    )
    counts = {row[0]: row[1] for row in found}
    if visibility == "only":
        return {status: counts.get(status, 0) for status in STATUSES}
    total = await n_by_status(database, project_id)
    return {status: count - counts.get(status, 0) for status, count in total.items()}


class OtherTicket(msgspec.Struct, frozen=True):
    """Another ticket of the same person."""

    number: int
    status: str
    text: str | None
    updated_at: datetime
    distinct_id: str


@lru_cache(maxsize=256)
def _others(n_ids: int, visibility: TicketVisibility) -> Prepared:
    ids = [bindparam(f"id_{index}", type_=ticket.c.distinct_id.type) for index in range(n_ids)]
    return Prepared(
        select(
            ticket.c.number,
            ticket.c.status,
            ticket.c.last_message_text,
            ticket.c.updated_at,
            ticket.c.distinct_id,
        )
        .where(
            PROJECT,
            LIVE,
            ticket.c.distinct_id.in_(ids),
            ticket.c.number != bindparam("but", type_=Integer),
            *visible_tickets(visibility, ticket.c.id),
        )
        .order_by(ticket.c.created_at.desc())
        .limit(literal_column(str(MAX_OTHERS)))
    )


async def other_tickets(database: Database, actor: Actor, beside: TicketOut) -> list[OtherTicket]:
    """Return the newest other tickets of a ticket's person that the caller sees (ix_ticket_distinct_id)."""
    ids = (beside.person.distinct_ids if beside.person else [])[:100] or [beside.distinct_id]
    values = {f"id_{index}": id for index, id in enumerate(ids)} | access_values(actor)
    statement = _others(len(ids), visibility_of(actor))
    rows = await database.read(statement, project_id=actor.project_id, but=beside.ticket_number, **values)
    return [OtherTicket(*row) for row in rows]


class Assignable(msgspec.Struct, frozen=True):
    """Somebody who can take care of a ticket; `key` is `user:<id>` or `role:<uuid>`."""

    key: str
    name: str


_PEOPLE = Prepared(
    select(user_account.c.id, user_account.c.first_name, user_account.c.last_name, user_account.c.email)
    .join(membership, membership.c.user_id == user_account.c.id)
    .where(membership.c.organization_id == bindparam("organization_id"), user_account.c.is_active.is_(True))
    .order_by(user_account.c.first_name, user_account.c.email)
    .limit(literal_column(str(MAX_PEOPLE)))
)
_ROLES = Prepared(
    select(role.c.id, role.c.name)
    .where(role.c.organization_id == bindparam("organization_id"))
    .order_by(role.c.name)
    .limit(literal_column(str(MAX_PEOPLE)))
)


async def assignables(database: Database, organization_id: UUID) -> list[Assignable]:
    """Return members by name, then roles (unique indexes of membership and role, both led by the organization)."""
    people = await database.read(_PEOPLE, organization_id=organization_id)
    roles = await database.read(_ROLES, organization_id=organization_id)
    named = [
        Assignable(f"user:{id}", f"{first} {last}".strip() or email) for id, first, last, email in people
    ]
    return named + [Assignable(f"role:{id}", name) for id, name in roles]


def demo_key(project_id: int) -> str:
    """Return the cache key under which the loader of the demo data says how far it is."""
    return f"demo:{project_id}"
