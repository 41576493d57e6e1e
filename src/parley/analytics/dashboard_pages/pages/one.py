"""A dashboard, and each of its tiles when a script asks for it."""

from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromPath
from msgspec.structs import replace

from parley.analytics.dashboard_pages.pages.views import (
    TileView,
    dashboard_view,
    tile_path,
    tile_view,
    under_dates,
)
from parley.analytics.dashboards.actions.answering import answered_tile
from parley.analytics.dashboards.queries.dashboards import dashboard_by_key
from parley.analytics.dashboards.schemas import StoredDashboard
from parley.analytics.insights.rules.freshness import Mode
from parley.analytics.insights.rules.naming import number_of
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import NotFound
from parley.kernel.http.request import ParleyRequest
from parley.web.guards import is_htmx, page_session
from parley.web.rendering import page

PATH = "/dashboards/{key:str}"
TILE_PATH = PATH + "/tiles/{tile:str}"
NOTICES = {
    "saved": "Saved.",
    "copied": "This is the copy.",
    "restored": "The dashboard is back.",
    "added": "It is on the dashboard now.",
}


class TilePage(msgspec.Struct, frozen=True):
    """Context of `dashboard_pages/tile.html`."""

    tile: TileView
    dashboard: StoredDashboard


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_one_dashboard(
    request: ParleyRequest, key: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show a dashboard with the answers that are kept; a script asks for those that are old."""
    view = await dashboard_view(services, actor, key, request.query_params)
    notice = NOTICES.get(request.query_params.get("notice", ""))
    return page(request, "dashboard_pages/dashboard.html", replace(view, notice=notice))


@get(TILE_PATH, guards=[page_session], include_in_schema=False)
async def show_tile(
    request: ParleyRequest,
    key: FromPath[str],
    tile: FromPath[str],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Show the answer of one tile, computed where it is old, under the dates of the address."""
    async with services.database.transaction(write=False) as db:
        found = await dashboard_by_key(db, actor.project_id, key)
    shown = under_dates(services, actor, found, request.query_params)
    mode: Mode = "force_blocking" if "refresh" in request.query_params else "blocking"
    answered = await answered_tile(services, actor.project, shown, number_of(tile) or 0, mode, actor=actor)
    if answered is None:
        raise NotFound
    path = tile_path(found, answered.tile.id, request.query_params)
    template = "dashboard_pages/_tile_answer.html" if is_htmx(request) else "dashboard_pages/tile.html"
    return page(request, template, TilePage(tile=tile_view(services, answered, path), dashboard=found))


handlers: list[Any] = [show_one_dashboard, show_tile]
