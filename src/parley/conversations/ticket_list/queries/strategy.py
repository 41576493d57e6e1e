"""Which way a search goes.

Where few tickets fit the other filters, each is looked at. In a small project the index of texts finds them. In a large
one the head of the list is looked at first, which fills a page of a common word; the index finds the others.
"""

from typing import Any

import msgspec
from sqlalchemy import Select, bindparam, func, literal_column, select

from parley.conversations.search.rules import LOOKED_AT
from parley.conversations.ticket_changes.tables import ticket_ledger
from parley.conversations.ticket_list.queries.selects import is_one_of, ticket_count
from parley.conversations.ticket_list.queries.words import (
    count_through_index,
    has_number,
    has_words,
    newest,
    through_index,
)
from parley.conversations.ticket_list.rules.filters import TicketFilters, searched_number
from parley.conversations.tickets.tables import ticket
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.text.search import is_indexed, parts_of

FEW = 2_000
"""So many tickets are looked at one by one rather than found through the index of texts."""
PART = 4
"""A project with one of so many tickets of the whole database is alone in it, as far as search goes."""
SIZE = select(ticket_ledger.c.last_number).where(ticket_ledger.c.project_id == bindparam("project_id"))
LAST_NUMBER = Prepared(SIZE)
_SIZES = Prepared(
    SIZE.add_columns(
        literal_column("(SELECT reltuples FROM pg_class WHERE oid = CAST('ticket' AS regclass))")
    )
)


class Ways(msgspec.Struct, frozen=True):
    """How the tickets of a search are found."""

    all: Select[Any]
    """Every ticket, by the best way to all of them."""
    near: Select[Any] | None = None
    """The same tickets, for a walk along the order that ends soon; None where a walk is of no use."""
    counted: Select[Any] | None = None
    """How many they are, where that can be known without reading them."""


async def ways_of(db: Db, project_id: int, matching: Select[Any], filters: TicketFilters) -> Ways:
    """Return how to find the tickets of `matching`, which fit all other filters, that fit the search."""
    term, dialect = filters.search or "", db.dialect.name
    number = searched_number(term)
    if number is not None:
        return Ways(matching.where(has_number(number)))
    n_tickets, n_all = await _sizes(db, project_id)
    if not any(map(is_indexed, parts_of(term))):
        near = matching.where(has_words(term, dialect))
        return Ways(near if n_tickets <= LOOKED_AT else near.where(newest()))
    is_alone = n_tickets * PART >= n_all
    through = through_index(matching, term, dialect, is_alone=is_alone)
    if n_tickets <= FEW:
        return Ways(through)
    near = matching.where(has_words(term, dialect))
    if await _are_few(db, project_id, matching, filters):
        return Ways(near)
    is_all = filters == TicketFilters(search=filters.search)
    return Ways(through, near, count_through_index(term, dialect, is_alone=is_alone) if is_all else None)


async def _sizes(db: Db, project_id: int) -> tuple[int, float]:
    """Return how many tickets the project has had, and about how many the whole database has."""
    row = await db.row(LAST_NUMBER if db.dialect.name == "sqlite" else _SIZES, project_id=project_id)
    if row is None:
        return 0, 0.0
    return row[0], row[1] if len(row) > 1 else 0.0


async def _are_few(db: Db, project_id: int, matching: Select[Any], filters: TicketFilters) -> bool:
    """Say whether few tickets fit the other filters (ticket_ledger, or whatever index serves them)."""
    statuses = filters.statuses
    if msgspec.structs.replace(filters, search=None).is_by_status_only:
        return await ticket_count(db, project_id, statuses) <= FEW
    some = matching.where(is_one_of(statuses)) if statuses else matching
    some = some.with_only_columns(ticket.c.id).limit(FEW + 1)
    counted = select(func.count()).select_from(some.subquery("some"))
    n: int = (await db.execute(counted, {"project_id": project_id})).scalar_one()
    return n <= FEW
