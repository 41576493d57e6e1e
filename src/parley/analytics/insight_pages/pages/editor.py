"""The form of an insight with its answer: empty, or as it is while somebody changes it."""

from typing import Any

from litestar import Response, get, post
from msgspec.structs import replace

from parley.analytics.dashboards.actions.dashboards import change_dashboard
from parley.analytics.dashboards.schemas import DashboardPatch, TileChange
from parley.analytics.insight_pages.pages.views import (
    FormView,
    answered,
    sent_view,
    view_of,
    with_choices,
)
from parley.analytics.insight_pages.rules.choices import KINDS
from parley.analytics.insight_pages.rules.forms import InsightForm, SeriesForm, read_form
from parley.analytics.insight_pages.rules.places import field_of
from parley.analytics.insight_pages.rules.rows import changed_rows
from parley.analytics.insights.actions.insights import create_insight
from parley.analytics.insights.rules.freshness import Mode
from parley.analytics.insights.schemas import NewInsight, StoredInsight
from parley.kernel.database.transaction import Db
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import parse_all, read
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.web.guards import is_htmx, page_session
from parley.web.rendering import page, redirect

PATH, FORM_PATH, PREVIEW_PATH = "/insights/new", "/insights/form", "/insights/preview"
WHOLE_EDITOR = {"HX-Retarget": "#editor", "HX-Reswap": "outerHTML settle:0ms"}


async def sent_form(request: ParleyRequest) -> tuple[InsightForm, dict[str, Any]]:
    """Return the form that was sent, and its other fields."""
    fields = parse_all(await request.body(), request.headers.get("content-type", ""))
    return read_form(fields), {name: value[-1] for name, value in fields.items() if isinstance(value, list)}


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_new_insight(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show a form that counts the most frequent event, on a dashboard if one is named (`?dashboard=`)."""
    kind = request.query_params.get("kind", "")
    form = InsightForm(kind=kind if kind in KINDS else "TrendsQuery")
    view = await with_choices(services, actor, view_of(actor, form, None))
    if view.events:
        first = SeriesForm(event=view.events[0].name)
        view = await with_choices(services, actor, replace(view, form=replace(form, series=(first,))))
    shown = await answered(services, actor, view, "force_cache")
    shown = replace(shown, dashboard_id=request.query_params.get("dashboard", ""))
    return page(request, "insight_pages/insight.html", shown)


@post(FORM_PATH, guards=[page_session], include_in_schema=False, status_code=200)
async def show_form(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the form with its rows changed; a script asks for the answer afterwards. Nothing is saved."""
    form, fields = await sent_form(request)
    form = changed_rows(form, fields.get("do", ""))
    view = await with_choices(services, actor, await sent_view(services, actor, form, fields.get("key")))
    if is_htmx(request):
        shown = await answered(services, actor, view, "force_cache")
        return page(request, "insight_pages/_editor.html", shown)
    shown = replace(await answered(services, actor, view), dashboard_id=fields.get("dashboard_id", ""))
    return page(request, "insight_pages/insight.html", shown)


@post(PREVIEW_PATH, guards=[page_session], include_in_schema=False, status_code=200)
async def show_preview(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the answer to what the form asks; the whole form where it needs other fields, or one of them is wrong."""
    form, fields = await sent_form(request)
    view = await with_choices(services, actor, await sent_view(services, actor, form, fields.get("key")))
    if not is_htmx(request):
        whole = replace(await answered(services, actor, view), dashboard_id=fields.get("dashboard_id", ""))
        return page(request, "insight_pages/insight.html", whole)
    if view.is_editable and fields.get("drawn", form.outline) != form.outline:
        whole = await answered(services, actor, view, "force_cache")
        return page(request, "insight_pages/_editor.html", whole, headers=WHOLE_EDITOR)
    mode: Mode = "force_blocking" if fields.get("do") == "refresh" else "blocking"
    view = await answered(services, actor, view, mode)
    if view.at or "had_problem" in fields:
        return page(request, "insight_pages/_editor.html", view, headers=WHOLE_EDITOR)
    return page(request, "insight_pages/_preview.html", view)


@post(PATH, guards=[page_session], include_in_schema=False)
async def save_new_insight(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Save a new insight, on the dashboard that it was asked for, or show the form with the problem."""
    form, fields = await sent_form(request)
    view = replace(view_of(actor, form, None), dashboard_id=fields.get("dashboard_id", ""))
    try:
        async with services.database.transaction() as db:
            made = await _made(db, services, actor, view)
    except Invalid as error:
        return page(
            request,
            "insight_pages/insight.html",
            await with_choices(services, actor, with_problem(view, error)),
            status=error.status,
        )
    return redirect(f"/insights/{made.short_id}?notice={'placed' if view.dashboard_id else 'saved'}")


async def _made(db: Db, services: Services, actor: Actor, view: FormView) -> StoredInsight:
    """Save a new insight, and put it on the dashboard that it was made for; raises Invalid and NotFound."""
    said = {"name": view.form.name or None, "description": view.form.description, "query": view.query}
    made = await create_insight(db, services, actor, read(NewInsight, said))
    if view.dashboard_id:
        tile = DashboardPatch(tiles=[TileChange(insight=made.id)])
        await change_dashboard(db, services, actor, view.dashboard_id, tile)
    return made


def with_problem(view: FormView, error: Invalid) -> FormView:
    """Return the form with what is wrong, at the field that it is about."""
    return replace(view, problem=error.detail, at=field_of(view.form, error.attr))


handlers: list[Any] = [show_new_insight, show_form, show_preview, save_new_insight]
