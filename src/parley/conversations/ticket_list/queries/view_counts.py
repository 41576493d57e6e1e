"""How many tickets saved views have, up to a bound, for whoever looks at a list of them."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256

import msgspec
from sqlalchemy import func, literal_column, select

from parley.accounts.access_levels.queries.visibility import (
    TicketVisibility,
    access_values,
    visibility_of,
    visible_tickets,
)
from parley.conversations.saved_views.queries import filters_of_views
from parley.conversations.ticket_changes.queries import COUNT_LASTS_S, last_change
from parley.conversations.ticket_list.queries.conditions import ListMoment, times_of
from parley.conversations.ticket_list.queries.counters import n_with_status
from parley.conversations.ticket_list.queries.selects import has_status
from parley.conversations.ticket_list.queries.strategy import all_fitting, is_by_status
from parley.conversations.ticket_list.rules.filters import TicketFilters, filters_of_view
from parley.conversations.tickets.tables import ticket
from parley.kernel.database.prepared import Prepared
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services
from parley.kernel.text.time_zones import zone


async def counts_of_views(
    services: Services, actor: Actor, short_ids: Sequence[str], most: int
) -> dict[str, int]:
    """Return how many tickets the views have that the caller sees, or `most` where they are so many or more.

    Views that search are left out: a search may look at many texts. A count is remembered for some seconds, or until the
    next change; those who see all tickets share it.
    """
    visibility = visibility_of(actor)
    last = await last_change(services.cache, actor.project_id)
    views = await filters_of_views(services.database, actor, short_ids)
    found: dict[str, int] = {}
    unknown: dict[str, TicketFilters] = {}
    for short_id, view in views.items():
        filters = filters_of_view(view, actor.user_id)
        if filters.search is not None:
            continue
        if is_by_status(filters, visibility):
            of_all = await n_with_status(services.database, actor.project_id, filters.statuses)
            found[short_id] = min(most, of_all)
        elif known := await services.cache.get(_key(actor, filters, most, last)):
            found[short_id] = int(known)
        else:
            unknown[short_id] = filters
    counted = await _counted(services, actor, unknown, most) if unknown else {}
    for short_id, count in counted.items():
        await services.cache.set(_key(actor, unknown[short_id], most, last), b"%d" % count, COUNT_LASTS_S)
    return found | counted


def _key(actor: Actor, filters: TicketFilters, most: int, last: str) -> str:
    of = "" if visibility_of(actor) == "all" else str(actor.user_id)
    text = sha256(msgspec.json.encode((filters, most, of))).hexdigest()
    return f"n_of_view:{actor.project_id}:{last}:{text}"


async def _counted(
    services: Services, actor: Actor, wanted: Mapping[str, TicketFilters], most: int
) -> dict[str, int]:
    at = ListMoment(services.clock.now(), zone(actor.project.timezone))
    visibility, values = visibility_of(actor), {"project_id": actor.project_id, **access_values(actor)}
    found = {}
    async with services.database.transaction(write=False) as db:
        await db.allow_hashes()
        for short_id, filters in wanted.items():
            counted = _count_up_to(filters, visibility, most)
            [[found[short_id]]] = await db.rows(counted, **values, **times_of(filters, at))
    return found


@lru_cache(maxsize=128)
def _count_up_to(filters: TicketFilters, visibility: TicketVisibility, most: int) -> Prepared:
    """Count what matches and the caller sees, but no further than to `most`. Views are counted again and again."""
    matching = all_fitting(filters).where(*visible_tickets(visibility, ticket.c.id))
    if filters.statuses:
        matching = matching.where(has_status(filters.statuses))
    some = matching.with_only_columns(ticket.c.id).limit(literal_column(str(most))).subquery()
    return Prepared(select(func.count()).select_from(some))
