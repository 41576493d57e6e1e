"""The ticket list with more filters than the status, and its count.

A page walks the index of its order and ends when it is full, or goes another way (`bounded`). The count has to look at
every match: it is read only when the page doesn't show the end of the list, and in a large project remembered for a few
seconds, until something changes, for whoever turns the pages.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import Select, func

from parley.accounts.access_levels.queries.levels import levels_of
from parley.accounts.access_levels.queries.visibility import (
    TicketVisibility,
    access_values,
    is_hidden,
    visibility_of,
    visible_tickets,
)
from parley.conversations.saved_views.queries import visible_view_filters
from parley.conversations.ticket_changes.queries import COUNT_LASTS_S, last_change
from parley.conversations.ticket_list.queries.bounded import (
    REACH,
    REACH_OF_SEARCH,
    STOP,
    gathered_page,
    stop_of,
    until_stop,
)
from parley.conversations.ticket_list.queries.conditions import Moment, in_time, matching_tickets
from parley.conversations.ticket_list.queries.selects import (
    Listed,
    Part,
    is_one_of,
    listed,
    page_rows,
    ticket_count,
    tickets_page,
    whole_page,
)
from parley.conversations.ticket_list.queries.strategy import LAST_NUMBER, Ways, ways_of
from parley.conversations.ticket_list.rules.cursors import read_mark
from parley.conversations.ticket_list.rules.filters import (
    TicketFilters,
    Way,
    filters_of_view,
    given_filters,
    has_sorted_index,
    is_narrow,
    order_of_list,
    way_of,
)
from parley.conversations.tickets.queries.shown import ID, TOTAL, ticket_of
from parley.conversations.tickets.rules import Order
from parley.conversations.tickets.tables import IN_FACTS, ticket
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.dependencies import Services
from parley.kernel.http.paging import PageRequest
from parley.kernel.redis.cache import Cache
from parley.web.formats import zone

MANY = 20_000


class Wanted(msgspec.Struct, frozen=True):
    """Which list is asked for."""

    filters: TicketFilters
    order: Order


async def wanted_list(services: Services, actor: Actor, query: Mapping[str, str]) -> Wanted:
    """Read a query, and the saved view that it names; raises Invalid where the caller sees no such view."""
    given = given_filters(query, actor.user_id)
    short_id = query.get("view")
    if not short_id:
        return Wanted(TicketFilters(**given), order_of_list(query.get("order_by"), None))
    is_name = short_id.isascii() and short_id.isalnum()
    view = await visible_view_filters(services.database, actor, short_id) if is_name else None
    if view is None:
        raise Invalid("No saved ticket view matches this short_id.", attr="view")
    filters = msgspec.structs.replace(filters_of_view(view, actor.user_id), **given)
    return Wanted(filters, order_of_list(query.get("order_by"), view))


async def listed_tickets(services: Services, actor: Actor, wanted: Wanted, asked: PageRequest) -> Listed:
    """Return one page of the list that is asked for, and the count of all that match."""
    filters, order, visibility = wanted.filters, wanted.order, visibility_of(actor)
    if filters.is_by_status_only and visibility == "all":
        return await tickets_page(
            services.database, actor, statuses=filters.statuses, order=order, asked=asked
        )
    at = Moment(services.clock.now(), zone(actor.project.timezone))
    matching = matching_tickets(filters, at)
    mark = read_mark(asked.cursor, order)
    last = await last_change(services.cache, actor.project_id)
    async with services.database.transaction(write=False) as db:
        way: Way = way_of(filters, order)
        ways = Ways(matching, matching)
        if filters.search is not None:
            ways = await ways_of(db, actor.project_id, matching, filters)
            way = "gather" if ways.near is None else "walk a little"
        elif way == "walk a little" and await _last_number(db, actor.project_id) <= REACH:
            way = "walk"
        values = {"project_id": actor.project_id, **access_values(actor)}
        way = "gather" if visibility == "only" else way
        reader = _Filtered(db, ways, way, filters, in_time(filters, at), visibility, values)
        rows = await page_rows(reader, filters.statuses, order, asked, mark)
        if reader.total is not None:
            count = reader.total
        # Behind a mark the offset only says how many were there when the first page was read.
        elif mark is None and len(rows) < asked.limit and (rows or not asked.offset):
            count = asked.offset + len(rows)
        else:
            count = await _count(services.cache, last, reader, filters)
        levels = await levels_of(db, actor, [row[ID] for row in rows])
        tickets = [ticket_of(row, levels[row[ID]]) for row in rows]
        return await listed(reader, filters.statuses, order, asked, tickets, count)


class _Filtered(msgspec.Struct):
    """Reads lists whose filters are known only when they are asked for, in one transaction."""

    db: Db
    ways: Ways
    way: Way
    filters: TicketFilters
    walked: Select[Any]
    """What a walk goes through: all tickets of the time that is asked for."""
    visibility: TicketVisibility
    values: dict[str, Any]
    total: int | None = None
    """How many match, once a page has told it."""

    @property
    def seen(self) -> Select[Any]:
        return self._seen(self.ways.all)

    def _seen(self, matching: Select[Any]) -> Select[Any]:
        return matching.where(*visible_tickets(self.visibility, ticket.c.id))

    def _sought(self, matching: Select[Any]) -> Select[Any]:
        """Let ix_ticket_facts find matches that no index of their own has."""
        rest = msgspec.structs.replace(self.filters, search=None)
        is_indexed = is_narrow(rest) or (has_sorted_index(rest) and self.filters.search is None)
        return matching if is_indexed else matching.where(IN_FACTS)

    async def part(self, part: Part, size: int, given: dict[str, Any]) -> Sequence[Sequence[Any]]:
        has_offset, dialect = "offset" in given, self.db.dialect.name
        near = self._seen(self.ways.near if self.ways.near is not None else self.ways.all)
        stops: Sequence[Any] = ()
        if self.way == "walk a little":
            reach = REACH if self.filters.search is None else REACH_OF_SEARCH
            stops = await self._read(stop_of(self.walked, part, reach), given)
        if self.way == "walk" or (self.way == "walk a little" and not stops and self.filters.search is None):
            return await self._read(whole_page(part, near, size, has_offset, dialect), given)
        if stops and not has_offset:
            walk = whole_page(part, until_stop(near, part), size, False, dialect)
            rows = await self._read(walk, {**given, **dict(zip(STOP, stops[0], strict=False))})
            if len(rows) == size:
                return rows
        page = gathered_page(part, self._sought(self.seen), size, has_offset, dialect)
        return await self._gathered(part, page, given)

    async def _gathered(
        self, part: Part, page: Select[Any], given: dict[str, Any]
    ) -> Sequence[Sequence[Any]]:
        await self.db.allow_hashes()
        rows = await self._read(page, given)
        if rows and not part.is_marked and part.has_key is None:
            self.total = rows[0][TOTAL]
        return rows

    async def _read(self, statement: Select[Any], given: dict[str, Any]) -> Sequence[Sequence[Any]]:
        return (await self.db.execute(statement, {**self.values, **given})).all()

    async def n_having_key(self, order: Order, statuses: tuple[str, ...]) -> int:
        return await self.count(self.seen.where(ticket.c[order.key].is_not(None)), statuses)

    async def count_of_all(self) -> int:
        """Count what matches, whoever may see it."""
        if self.ways.counted is None:
            return await self.count(self.ways.all, self.filters.statuses)
        await self.db.allow_hashes()
        count: int = (await self.db.execute(self.ways.counted, self.values)).scalar_one()
        return count

    async def count(self, matching: Select[Any], statuses: tuple[str, ...]) -> int:
        """Count what matches, by the index of the narrowest filter, or in ix_ticket_facts."""
        if statuses:
            matching = matching.where(is_one_of(statuses))
        counted = self._sought(matching).with_only_columns(func.count())
        await self.db.allow_hashes()
        count: int = (await self.db.execute(counted, self.values)).scalar_one()
        return count


async def _count(cache: Cache, last: str, reader: _Filtered, filters: TicketFilters) -> int:
    """Return how many tickets match; in projects of many it is remembered for some seconds, or until the next change.

    What is closed to the caller is little beside the rest, and taken off what is counted for everybody.
    """
    if reader.visibility == "only" or await _last_number(reader.db, reader.values["project_id"]) < MANY:
        return await reader.count(reader.seen, filters.statuses)
    total = await _count_of_all(cache, last, reader, filters)
    if reader.visibility == "all":
        return total
    closed = reader.ways.all.where(is_hidden(ticket.c.id))
    return max(0, total - await reader.count(closed, filters.statuses))


async def _last_number(db: Db, project_id: int) -> int:
    found = await db.row(LAST_NUMBER, project_id=project_id)
    return found[0] if found else 0


async def _count_of_all(cache: Cache, last: str, reader: _Filtered, filters: TicketFilters) -> int:
    project_id = reader.values["project_id"]
    if filters.is_by_status_only:
        return await ticket_count(reader.db, project_id, filters.statuses)
    text = sha256(msgspec.json.encode(filters)).hexdigest()
    key = f"n_tickets:{project_id}:{last}:{text}"
    known = await cache.get(key)
    if known is not None:
        return int(known)
    count = await reader.count_of_all()
    await cache.set(key, b"%d" % count, COUNT_LASTS_S)
    return count
