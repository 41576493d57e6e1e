"""How many tickets saved views have, up to a bound, for whoever looks at a list of them."""

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from parley.accounts.access_levels.queries.visibility import access_values, visibility_of
from parley.conversations.saved_views.queries import filters_of_views
from parley.conversations.ticket_changes.queries import COUNT_LASTS_S, last_change
from parley.conversations.ticket_list.queries.conditions import ListMoment
from parley.conversations.ticket_list.queries.counters import n_with_status
from parley.conversations.ticket_list.queries.readers import PlanReader
from parley.conversations.ticket_list.queries.strategy import is_by_status, plan_of
from parley.conversations.ticket_list.rules.filters import TicketFilters, filters_of_view
from parley.conversations.ticket_list.rules.orders import LATEST_FIRST
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
    last = await last_change(services.cache, actor.project_id)
    views = await filters_of_views(services.database, actor, short_ids)
    wanted = {short_id: filters_of_view(view, actor.user_id) for short_id, view in views.items()}
    return {
        short_id: await _count(services, actor, filters, most, last)
        for short_id, filters in wanted.items()
        if filters.search is None
    }


async def _count(services: Services, actor: Actor, filters: TicketFilters, most: int, last: str) -> int:
    visibility = visibility_of(actor)
    if is_by_status(filters, visibility):
        return min(most, await n_with_status(services.database, actor.project_id, filters.statuses))
    of = "" if visibility == "all" else str(actor.user_id)
    text = sha256(msgspec.json.encode((filters, most, of))).hexdigest()
    key = f"n_of_view:{actor.project_id}:{last}:{text}"
    known = await services.cache.get(key)
    if known is not None:
        return int(known)
    at = ListMoment(services.clock.now(), zone(actor.project.timezone))
    async with services.database.transaction(write=False) as db:
        plan = await plan_of(db, actor.project_id, filters, LATEST_FIRST, visibility, at)
        values = {"project_id": actor.project_id, **access_values(actor)}
        count = await PlanReader(db, plan, values).count_up_to(most)
    await services.cache.set(key, b"%d" % count, COUNT_LASTS_S)
    return count
