"""The API of dashboards (docs/dashboards.md)."""

from typing import Any

from litestar import get, patch, post, put
from litestar.params import FromPath, JSONBody

from parley.analytics.dashboards import DASHBOARD, DASHBOARDS
from parley.analytics.dashboards.actions.answering import answered_tiles
from parley.analytics.dashboards.actions.dashboards import change_dashboard, create_dashboard
from parley.analytics.dashboards.actions.showing import shown_dashboard
from parley.analytics.dashboards.queries.dashboards import dashboard_by_key, dashboard_page
from parley.analytics.dashboards.queries.shown import shown_dashboards
from parley.analytics.dashboards.rules.filters import read_dashboard_filters
from parley.analytics.dashboards.schemas import DashboardBasic, DashboardOut, DashboardPatch, NewDashboard
from parley.analytics.insights.rules.freshness import mode_of
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import needs
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import Query, documented

REFRESH = Query(
    "refresh",
    "As for insights: `force_cache` (the default) shows what is kept, `blocking` computes what is old.",
)
READS, WRITES = needs("dashboard:read"), needs("dashboard:write")
QUERY = [
    Query("search", "Only dashboards whose name, description or tag holds this text."),
    Query("pinned", "Only pinned dashboards, or only others.", bool),
    Query("created_by", "Only dashboards of the user with this number.", int),
    Query("tags", "Only dashboards with any of these tags, as a JSON list."),
]


@get(DASHBOARDS, guards=[READS], opt=documented(query=QUERY))
async def list_dashboards(
    request: ParleyRequest, db: DbDependency, actor: ActorDependency
) -> Page[DashboardBasic]:
    """List dashboards without their tiles: pinned ones first, then the newest."""
    asked, filters = page_request(request), read_dashboard_filters(request.query_params)
    count, found = await dashboard_page(db, actor.project_id, filters, asked)
    return page_of(request, asked, count, await shown_dashboards(db, actor, found))


@post(DASHBOARDS, guards=[WRITES])
async def save_dashboard(
    data: JSONBody[NewDashboard], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> DashboardOut:
    """Make a dashboard, or a copy of the one in `use_dashboard`."""
    return await shown_dashboard(db, actor, await create_dashboard(db, services, actor, data))


@get(DASHBOARD, guards=[READS], opt=documented(query=[REFRESH]))
async def show_dashboard(
    request: ParleyRequest, dashboard_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> DashboardOut:
    """Show one dashboard with its tiles, answered as `refresh` wants it under the filters of the dashboard."""
    async with services.database.transaction(write=False) as db:
        found = await dashboard_by_key(db, actor.project_id, dashboard_id)
    mode = mode_of(request.query_params.get("refresh"), "force_cache")
    tiles = await answered_tiles(services, actor.project, found, mode, actor=actor)
    async with services.database.transaction(write=False) as db:
        return await shown_dashboard(db, actor, found, tiles)


@patch(DASHBOARD, guards=[WRITES])
async def edit_dashboard(
    dashboard_id: FromPath[str],
    data: JSONBody[DashboardPatch],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> DashboardOut:
    """Change the fields that the body has. `deleted: true` deletes a dashboard, `deleted: false` brings it back."""
    return await shown_dashboard(db, actor, await change_dashboard(db, services, actor, dashboard_id, data))


@put(DASHBOARD, guards=[WRITES])
async def replace_dashboard(
    dashboard_id: FromPath[str],
    data: JSONBody[DashboardPatch],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> DashboardOut:
    """Change the fields that the body has, as PATCH does: no field has to be there."""
    return await shown_dashboard(db, actor, await change_dashboard(db, services, actor, dashboard_id, data))


handlers: list[Any] = [list_dashboards, save_dashboard, show_dashboard, edit_dashboard, replace_dashboard]
