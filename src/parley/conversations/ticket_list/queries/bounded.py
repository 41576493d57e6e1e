"""Pages of lists whose filters don't tell where in the order their matches lie.

Walking the index of the order finds a page soon where matches are many. Where they are few, or all far away, it would read
the whole project: so it stops after REACH tickets, and what it has not found by then is gathered and sorted instead.
"""

from typing import Any

from sqlalchemy import BigInteger, Integer, Select, and_, bindparam, func, literal_column, or_, select, tuple_

from parley.conversations.ticket_list.queries.selects import (
    Part,
    in_part,
    is_one_of,
    ordering,
)
from parley.conversations.tickets.queries.shown import live_tickets, shown_in_list
from parley.conversations.tickets.tables import ticket

REACH = 4_000
# Looking through the texts of a ticket takes longer. So many fill a page of a word that one ticket of twenty holds.
REACH_OF_SEARCH = 2_000
STOP = ("stop_number", "stop_key")


def stop_of(walked: Select[Any], part: Part, reach: int = REACH) -> Select[Any]:
    """Select number and key of the ticket at which a walk stops, of any status; none where so many don't follow."""
    columns = [ticket.c.number] if _is_by_number(part) else [ticket.c.number, ticket.c[part.order.key]]
    rest = in_part(walked, part).with_only_columns(*columns).order_by(*ordering(part, ticket.c))
    return rest.offset(literal_column(str(reach))).limit(literal_column("1"))


def until_stop(matching: Select[Any], part: Part) -> Select[Any]:
    """Leave out what lies behind the ticket at which the walk stops, as a range of the index."""
    number, at_number = ticket.c.number, bindparam("stop_number", type_=Integer)
    if _is_by_number(part):
        is_upwards = part.has_key is None and not part.order.descending
        return matching.where(number <= at_number if is_upwards else number >= at_number)
    key = ticket.c[part.order.key]
    at_key = bindparam("stop_key", type_=key.type)
    if part.order.descending:
        return matching.where(tuple_(key, number) >= tuple_(at_key, at_number))
    return matching.where(and_(key <= at_key, or_(key < at_key, number >= at_number)))


def gathered_page(
    part: Part, matching: Select[Any], size: int, has_offset: bool, dialect: str
) -> Select[Any]:
    """Select a page as whole tickets, with the number of all that match behind each.

    All that match are found by whatever index serves the filters, then sorted.
    """
    matching = in_part(matching, part)
    if part.statuses:
        matching = matching.where(is_one_of(part.statuses))
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
    page = live_tickets().add_columns(chosen.c.total).join_from(chosen, ticket, is_chosen).subquery("page")
    return shown_in_list(page, dialect, page.c.total).order_by(*ordering(part, page.c))


def _is_by_number(part: Part) -> bool:
    return part.has_key is False or part.order.key == "number"
