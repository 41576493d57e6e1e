"""Reading a page of a list part by part, as its strategy says, and counting what matches."""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any, Protocol

import msgspec
from sqlalchemy import Select, func

from parley.accounts.access_levels.queries.visibility import TicketVisibility, is_hidden, visible_tickets
from parley.conversations.ticket_api.queries.shown import TOTAL, live_tickets
from parley.conversations.ticket_changes.queries import COUNT_LASTS_S
from parley.conversations.ticket_list.queries.conditions import fitting_tickets
from parley.conversations.ticket_list.queries.counters import last_number, n_with_status, total_of
from parley.conversations.ticket_list.queries.selects import (
    STOP,
    Part,
    gathered_page,
    has_status,
    page_with_versions,
    stop_of,
    until_stop,
    whole_page,
)
from parley.conversations.ticket_list.queries.strategy import Plan
from parley.conversations.ticket_list.rules.filters import TicketFilters
from parley.conversations.ticket_list.rules.orders import Order
from parley.conversations.tickets.tables import ticket
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.redis.cache import Cache

MANY = 20_000
Rows = Sequence[Sequence[Any]]


class Reader(Protocol):
    """Reads parts of a list; `place` has the values of a cursor and of an offset."""

    async def rows(self, part: Part, size: int, place: dict[str, Any]) -> Rows: ...
    async def n_having_key(self, order: Order, statuses: tuple[str, ...]) -> int: ...


class StatusReader(msgspec.Struct, frozen=True):
    """Reads lists without filters but that of status, through statements that are compiled once.

    Served by ix_ticket_recent, ix_ticket_status, ix_ticket_created, ix_ticket_sla and ix_ticket_snooze.
    """

    database: Database
    project_id: int

    async def rows(self, part: Part, size: int, place: dict[str, Any]) -> Rows:
        statement = _page_by_status(part, size, "offset" in place, self.database.dialect)
        return await self.database.read(statement, project_id=self.project_id, **place)

    async def n_having_key(self, order: Order, statuses: tuple[str, ...]) -> int:
        found = await self.database.read(_having_key(order, statuses), project_id=self.project_id)
        count: int = found[0][0]
        return count


class FirstPageReader(StatusReader, frozen=True, kw_only=True):
    """Reads the first page of the same lists, on PostgreSQL, with the version of each ticket or as versions only."""

    only_versions: bool

    async def rows(self, part: Part, size: int, place: dict[str, Any]) -> Rows:
        statement = _first_by_status(part, size, self.only_versions)
        return await self.database.read(statement, project_id=self.project_id)


@lru_cache(maxsize=512)
def _first_by_status(part: Part, size: int, only_versions: bool) -> Prepared:
    total = total_of(part.statuses).label("total")
    return Prepared(page_with_versions(part, size, total, only_versions=only_versions))


@lru_cache(maxsize=512)
def _page_by_status(part: Part, size: int, has_offset: bool, dialect: str) -> Prepared:
    total = total_of(part.statuses).label("total")
    part = msgspec.structs.replace(part, is_planned_once=True)
    return Prepared(whole_page(part, live_tickets(), size, has_offset, dialect, total=total))


@lru_cache(maxsize=64)
def _having_key(order: Order, statuses: tuple[str, ...]) -> Prepared:
    having = live_tickets().where(ticket.c[order.key].is_not(None))
    if statuses:
        having = having.where(has_status(statuses))
    return Prepared(having.with_only_columns(func.count()))


@lru_cache(maxsize=64)
def _walk_of_filters(
    filters: TicketFilters,
    visibility: TicketVisibility,
    part: Part,
    size: int,
    has_offset: bool,
    has_stop: bool,
    dialect: str,
) -> Select[Any]:
    """Return the page of filters of no search. Views ask for the same again and again, and to build it takes a while."""
    matching = fitting_tickets(filters).where(*visible_tickets(visibility, ticket.c.id))
    return _walk_through(matching, part, size, has_offset, has_stop, dialect)


def _walk_through(
    matching: Select[Any], part: Part, size: int, has_offset: bool, has_stop: bool, dialect: str
) -> Select[Any]:
    return whole_page(part, until_stop(matching, part) if has_stop else matching, size, has_offset, dialect)


