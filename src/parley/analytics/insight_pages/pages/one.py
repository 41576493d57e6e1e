"""A saved insight: looked at, changed, copied, put onto dashboards, deleted and brought back."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from msgspec.structs import replace

from parley.analytics.dashboards.actions.dashboards import change_dashboard
from parley.analytics.dashboards.schemas import DashboardPatch, TileChange
from parley.analytics.insight_pages.pages.editor import sent_form, with_problem
from parley.analytics.insight_pages.pages.views import answered, sent_view, stored_view, with_choices
from parley.analytics.insights.actions.insights import change_insight, copy_insight
from parley.analytics.insights.queries.insights import insight_by_key
from parley.analytics.insights.schemas import InsightPatch
from parley.kernel.database.transaction import Db
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import read
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.web.guards import page_session
from parley.web.rendering import page, redirect

PATH = "/insights/{key:str}"
NOTICES = {
    "saved": "Saved.",
    "copied": "This is the copy.",
    "placed": "Saved. It is on the dashboard now.",
    "restored": "The insight is back.",
}
FAVOURITE = {"favourite": True, "unfavourite": False}


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_one_insight(
    request: ParleyRequest, key: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show an insight with the answer that is kept, and the form that changes it."""
    stored = await stored_view(services, actor, key)
    view = await answered(services, actor, await with_choices(services, actor, stored), "force_cache")
    notice = NOTICES.get(request.query_params.get("notice", ""))
    return page(request, "insight_pages/insight.html", replace(view, notice=notice))


@post(PATH, guards=[page_session], include_in_schema=False)
async def change_one_insight(
    request: ParleyRequest, key: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Do what the button says, and show the insight, or the form with the problem."""
    form, fields = await sent_form(request)
    do = fields.get("do", "")
    if do != "save":
        async with services.database.transaction() as db:
            return redirect(await _done(db, services, actor, key, do, fields))
    view = await sent_view(services, actor, form, key)
    patch: dict[str, Any] = {"name": form.name or None, "description": form.description}
    if view.is_editable:
        patch["query"] = view.query
    try:
        async with services.database.transaction() as db:
            found = await change_insight(db, services, actor, key, read(InsightPatch, patch))
    except Invalid as error:
        shown = await with_choices(services, actor, with_problem(view, error))
        return page(request, "insight_pages/insight.html", shown, status=error.status)
    return redirect(f"/insights/{found.short_id}?notice=saved")


async def _done(db: Db, services: Services, actor: Actor, key: str, do: str, fields: dict[str, Any]) -> str:
    """Do what a button says that has no form; return where to go then."""
    found = await insight_by_key(db, actor.project_id, key, with_deleted=do == "restore")
    path = f"/insights/{found.short_id}"
    if do == "delete":
        await change_insight(db, services, actor, key, InsightPatch(deleted=True))
        return f"/insights?notice=deleted&restorable={found.short_id}"
    if do == "restore":
        await change_insight(db, services, actor, key, InsightPatch(deleted=False))
        return f"{path}?notice=restored"
    if do == "copy":
        copy = await copy_insight(db, services, actor, found.id)
        return f"/insights/{copy.short_id}?notice=copied" if copy else path
    if do in FAVOURITE:
        await change_insight(db, services, actor, key, InsightPatch(favorited=FAVOURITE[do]))
    if do == "place":
        tile = DashboardPatch(tiles=[TileChange(insight=found.id)])
        await change_dashboard(db, services, actor, fields.get("dashboard_id", ""), tile)
        path += "?notice=placed"
    return path


handlers: list[Any] = [show_one_insight, change_one_insight]
