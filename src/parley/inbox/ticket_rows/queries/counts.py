"""How many tickets the inbox has: of each status, and in each of its sections."""

from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Integer, bindparam, func, literal_column, select

from parley.accounts.access_levels.queries.visibility import (
    TicketVisibility,
    access_values,
    is_hidden,
    visibility_of,
    visible_tickets,
)
from parley.conversations.ticket_list.queries.conditions import tickets_that_mention
from parley.conversations.ticket_list.queries.counters import n_by_status
from parley.conversations.ticket_list.queries.selects import has_status
from parley.conversations.tickets.queries.tickets import PROJECT
from parley.conversations.tickets.rules.fields import STATUSES
from parley.conversations.tickets.tables import FREE, IN_FACTS, LIVE, OWED, ticket
from parley.inbox.ticket_rows.names import ACTIVE
from parley.kernel.clock import Clock
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.http.authorization import Actor

MOST_COUNTED = 100
"""More than these aren't counted: nobody needs to know how many hundreds wait, and each reader would pay for it."""
_IS_AWAKE = ticket.c.snoozed_until.is_(None)


class SectionCounts(msgspec.Struct, frozen=True):
    """How many unresolved tickets are in each section, or `MOST_COUNTED` where they are so many or more."""

    all: int
    mine: int
    unassigned: int
    mentioned: int
    snoozed: int
    overdue: int


def _counted(condition: ColumnElement[bool]) -> Prepared:
    counted = select(ticket.c.status, func.count()).where(PROJECT, LIVE, condition)
    return Prepared(counted.group_by(ticket.c.status))


_OPEN, _CLOSED = _counted(*visible_tickets("only", ticket.c.id)), _counted(is_hidden(ticket.c.id))


async def visible_counts(database: Database, actor: Actor) -> dict[str, int]:
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


async def section_counts(database: Database, actor: Actor, clock: Clock) -> SectionCounts:
    """Return how many tickets are in each section.

    Each is bounded, and is read from an index of what it has: ix_ticket_facts, ix_ticket_assignee, ix_ticket_free,
    ix_ticket_snooze, ix_ticket_owed.
    """
    values: dict[str, Any] = {"user_id": actor.user_id, "now": clock.now(), **access_values(actor)}
    rows = await database.read(_sections(visibility_of(actor)), project_id=actor.project_id, **values)
    return SectionCounts(*rows[0])


@lru_cache(maxsize=8)
def _sections(visibility: TicketVisibility) -> Prepared:
    is_active, is_unresolved = has_status(ACTIVE), ticket.c.status != "resolved"
    is_mine = ticket.c.assignee_user_id == bindparam("user_id", type_=Integer)
    is_late = ticket.c.sla_due_at < bindparam("now", type_=ticket.c.sla_due_at.type)
    mentioning = tickets_that_mention(bindparam("user_id", type_=Integer))
    sections: dict[str, tuple[Any, ...]] = {
        "all": (IN_FACTS, is_active, _IS_AWAKE),
        "mine": (is_unresolved, is_mine, _IS_AWAKE),
        # The words of FREE and OWED are those of the partial indexes.
        "unassigned": (FREE,),
        "mentioned": (is_unresolved, ticket.c.id.in_(mentioning)),
        "snoozed": (is_unresolved, ticket.c.snoozed_until.is_not(None)),
        "overdue": (OWED, is_late),
    }
    return Prepared(
        select(*(_at_most(visibility, *conditions).label(name) for name, conditions in sections.items()))
    )


def _at_most(visibility: TicketVisibility, *conditions: Any) -> Any:
    """Count the tickets that the caller sees for which these conditions hold, up to a bound."""
    some = select(ticket.c.id).where(PROJECT, LIVE, *conditions)
    some = some.where(*visible_tickets(visibility, ticket.c.id)).limit(literal_column(str(MOST_COUNTED)))
    return select(func.count()).select_from(some.subquery()).scalar_subquery()


def demo_key(project_id: int) -> str:
    """Return the cache key under which the loader of the demo data says how far it is."""
    return f"demo:{project_id}"