class PlanReader(msgspec.Struct):
    """Reads lists whose filters are known only when they are asked for, in one transaction."""

    db: Db
    plan: Plan
    values: dict[str, Any]
    total: int | None = None
    """How many match, once a page says it."""

    async def rows(self, part: Part, size: int, place: dict[str, Any]) -> Rows:
        plan = self.plan
        if plan.strategy != "gather":
            walked = await self._walked(part, size, place)
            if walked is not None:
                return walked
        matching = plan.visible(plan.matches.all)
        page = gathered_page(part, matching, size, "offset" in place, self.db.dialect.name)
        await self.db.allow_hashes()
        rows = await self._read(page, place)
        if rows and not part.is_behind_cursor and part.has_key is None:
            self.total = rows[0][TOTAL]
        return rows

    async def _walked(self, part: Part, size: int, place: dict[str, Any]) -> Rows | None:
        """Walk along the index of the order; None where a walk that has to stop doesn't fill the page."""
        plan, has_offset = self.plan, "offset" in place
        if plan.strategy == "walk a little":
            stops = await self._read(stop_of(plan.passed, part, plan.reach), place)
            if stops and not has_offset:
                near = self._walk(part, size, has_offset=False, has_stop=True)
                rows = await self._read(near, {**place, **dict(zip(STOP, stops[0], strict=False))})
                return rows if len(rows) == size else None
            if stops or plan.filters.search is not None:
                return None
        return await self._read(self._walk(part, size, has_offset=has_offset, has_stop=False), place)

    def _walk(self, part: Part, size: int, *, has_offset: bool, has_stop: bool) -> Select[Any]:
        plan, how = self.plan, (part, size, has_offset, has_stop, self.db.dialect.name)
        if plan.filters.search is None and plan.filters.happened is None:
            return _walk_of_filters(plan.filters, plan.visibility, *how)
        assert plan.matches.one_by_one is not None
        return _walk_through(plan.visible(plan.matches.one_by_one), *how)

    async def _read(self, statement: Select[Any], place: dict[str, Any]) -> Rows:
        return (await self.db.execute(statement, {**self.values, **place})).all()

    async def n_having_key(self, order: Order, statuses: tuple[str, ...]) -> int:
        matching = self.plan.visible(self.plan.matches.all)
        return await self._count(matching.where(ticket.c[order.key].is_not(None)))

    async def count(self, cache: Cache, last_change: str) -> int:
        """Count what matches. In projects of many tickets it is remembered for some seconds, or until the next change.

        What is closed to the caller is little beside the rest, and taken off what is counted for everybody.
        """
        plan, matching = self.plan, self.plan.matches.all
        if plan.visibility == "only" or await last_number(self.db, self.values["project_id"]) < MANY:
            return await self._count(plan.visible(matching))
        total = await self._remembered_count(cache, last_change)
        if plan.visibility == "all":
            return total
        return max(0, total - await self._count(matching.where(is_hidden(ticket.c.id))))

    async def _remembered_count(self, cache: Cache, last_change: str) -> int:
        """Count what matches, whoever may see it."""
        filters, project_id = self.plan.filters, self.values["project_id"]
        if filters.is_by_status_only:
            return await n_with_status(self.db, project_id, filters.statuses)
        text = sha256(msgspec.json.encode(filters)).hexdigest()
        key = f"n_tickets:{project_id}:{last_change}:{text}"
        known = await cache.get(key)
        if known is not None:
            return int(known)
        counted = self.plan.matches.counted
        count = await (self._number(counted) if counted is not None else self._count(self.plan.matches.all))
        await cache.set(key, b"%d" % count, COUNT_LASTS_S)
        return count

    async def _count(self, matching: Select[Any]) -> int:
        """Count what is found by the index of the narrowest filter, or in ix_ticket_facts."""
        if self.plan.filters.statuses:
            matching = matching.where(has_status(self.plan.filters.statuses))
        return await self._number(matching.with_only_columns(func.count()))

    async def _number(self, counted: Select[Any]) -> int:
        await self.db.allow_hashes()
        count: int = (await self.db.execute(counted, self.values)).scalar_one()
        return count
