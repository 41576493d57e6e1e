"""How the tickets of a list are found. All of the decision is here: `is_by_status`, then `plan_of`.

- *By status*: nothing but statuses are asked for, and the caller sees all tickets. Statements that are compiled once find
  the page, and the counters have the total.
- *Walk*: the index of the order has the matches one after the other, or the project is small. The index of the order is read
  from the beginning of the page to its end.
- *Walk a little*: any other filters, and searches for a common word. The same is read, but no more than `reach` tickets:
  where few match, or all are far away, it would be the whole project. What is not found by then is gathered.
- *Gather*: few match, or an index of their own has those that match. All that match are found by it, then sorted.

A search looks at each ticket where few fit the other filters. In a small project the index of texts finds them. In a large
one the head of the list is walked first, which fills a page of a common word; the index of texts finds the others.
"""

from typing import Any, Literal

import msgspec
from sqlalchemy import Select, func, select

from parley.accounts.access_levels.queries.visibility import TicketVisibility, visible_tickets
from parley.conversations.search.indexed_text import LOOKED_AT
from parley.conversations.ticket_list.queries.conditions import (
    ListMoment,
    count_through_index,
    fitting_tickets,
    has_number,
    has_words,
    in_time,
    matching_tickets,
    newest,
    through_index,
    times_of,
)
from parley.conversations.ticket_list.queries.counters import last_number, n_with_status, sizes
from parley.conversations.ticket_list.queries.selects import has_status
from parley.conversations.ticket_list.rules.filters import NOBODY, TicketFilters, searched_number
from parley.conversations.ticket_list.rules.orders import Order
from parley.conversations.tickets.tables import IN_FACTS, ticket
from parley.kernel.database.transaction import Db
from parley.kernel.text.search_terms import is_indexed, parts_of

REACH = 4_000
# Looking through the texts of a ticket takes longer. So many fill a page of a word that one ticket of twenty holds.
REACH_OF_SEARCH = 2_000
FEW = 2_000
"""So many tickets are looked at one by one rather than found through the index of texts."""
PART = 4
"""A project with one of so many tickets of the whole database is alone in it, as far as search goes."""

Strategy = Literal["walk", "walk a little", "gather"]


def is_by_status(filters: TicketFilters, visibility: TicketVisibility) -> bool:
    """Say whether the prepared statements of each status' part of an index find the page."""
    return visibility == "all" and filters.is_by_status_only


class Matches(msgspec.Struct, frozen=True):
    """Every ticket that fits the filters but that of status, whoever sees it."""

    all: Select[Any]
    """By the best way to all of them."""
    one_by_one: Select[Any] | None = None
    """So that each can be checked on a walk; None where a walk is of no use."""
    counted: Select[Any] | None = None
    """How many they are, where that can be known without reading them."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How a page is found, and the SELECTs that it is made of. The filter of status is left to the page and the count."""

    strategy: Strategy
    matches: Matches
    passed: Select[Any]
    """What a walk goes through: all tickets of the time that is asked for."""
    reach: int
    """How many tickets a walk goes through that has to stop."""
    filters: TicketFilters
    visibility: TicketVisibility

    def visible(self, matching: Select[Any]) -> Select[Any]:
        """Leave out what the caller doesn't see."""
        return matching.where(*visible_tickets(self.visibility, ticket.c.id))


