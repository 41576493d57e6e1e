"""The list of customer journeys."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody
from msgspec import Meta

from parley.analytics.insights.queries.shown import shown_level
from parley.analytics.insights.rules.naming import number_of
from parley.analytics.insights.schemas import StoredInsight
from parley.analytics.journey_pages.queries import funnels_without_journey
from parley.analytics.journeys.actions import create_journey
from parley.analytics.journeys.queries import journey_page
from parley.analytics.journeys.schemas import JourneyOut, NewJourney
from parley.analytics.journeys.tables import MAX_NAME
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.body import TRIM, read
from parley.kernel.http.paging import PageRequest
from parley.kernel.http.request import ParleyRequest
from parley.web.guards import page_session
from parley.web.rendering import page, redirect

PATH = "/journeys"
MOST = 200
NOTICES = {"deleted": "The journey is deleted. Its funnel is still among the insights."}


class JourneysPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `journey_pages/journeys.html`; `chosen` is the number of a funnel that the address names."""

    journeys: Sequence[JourneyOut]
    count: int
    funnels: Sequence[StoredInsight]
    chosen: int | None
    may_change: bool
    notice: str | None
    max_name: int = MAX_NAME


class JourneyForm(msgspec.Struct, frozen=True, kw_only=True):
    """What a journey is to be."""

    do: Annotated[str, Meta(extra=TRIM)] = ""
    insight: str = ""
    name: Annotated[str, Meta(extra=TRIM)] = ""
    description: Annotated[str, Meta(extra=TRIM)] = ""


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_journeys(request: ParleyRequest, actor: ActorDependency, db: DbDependency) -> Response[Any]:
    """List journeys in their order, with the form that makes one."""
    count, found = await journey_page(db, actor.project_id, PageRequest(limit=MOST, offset=0))
    may_change = shown_level(actor) != "viewer"
    shown = JourneysPage(
        journeys=found,
        count=count,
        funnels=await funnels_without_journey(db, actor.project_id) if may_change else [],
        chosen=number_of(request.query_params.get("insight", "")),
        may_change=may_change,
        notice=NOTICES.get(request.query_params.get("notice", "")),
    )
    return page(request, "journey_pages/journeys.html", shown)


@post(PATH, guards=[page_session], include_in_schema=False)
async def make_journey_page(
    data: JSONBody[JourneyForm], actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> Response[Any]:
    """Make a journey; without a name it is called like its funnel."""
    insight = number_of(data.insight) or 0
    funnels = [] if data.name else await funnels_without_journey(db, actor.project_id)
    title = next((one.title for one in funnels if one.id == insight), "")
    said = {
        "insight": insight,
        "name": data.name or title[:MAX_NAME],
        "description": data.description or None,
    }
    made = await create_journey(db, services, actor, read(NewJourney, said))
    return redirect(f"{PATH}/{made.id}")


handlers: list[Any] = [show_journeys, make_journey_page]
