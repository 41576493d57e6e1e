"""Lists of tickets that cost the page, however many tickets there are.

The text of a statement depends on the order, the statuses and the size of the page, but never on values: PostgreSQL
plans a statement once when it can see how few rows it returns, and that each status has its own part of an index.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)

from parley.accounts.access_levels.queries.levels import default_level
from parley.conversations.ticket_changes.tables import ticket_ledger
from parley.conversations.ticket_list.rules.cursors import Mark, mark_text, read_mark
from parley.conversations.tickets.queries.shown import TOTAL, live_tickets, shown_in_list, ticket_of
from parley.conversations.tickets.rules import STATUSES, Order
from parley.conversations.tickets.schemas import TicketOut
from parley.conversations.tickets.tables import ticket
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor
from parley.kernel.http.paging import PageRequest

PAGE_SIZES = (10, 25, 50, 100, 250, 500, 1000)


class Listed(msgspec.Struct, frozen=True):
    """A page of tickets, how many there are in all, the mark behind the last one, and whether others follow it."""

    tickets: list[TicketOut]
    count: int
    mark: str | None
    has_more: bool


async def tickets_page(
    database: Database, actor: Actor, *, statuses: tuple[str, ...], order: Order, asked: PageRequest
) -> Listed:
    """Return one page of all tickets, for callers who have one level on all of them.

    Served by ix_ticket_recent, ix_ticket_status, ix_ticket_created, ix_ticket_sla and ix_ticket_snooze.
    """
    mark = read_mark(asked.cursor, order)
    reader = _Plain(database, actor.project_id)
    rows = await page_rows(reader, statuses, order, asked, mark)
    level = default_level(actor)
    tickets = [ticket_of(row, level) for row in rows]
    if rows:
        count: int = rows[0][TOTAL]
    else:
        found = await database.read(_count(statuses), project_id=actor.project_id)
        count = found[0][0] or 0
    return await listed(reader, statuses, order, asked, tickets, count)


async def listed(
    reader: "Reader",
    statuses: tuple[str, ...],
    order: Order,
    asked: PageRequest,
    tickets: list[TicketOut],
    count: int,
) -> Listed:
    """Return the page. By count and offset alone, a list that shrinks while it is read would seem to end too early."""
    mark = mark_text(tickets[-1], order) if tickets else None
    has_more = asked.offset + asked.limit < count
    if read_mark(asked.cursor, order) is not None:
        is_full = len(tickets) == asked.limit
        one = PageRequest(limit=1, cursor=mark)
        has_more = is_full and (
            has_more or bool(await page_rows(reader, statuses, order, one, read_mark(mark, order)))
        )
    return Listed(tickets, count, mark, has_more)


class Reader(Protocol):
    """Reads parts of a list; `given` are the place of a mark and an offset."""

    async def part(self, part: "Part", size: int, given: dict[str, Any]) -> Sequence[Sequence[Any]]: ...
    async def n_having_key(self, order: Order, statuses: tuple[str, ...]) -> int: ...


async def page_rows(
    reader: Reader, statuses: tuple[str, ...], order: Order, asked: PageRequest, mark: Mark | None
) -> Sequence[Sequence[Any]]:
    """Read a page; where tickets may lack the key of the order, those that have it first, then the others."""
    offset = 0 if mark else asked.offset
    if not order.is_nullable:
        return await _part(reader, Part(order, statuses, mark is not None), asked.limit, offset, mark)
    rows: list[Sequence[Any]] = []
    if mark is None or mark.value is not None:
        having = Part(order, statuses, mark is not None, has_key=True)
        rows += await _part(reader, having, asked.limit, offset, mark)
    if len(rows) == asked.limit:
        return rows
    if offset and not rows:
        offset -= await reader.n_having_key(order, statuses)
    is_in_rest = mark is not None and mark.value is None
    rest = Part(order, statuses, is_in_rest, has_key=False)
    offset = 0 if rows else offset
    rows += await _part(reader, rest, asked.limit - len(rows), offset, mark if is_in_rest else None)
    return rows


class Part(msgspec.Struct, frozen=True):
    """What decides the text of a statement. `has_key`: only tickets that have the order's key, or that lack it."""

    order: Order
    statuses: tuple[str, ...]
    is_marked: bool
    has_key: bool | None = None


async def _part(
    reader: Reader, part: Part, limit: int, offset: int, mark: Mark | None
) -> Sequence[Sequence[Any]]:
    size = next(size for size in PAGE_SIZES if size >= limit)
    given: dict[str, Any] = {}
    if mark is not None:
        given["mark_number"] = mark.number
        if part.has_key is not False and part.order.key != "number":
            given["mark_value"] = mark.value
    if offset:
        given |= {"offset": offset, "reach": offset + size}
    return (await reader.part(part, size, given))[:limit]


class _Plain(msgspec.Struct, frozen=True):
    """Reads lists without filters but that of status, through statements that are compiled once."""

    database: Database
    project_id: int

    async def part(self, part: Part, size: int, given: dict[str, Any]) -> Sequence[Sequence[Any]]:
        statement = _statement(part, size, "offset" in given, self.database.dialect)
        return await self.database.read(statement, project_id=self.project_id, **given)

    async def n_having_key(self, order: Order, statuses: tuple[str, ...]) -> int:
        found = await self.database.read(_having_key(order, statuses), project_id=self.project_id)
        count: int = found[0][0]
        return count


