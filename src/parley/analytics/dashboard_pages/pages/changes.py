"""What the buttons of a dashboard do."""

from typing import Annotated, Any

import msgspec
from litestar import Response, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from parley.analytics.dashboard_pages.rules.arranging import WIDTHS, arranged, in_order, moved
from parley.analytics.dashboards.actions.dashboards import change_dashboard, create_dashboard
from parley.analytics.dashboards.queries.dashboards import dashboard_by_key
from parley.analytics.dashboards.queries.tiles import tiles_of_dashboard
from parley.analytics.dashboards.schemas import DashboardPatch, NewDashboard, StoredDashboard
from parley.analytics.insights.rules.naming import number_of
from parley.kernel.database.transaction import Db
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.body import TRIM, read
from parley.web.guards import page_session
from parley.web.rendering import redirect

PATH = "/dashboards/{key:str}"
MOVES = {"up": -1, "down": 1}
SAID = {
    "add_insight": "added",
    "add_text": "added",
    "save": "saved",
    "keep_dates": "saved",
    "restore": "restored",
}


class DashboardForm(msgspec.Struct, frozen=True, kw_only=True):
    """What a button does; `do` may name a tile, such as `up:5`. The other fields belong to some of them."""

    do: Annotated[str, Meta(extra=TRIM)] = ""
    name: Annotated[str, Meta(extra=TRIM)] = ""
    description: Annotated[str, Meta(extra=TRIM)] = ""
    insight: str = ""
    body: Annotated[str, Meta(extra=TRIM)] = ""
    width: str = ""
    date_from: Annotated[str, Meta(extra=TRIM)] = ""
    date_to: Annotated[str, Meta(extra=TRIM)] = ""
    with_insights: str = ""


@post(PATH, guards=[page_session], include_in_schema=False)
async def change_dashboard_page(
    key: FromPath[str],
    data: JSONBody[DashboardForm],
    actor: ActorDependency,
    db: DbDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Do what a button says, and show the dashboard anew."""
    do, _, tile = data.do.partition(":")
    found = await dashboard_by_key(db, actor.project_id, key, with_deleted=do == "restore")
    if do == "duplicate":
        new = NewDashboard(use_dashboard=found.id, duplicate_tiles=bool(data.with_insights))
        copy = await create_dashboard(db, services, actor, new)
        return redirect(f"/dashboards/{copy.id}?notice=copied")
    patch = await _patch(db, found, data, do, number_of(tile))
    if patch:
        await change_dashboard(db, services, actor, key, read(DashboardPatch, patch))
    if do == "delete":
        return redirect(f"/dashboards?notice=deleted&restorable={found.id}")
    notice = f"?notice={SAID[do]}" if do in SAID else ""
    return redirect(f"/dashboards/{found.id}{notice}{f'#tile-{tile}' if number_of(tile) else ''}")


async def _patch(
    db: Db, found: StoredDashboard, form: DashboardForm, do: str, tile: int | None
) -> dict[str, Any]:
    """Return what is to be changed, as the API takes it; nothing for a button that isn't known."""
    match do:
        case "save":
            return {"name": form.name or None, "description": form.description}
        case "pin" | "unpin":
            return {"pinned": do == "pin"}
        case "delete" | "restore":
            return {"deleted": do == "delete", "delete_insights": do == "delete" and bool(form.with_insights)}
        case "keep_dates":
            kept = {name: value for name, value in found.filters.items() if name == "properties"}
            return {"filters": {**kept, "date_from": form.date_from, "date_to": form.date_to}}
        case "add_insight":
            return {"tiles": [{"insight": number_of(form.insight)}]}
        case "add_text":
            return {"tiles": [{"text": {"body": form.body}}]}
        case "text":
            return {"tiles": [{"id": tile, "text": {"body": form.body}}]}
        case "remove":
            return {"tiles": [{"id": tile, "deleted": True}]}
        case "up" | "down" | "width":
            return {"tiles": await _arranged(db, found, form, do, tile)}
    return {}


async def _arranged(
    db: Db, found: StoredDashboard, form: DashboardForm, do: str, tile: int | None
) -> list[dict[str, Any]]:
    """Return the places of all tiles after one was moved, or got another width."""
    tiles = in_order(await tiles_of_dashboard(db, found.project_id, found.id))
    widths = {tile: number_of(form.width) or 0} if tile and number_of(form.width) in WIDTHS else {}
    rows = moved(tiles, tile or 0, MOVES.get(do, 0))
    return [msgspec.to_builtins(change) for change in arranged(rows, widths)]


handlers: list[Any] = [change_dashboard_page]
