"""A customer journey: its funnel, and who is stuck at which step."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from parley.analytics.insights.actions.running import run_insight
from parley.analytics.insights.queries.insights import insight_by_key
from parley.analytics.insights.queries.shown import shown_level
from parley.analytics.insights.rules.freshness import Mode
from parley.analytics.insights.schemas import StoredInsight
from parley.analytics.insights.shown_answers import ShownAnswer, shown_answer
from parley.analytics.journey_pages.pages.journeys import JourneyForm
from parley.analytics.journey_pages.rules import StepView, in_steps, steps_of
from parley.analytics.journeys.actions import change_journey, delete_journey
from parley.analytics.journeys.people import funnel_of
from parley.analytics.journeys.queries import journey_by_id
from parley.analytics.journeys.schemas import JourneyOut, JourneyPatch
from parley.analytics.journeys.tables import MAX_NAME
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.errors import AppError
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import read
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.web.guards import is_htmx, page_session
from parley.web.rendering import page, redirect

PATH = "/journeys/{key:str}"
FUNNEL_PATH = PATH + "/funnel"
NOTICES = {"saved": "Saved."}
NO_FUNNEL = "This journey follows an insight that is no funnel, so it has no steps."


class JourneyView(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `journey_pages/journey.html`; `is_due` says that a script is to ask for the funnel."""

    journey: JourneyOut
    insight: StoredInsight
    path: str
    answer: ShownAnswer
    steps: Sequence[StepView]
    is_due: bool
    may_change: bool
    notice: str | None = None
    max_name: int = MAX_NAME


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_one_journey(
    request: ParleyRequest, key: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show a journey with the answer that is kept; a script asks for one that is old."""
    view = await _view(services, actor, key, "force_cache")
    notice = NOTICES.get(request.query_params.get("notice", ""))
    return page(request, "journey_pages/journey.html", msgspec.structs.replace(view, notice=notice))


@get(FUNNEL_PATH, guards=[page_session], include_in_schema=False)
async def show_journey_funnel(
    request: ParleyRequest, key: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the funnel with its steps, computed where it is old."""
    view = await _view(services, actor, key, "blocking")
    template = "journey_pages/_funnel.html" if is_htmx(request) else "journey_pages/journey.html"
    return page(request, template, view)


async def _view(services: Services, actor: Actor, key: str, mode: Mode) -> JourneyView:
    async with services.database.transaction(write=False) as db:
        journey = await journey_by_id(db, actor.project_id, key)
        insight = await insight_by_key(db, actor.project_id, str(journey.insight), with_deleted=True)
    view = JourneyView(
        journey=journey,
        insight=insight,
        path=f"/journeys/{journey.id}",
        answer=ShownAnswer(title=insight.title, words=NO_FUNNEL),
        steps=(),
        is_due=False,
        may_change=shown_level(actor) != "viewer",
    )
    query = funnel_of(insight)
    return (
        view
        if query is None
        else await _answered(services, actor, view, [one.label for one in query.series], mode)
    )


async def _answered(
    services: Services, actor: Actor, view: JourneyView, names: Sequence[str], mode: Mode
) -> JourneyView:
    asked, title = in_steps(view.insight.question), view.insight.title
    try:
        result = await run_insight(services, actor.project, asked, mode, actor=actor)
    except AppError as error:
        answer = shown_answer(asked, None, title, error.detail)
        return msgspec.structs.replace(view, answer=answer, steps=steps_of(names, None))
    is_old = result.cache_target_age is None or result.cache_target_age < services.clock.now()
    return msgspec.structs.replace(
        view,
        answer=shown_answer(asked, result, title),
        steps=steps_of(names, result.rows),
        is_due=mode == "force_cache" and is_old,
    )


@post(PATH, guards=[page_session], include_in_schema=False)
async def change_one_journey(
    key: FromPath[str],
    data: JSONBody[JourneyForm],
    actor: ActorDependency,
    db: DbDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Save the name and the description, or delete the journey."""
    if data.do == "delete":
        await delete_journey(db, services, actor, key)
        return redirect("/journeys?notice=deleted")
    said = {"name": data.name, "description": data.description or None}
    found = await change_journey(db, services, actor, key, read(JourneyPatch, said))
    return redirect(f"/journeys/{found.id}?notice=saved")


handlers: list[Any] = [show_one_journey, show_journey_funnel, change_one_journey]