@lru_cache(maxsize=512)
def _statement(part: Part, size: int, has_offset: bool, dialect: str) -> Prepared:
    return Prepared(
        whole_page(
            part, live_tickets(), size, has_offset, dialect, total=_total(part.statuses).label("total")
        )
    )


def whole_page(
    part: Part,
    matching: Select[Any],
    size: int,
    has_offset: bool,
    dialect: str,
    *,
    total: ColumnElement[int] | None = None,
) -> Select[Any]:
    """Select the part of `matching`, a SELECT that began as `live_tickets`, as whole tickets."""
    page = _chosen(part, matching, size, has_offset).limit(literal_column(str(size)))
    if has_offset:
        page = page.offset(bindparam("offset", type_=BigInteger))
    shape = page.subquery("page")
    return shown_in_list(shape, dialect, total).order_by(*ordering(part, shape.c))


def _chosen(part: Part, matching: Select[Any], size: int, has_offset: bool) -> Select[Any]:
    """Sort what matches. A few statuses are merged from the head of each one's own part of the index."""
    matching = in_part(matching, part)
    if not part.statuses:
        return matching.order_by(*ordering(part, ticket.c))
    if part.order.key != "updated_at" or len(part.statuses) == 1:
        return matching.where(is_one_of(part.statuses)).order_by(*ordering(part, ticket.c))
    reach: Any = bindparam("reach", type_=BigInteger) if has_offset else literal_column(str(size))
    heads = [
        select(
            matching.where(is_one_of((status,)))
            .order_by(*ordering(part, ticket.c))
            .limit(reach)
            .subquery(f"of_{status}")
        )
        for status in part.statuses
    ]
    together = union_all(*heads).subquery("together")
    return select(together).order_by(*ordering(part, together.c))


def in_part(matching: Select[Any], part: Part) -> Select[Any]:
    """Narrow a SELECT of tickets to the part of the list, whatever their status."""
    matching = _beyond_mark(matching, part)
    if part.has_key is None:
        return matching
    column = ticket.c[part.order.key]
    return matching.where(column.is_not(None) if part.has_key else column.is_(None))


def is_one_of(statuses: tuple[str, ...]) -> ColumnElement[bool]:
    """Return the condition with the names in the text: how rare a status is decides the plan."""
    names: list[ColumnElement[str]] = [
        literal_column(f"'{status}'") for status in statuses if status in STATUSES
    ]
    return ticket.c.status == names[0] if len(names) == 1 else ticket.c.status.in_(names)


def ordering(part: Part, columns: Any) -> list[ColumnElement[Any]]:
    """Return the ORDER BY of the part."""
    number = columns["number"]
    if part.has_key is False:
        return [number.desc()]
    if part.order.key == "number":
        return [number.desc() if part.order.descending else number.asc()]
    key = columns[part.order.key]
    return [key.desc() if part.order.descending else key.asc(), number.desc()]


def _beyond_mark(rows: Select[Any], part: Part) -> Select[Any]:
    """Leave out what earlier pages have shown, as a range of the index."""
    if not part.is_marked:
        return rows
    number = ticket.c.number
    at_number = bindparam("mark_number", type_=Integer)
    if part.has_key is False:
        return rows.where(number < at_number)
    if part.order.key == "number":
        return rows.where(number < at_number if part.order.descending else number > at_number)
    key = ticket.c[part.order.key]
    at_key = bindparam("mark_value", type_=key.type)
    if part.order.descending:
        return rows.where(tuple_(key, number) < tuple_(at_key, at_number))
    return rows.where(and_(key >= at_key, or_(key > at_key, number < at_number)))


def _total(statuses: tuple[str, ...]) -> ScalarSelect[int]:
    """Return the exact count of matches from the ledger (primary key)."""
    counters = [ticket_ledger.c[f"n_{status}"] for status in statuses or STATUSES]
    counted: ColumnElement[Any] = counters[0]
    for counter in counters[1:]:
        counted = counted + counter
    mine = ticket_ledger.c.project_id == bindparam("project_id")
    return select(counted).where(mine).scalar_subquery()


@lru_cache(maxsize=64)
def _count(statuses: tuple[str, ...]) -> Prepared:
    return Prepared(select(_total(statuses)))


async def ticket_count(db: Db, project_id: int, statuses: tuple[str, ...]) -> int:
    """Return how many tickets have one of the statuses, exactly (primary key of the ledger)."""
    row = await db.row(_count(statuses), project_id=project_id)
    return (row[0] if row else 0) or 0


@lru_cache(maxsize=64)
def _having_key(order: Order, statuses: tuple[str, ...]) -> Prepared:
    having = live_tickets().where(ticket.c[order.key].is_not(None))
    if statuses:
        having = having.where(is_one_of(statuses))
    return Prepared(having.with_only_columns(func.count()))
