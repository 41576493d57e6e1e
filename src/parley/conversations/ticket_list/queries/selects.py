"""The SELECTs of pages of a list: along an index, along a part of it, or sorted from all that match.

The text of a statement depends on the order, the statuses and the size of the page, but never on values: PostgreSQL
plans a statement once when it can see how few rows it returns, and that each status has its own part of an index.
"""

from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    column,
    func,
    literal_column,
    or_,
    select,
    table,
    tuple_,
    union_all,
)

from parley.conversations.ticket_api.queries.shown import (
    live_tickets,
    live_tickets_with_xmin,
    shown_in_list,
    versions,
)
from parley.conversations.ticket_list.rules.orders import Order
from parley.conversations.tickets.rules.fields import STATUSES
from parley.conversations.tickets.tables import ticket
from parley.kernel.database.dialect import unplanned

STOP = ("stop_number", "stop_key")
ALL: ColumnElement[Any] = literal_column("*")
TOTAL: Any = column("total", BigInteger)
XMIN: Any = column("xmin", Integer)
PAGE = table("page", *(column(one.name, one.type) for one in live_tickets().selected_columns), TOTAL, XMIN)
"""The tickets that were chosen, by the name of their common table expression."""


class Part(msgspec.Struct, frozen=True):
    """What decides the text of a statement. `has_key`: only tickets that have the order's key, or that lack it.

    `is_planned_once`: the plan is the same wherever the cursor is.
    """

    order: Order
    statuses: tuple[str, ...]
    is_behind_cursor: bool
    has_key: bool | None = None
    is_planned_once: bool = False

    @property
    def is_by_number(self) -> bool:
        return self.has_key is False or self.order.key == "number"


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
    page = _page(part, matching, size, has_offset)
    return _whole(part, dialect, total).add_cte(page.cte("page"))


def _page(part: Part, matching: Select[Any], size: int, has_offset: bool) -> Select[Any]:
    page = _sorted(part, matching, size, has_offset).limit(literal_column(str(size)))
    return page.offset(bindparam("offset", type_=BigInteger)) if has_offset else page


def page_with_versions(
    part: Part, size: int, total: ColumnElement[int], *, only_versions: bool
) -> Select[Any]:
    """Select the first page of a part of all live tickets on PostgreSQL: whole with their versions, or only these."""
    if only_versions:
        selected = versions(PAGE, PAGE.c[part.order.key], total)
    else:
        selected = shown_in_list(PAGE, "postgresql", total, with_xmin=True)
    page = _page(part, live_tickets_with_xmin(), size, has_offset=False)
    return selected.order_by(*ordering(part, PAGE.c)).add_cte(page.cte("page"))


@lru_cache(maxsize=128)
def _whole(part: Part, dialect: str, total: ColumnElement[int] | None) -> Select[Any]:
    """Select whole tickets from PAGE. To build it anew for each list took a fifth of a view's page."""
    return shown_in_list(PAGE, dialect, total).order_by(*ordering(part, PAGE.c))


def _sorted(part: Part, matching: Select[Any], size: int, has_offset: bool) -> Select[Any]:
    """Sort what matches. A few statuses are merged from the head of each one's own part of the index."""
    matching = in_part(matching, part)
    if not part.statuses:
        return matching.order_by(*ordering(part, ticket.c))
    if part.order.key != "updated_at" or len(part.statuses) == 1:
        return matching.where(has_status(part.statuses)).order_by(*ordering(part, ticket.c))
    reach: Any = bindparam("reach", type_=BigInteger) if has_offset else literal_column(str(size))
    heads = [
        select(ALL).select_from(
            matching.where(has_status((status,)))
            .order_by(*ordering(part, ticket.c))
            .limit(reach)
            .subquery(f"of_{status}")
        )
        for status in part.statuses
    ]
    return select(ALL).select_from(union_all(*heads).subquery("page")).order_by(*ordering(part, PAGE.c))


def gathered_page(
    part: Part, matching: Select[Any], size: int, has_offset: bool, dialect: str
) -> Select[Any]:
    """Select a page as whole tickets, with the number of all that match as the total.

    All that match are found by whatever index serves the filters, then sorted.
    """
    matching = in_part(matching, part)
    if part.statuses:
        matching = matching.where(has_status(part.statuses))
    columns = dict.fromkeys(("project_id", "id", "number", part.order.key))
    # Behind an OFFSET the databases can't see the order that is wanted, and so don't walk its index.
    found = matching.with_only_columns(*(ticket.c[name] for name in columns)).offset(literal_column("0"))
    gathered = found.subquery("gathered")
    first = (
        select(gathered, func.count().over().label("total"))
        .order_by(*ordering(part, gathered.c))
        .limit(literal_column(str(size)))
    )
    if has_offset:
        first = first.offset(bindparam("offset", type_=BigInteger))
    chosen = first.subquery("chosen")
    is_chosen = and_(ticket.c.project_id == chosen.c.project_id, ticket.c.id == chosen.c.id)
    page = live_tickets().add_columns(chosen.c.total).join_from(chosen, ticket, is_chosen)
    return _whole(part, dialect, TOTAL).add_cte(page.cte("page"))


def stop_of(passed: Select[Any], part: Part, reach: int) -> Select[Any]:
    """Select number and key of the ticket at which a walk stops, of any status; none where so many don't follow."""
    columns = [ticket.c.number] if part.is_by_number else [ticket.c.number, ticket.c[part.order.key]]
    rest = in_part(passed, part).with_only_columns(*columns).order_by(*ordering(part, ticket.c))
    return rest.offset(literal_column(str(reach))).limit(literal_column("1"))


def until_stop(matching: Select[Any], part: Part) -> Select[Any]:
    """Leave out what lies behind the ticket at which the walk stops, as a range of the index."""
    number, at_number = ticket.c.number, bindparam("stop_number", type_=Integer)
    if part.is_by_number:
        is_upwards = part.has_key is None and not part.order.descending
        return matching.where(number <= at_number if is_upwards else number >= at_number)
    key = ticket.c[part.order.key]
    at_key = bindparam("stop_key", type_=key.type)
    if part.order.descending:
        return matching.where(tuple_(key, number) >= tuple_(at_key, at_number))
    return matching.where(and_(key <= at_key, or_(key < at_key, number >= at_number)))


def in_part(matching: Select[Any], part: Part) -> Select[Any]:
    """Narrow a SELECT of tickets to the part of the list, whatever their status.

    What lies before the cursor is left out as a range of the index.
    """
    number = ticket.c.number
    if part.is_behind_cursor:
        at_number = _of_cursor(part, "cursor_number", Integer())
        if part.is_by_number:
            is_downwards = part.has_key is False or part.order.descending
            matching = matching.where(number < at_number if is_downwards else number > at_number)
        else:
            key = ticket.c[part.order.key]
            at_key = _of_cursor(part, "cursor_value", key.type)
            if part.order.descending:
                matching = matching.where(tuple_(key, number) < tuple_(at_key, at_number))
            else:
                matching = matching.where(and_(key >= at_key, or_(key > at_key, number < at_number)))
    if part.has_key is None:
        return matching
    column = ticket.c[part.order.key]
    return matching.where(column.is_not(None) if part.has_key else column.is_(None))


def _of_cursor(part: Part, name: str, type_: Any) -> ColumnElement[Any]:
    value = bindparam(name, type_=type_)
    return unplanned(value) if part.is_planned_once else value


def has_status(statuses: tuple[str, ...]) -> ColumnElement[bool]:
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
