"""The list of insights."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get

from parley.accounts.users.schemas import UserBasic
from parley.analytics.insight_pages.queries import authors_of_insights
from parley.analytics.insight_pages.rules.choices import SHORT_KINDS
from parley.analytics.insights.queries.insights import insight_page
from parley.analytics.insights.queries.shown import shown_level
from parley.analytics.insights.rules.filters import KINDS, MAX_SEARCH, InsightFilters, read_insight_filters
from parley.analytics.insights.schemas import StoredInsight
from parley.kernel.database.transaction import Db
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import Actor
from parley.kernel.http.paging import PageRequest
from parley.kernel.http.request import ParleyRequest
from parley.kernel.text.time_zones import zone
from parley.web.guards import page_session
from parley.web.rendering import page

PATH = "/insights"
PER_PAGE = 50
NOTICES = {"deleted": "The insight is deleted, and gone from every dashboard."}
WHICH = {"": "All", "favorited": "Favourites", "deleted": "Deleted"}
ORDERS = {"": "Changed last", "name": "Name", "-created_at": "Newest", "created_at": "Oldest"}
NARROWED_BY = ("search", "insight", "created_by", "which", "order")


class InsightsPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `insight_pages/insights.html`; `asked` is what the address narrows the list to."""

    insights: Sequence[StoredInsight]
    asked: dict[str, str]
    kinds: dict[str, str]
    names: dict[str, str]
    authors: Sequence[UserBasic]
    more_path: str | None
    may_change: bool
    notice: str | None
    restorable: str
    which: dict[str, str]
    orders: dict[str, str]
    max_search: int = MAX_SEARCH


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_insights(
    request: ParleyRequest, actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> Response[Any]:
    """List insights, those that were changed last first."""
    shown = await _listed(db, actor, request.query_params, services.clock.now())
    return page(request, "insight_pages/insights.html", shown)


async def _listed(db: Db, actor: Actor, query: Mapping[str, str], now: datetime) -> InsightsPage:
    asked = {name: query[name][:MAX_SEARCH] for name in NARROWED_BY if query.get(name)}
    start = first_of(query)
    filters = _filters(actor, asked, now)
    asked_page = PageRequest(limit=PER_PAGE, offset=start)
    count, found = await insight_page(db, actor.project_id, filters, asked_page)
    more = urlencode({**asked, "from": start + PER_PAGE})
    return InsightsPage(
        insights=found,
        asked=asked,
        kinds={wire: SHORT_KINDS[kind] for wire, kind in KINDS.items()},
        names=SHORT_KINDS,
        authors=await authors_of_insights(db, actor.project_id),
        more_path=f"{PATH}?{more}" if count > start + PER_PAGE else None,
        may_change=shown_level(actor) != "viewer",
        notice=NOTICES.get(query.get("notice", "")),
        restorable=query.get("restorable", "")[:20],
        which=WHICH,
        orders=ORDERS,
    )


def _filters(actor: Actor, asked: Mapping[str, str], now: datetime) -> InsightFilters:
    which = asked.get("which", "")
    favourites = {"favorited": "true"} if which == "favorited" else {}
    read = read_insight_filters(
        {**asked, **favourites}, now, zone(actor.project.timezone), user_id=actor.user_id
    )
    return msgspec.structs.replace(read, deleted=which == "deleted")


def first_of(query: Mapping[str, str]) -> int:
    """Return how many rows come before those that are asked for."""
    text = query.get("from", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


handlers: list[Any] = [show_insights]
