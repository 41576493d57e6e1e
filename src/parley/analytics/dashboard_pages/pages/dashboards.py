"""The list of dashboards."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody
from msgspec import Meta

from parley.analytics.dashboards.actions.dashboards import create_dashboard
from parley.analytics.dashboards.queries.dashboards import dashboard_page
from parley.analytics.dashboards.queries.shown import shown_dashboards
from parley.analytics.dashboards.rules.filters import read_dashboard_filters
from parley.analytics.dashboards.schemas import DashboardBasic, NewDashboard
from parley.analytics.dashboards.tables import MAX_NAME
from parley.analytics.insights.queries.shown import shown_level
from parley.analytics.insights.rules.filters import MAX_SEARCH
from parley.analytics.starter_dashboards.actions import add_starter_dashboards
from parley.kernel.database.transaction import Db
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import TRIM, read
from parley.kernel.http.paging import PageRequest
from parley.kernel.http.request import ParleyRequest
from parley.web.guards import page_session
from parley.web.rendering import page, redirect

PATH = "/dashboards"
PER_PAGE = 50
NOTICES = {
    "deleted": "The dashboard is deleted. Its insights are still there.",
    "starters": "The project has its starter dashboards.",
}
WHICH = {"": "All", "pinned": "Pinned", "deleted": "Deleted"}
NARROWED_BY = ("search", "which")


class DashboardsPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `dashboard_pages/dashboards.html`; `asked` is what the address narrows the list to."""

    dashboards: Sequence[DashboardBasic]
    asked: dict[str, str]
    which: dict[str, str]
    more_path: str | None
    may_change: bool
    notice: str | None
    restorable: str
    max_search: int = MAX_SEARCH
    max_name: int = MAX_NAME


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_dashboards(request: ParleyRequest, actor: ActorDependency, db: DbDependency) -> Response[Any]:
    """List dashboards, pinned ones first."""
    shown = await _listed(db, actor, request.query_params)
    return page(request, "dashboard_pages/dashboards.html", shown)


async def _listed(db: Db, actor: Actor, query: Mapping[str, str]) -> DashboardsPage:
    asked = {name: query[name][:MAX_SEARCH] for name in NARROWED_BY if query.get(name)}
    text = query.get("from", "")
    start = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
    pinned = {"pinned": "true"} if asked.get("which") == "pinned" else {}
    filters = msgspec.structs.replace(
        read_dashboard_filters({**asked, **pinned}), deleted=asked.get("which") == "deleted"
    )
    count, found = await dashboard_page(
        db, actor.project_id, filters, PageRequest(limit=PER_PAGE, offset=start)
    )
    more = urlencode({**asked, "from": start + PER_PAGE})
    return DashboardsPage(
        dashboards=await shown_dashboards(db, actor, found),
        asked=asked,
        which=WHICH,
        more_path=f"{PATH}?{more}" if count > start + PER_PAGE else None,
        may_change=shown_level(actor) != "viewer",
        notice=NOTICES.get(query.get("notice", "")),
        restorable=query.get("restorable", "")[:20],
    )


class NewDashboardForm(msgspec.Struct, frozen=True, kw_only=True):
    """What a button of the list does."""

    do: Annotated[str, Meta(extra=TRIM)] = ""
    name: Annotated[str, Meta(extra=TRIM)] = ""


@post(PATH, guards=[page_session], include_in_schema=False)
async def make_dashboard_page(
    data: JSONBody[NewDashboardForm], actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> Response[Any]:
    """Make an empty dashboard, or the starter dashboards that the project lacks."""
    if data.do == "starters":
        await add_starter_dashboards(db, services, actor, with_deleted=True)
        return redirect(f"{PATH}?notice=starters")
    new = read(NewDashboard, {"name": data.name or None})
    made = await create_dashboard(db, services, actor, new)
    return redirect(f"{PATH}/{made.id}")


handlers: list[Any] = [show_dashboards, make_dashboard_page]