async def plan_of(
    db: Db,
    project_id: int,
    filters: TicketFilters,
    order: Order,
    visibility: TicketVisibility,
    at: ListMoment,
) -> Plan:
    """Decide how the page of a list is found that isn't by status only."""
    matching, is_search = matching_tickets(filters, at), filters.search is not None
    has_own_index, has_sorted_index = _has_own_index(filters), not is_search and _has_sorted_index(filters)
    if is_search:
        matches = await _matches_of_search(db, project_id, matching, filters, at)
    else:
        matches = Matches(matching, None if has_own_index else matching)
    strategy: Strategy
    if visibility == "only" or matches.one_by_one is None:
        strategy = "gather"
    elif is_search:
        strategy = "walk a little"
    elif order.key == "updated_at" and (has_sorted_index or _is_of_status_and_time(filters)):
        strategy = "walk"
    else:
        strategy = "walk" if await last_number(db, project_id) <= REACH else "walk a little"
    if not (has_own_index or has_sorted_index):
        matches = msgspec.structs.replace(matches, all=_in_facts(matches.all))
    return Plan(
        strategy=strategy,
        matches=matches,
        passed=in_time(filters),
        reach=REACH_OF_SEARCH if is_search else REACH,
        filters=filters,
        visibility=visibility,
    )


def all_fitting(filters: TicketFilters) -> Select[Any]:
    """Return all tickets that fit filters of no search and no happening, by the best way to all of them."""
    fitting = fitting_tickets(filters)
    return fitting if _has_own_index(filters) or _has_sorted_index(filters) else _in_facts(fitting)


def _in_facts(matching: Select[Any]) -> Select[Any]:
    """Find all of what no index of its own has in ix_ticket_facts."""
    return matching.where(IN_FACTS)


async def _matches_of_search(
    db: Db, project_id: int, matching: Select[Any], filters: TicketFilters, at: ListMoment
) -> Matches:
    """Return the tickets of `matching`, which fit all other filters, that fit the search."""
    term, dialect = filters.search or "", db.dialect.name
    number = searched_number(term)
    if number is not None:
        return Matches(matching.where(has_number(number)))
    n_tickets, n_all = await sizes(db, project_id)
    if not any(map(is_indexed, parts_of(term))):
        one_by_one = matching.where(has_words(term, dialect))
        return Matches(one_by_one if n_tickets <= LOOKED_AT else one_by_one.where(newest()))
    is_alone = n_tickets * PART >= n_all
    through = through_index(matching, term, dialect, is_alone=is_alone)
    if n_tickets <= FEW:
        return Matches(through)
    one_by_one = matching.where(has_words(term, dialect))
    if await _are_few(db, project_id, matching, filters, at):
        return Matches(one_by_one)
    is_all = filters == TicketFilters(search=filters.search)
    counted = count_through_index(term, dialect, is_alone=is_alone) if is_all else None
    return Matches(through, one_by_one, counted)


async def _are_few(
    db: Db, project_id: int, matching: Select[Any], filters: TicketFilters, at: ListMoment
) -> bool:
    """Say whether few tickets fit the other filters (ticket_ledger, or whatever index serves them)."""
    statuses = filters.statuses
    if msgspec.structs.replace(filters, search=None).is_by_status_only:
        return await n_with_status(db, project_id, statuses) <= FEW
    some = matching.where(has_status(statuses)) if statuses else matching
    some = some.with_only_columns(ticket.c.id).limit(FEW + 1)
    counted = select(func.count()).select_from(some.subquery("some"))
    values = {"project_id": project_id, **times_of(filters, at)}
    n: int = (await db.execute(counted, values)).scalar_one()
    return n <= FEW


def _is_of_status_and_time(filters: TicketFilters) -> bool:
    return filters == TicketFilters(
        statuses=filters.statuses, date_from=filters.date_from, date_to=filters.date_to
    )


def _has_own_index(filters: TicketFilters) -> bool:
    is_of_few = filters.distinct_ids or filters.emails or filters.mentioned is not None
    return bool(is_of_few or filters.reads_events)


def _has_sorted_index(filters: TicketFilters) -> bool:
    """Say whether an index has the matches, and these only, in the order in which they changed."""
    rest = msgspec.structs.replace(filters, date_from=None, date_to=None)
    if len(rest.assignees) == 1 and rest.assignees != (NOBODY,):
        return rest == TicketFilters(assignees=rest.assignees)
    return len(rest.priorities) == 1 and rest == TicketFilters(priorities=rest.priorities)
