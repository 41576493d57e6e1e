"""The list of subscriptions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get

from parley.analytics.insights.queries.shown import shown_level
from parley.analytics.subscription_pages.rules.choices import TARGETS
from parley.analytics.subscription_pages.rules.words import (
    date_words,
    result_words,
    schedule_words,
    target_words,
)
from parley.analytics.subscriptions.queries.subscriptions import subscription_page
from parley.analytics.subscriptions.rules.filters import MAX_SEARCH, SubscriptionFilters, read_filters
from parley.analytics.subscriptions.schemas import StoredSubscription
from parley.kernel.dependencies import ActorDependency, DbDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.paging import PageRequest
from parley.kernel.http.request import ParleyRequest
from parley.kernel.text.time_zones import zone
from parley.web.guards import page_session
from parley.web.rendering import page

PATH = "/subscriptions"
PER_PAGE = 50
NOTICES = {"deleted": "The subscription is deleted. Nobody gets it any more."}
NARROWED_BY = ("search", "target_type", "insight", "dashboard", "which", "ordering")
WHICH = {"": "All", "deleted": "Deleted"}
ORDERS = {
    "": "Newest",
    "next_delivery_date": "Next date",
    "title": "Title",
    "created_by__email": "Created by",
}
OFFERED: Any = {"targets": TARGETS, "which": WHICH, "orders": ORDERS}


class ListedSubscription(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription with what is said of it in words."""

    found: StoredSubscription
    schedule: str
    target: str
    next_date: str | None
    result: str
    result_at: datetime | None


class SubscriptionsPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `subscription_pages/subscriptions.html`; `asked` is what the address narrows the list to."""

    subscriptions: Sequence[ListedSubscription]
    asked: dict[str, str]
    more_path: str | None
    may_change: bool
    notice: str | None
    restorable: str
    targets: dict[str, str]
    which: dict[str, str]
    orders: dict[str, str]
    max_search: int = MAX_SEARCH


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_subscriptions(
    request: ParleyRequest, actor: ActorDependency, db: DbDependency
) -> Response[Any]:
    """List subscriptions, the newest first."""
    filters, asked = _asked(request)
    text = request.query_params.get("from", "")
    start = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
    first = PageRequest(limit=PER_PAGE, offset=start)
    count, found = await subscription_page(db, actor.project_id, filters, first)
    more = urlencode({**asked, "from": start + PER_PAGE})
    shown = SubscriptionsPage(
        subscriptions=[_listed(one, actor) for one in found],
        asked=asked,
        more_path=f"{PATH}?{more}" if count > start + PER_PAGE else None,
        may_change=shown_level(actor) != "viewer",
        notice=NOTICES.get(request.query_params.get("notice", "")),
        restorable=request.query_params.get("restorable", "")[:10],
        **OFFERED,
    )
    return page(request, "subscription_pages/subscriptions.html", shown)


def _asked(request: ParleyRequest) -> tuple[SubscriptionFilters, dict[str, str]]:
    """Read what the list is narrowed to; what can't be read means all of it."""
    query = request.query_params
    asked = {name: query[name][:MAX_SEARCH] for name in NARROWED_BY if query.get(name)}
    is_deleted = "true" if asked.get("which") == "deleted" else ""
    try:
        return read_filters({**asked, "deleted": is_deleted}), asked
    except Invalid:
        return read_filters({}), {}


def _listed(found: StoredSubscription, actor: Actor) -> ListedSubscription:
    where = zone(actor.project.timezone)
    at = found.next_delivery_date if found.enabled and not found.deleted else None
    result, result_at = result_words(found)
    return ListedSubscription(
        found=found,
        schedule=schedule_words(found.rule, where),
        target=target_words(found),
        next_date=date_words(at, where) if at else None,
        result=result,
        result_at=result_at,
    )


handlers: list[Any] = [show_subscriptions]
