"""Who is stuck at a step of a journey, or has taken the last one, each with their open tickets."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from parley.analytics.funnels.queries.actors import AtStep
from parley.analytics.journeys.people import people_at_step
from parley.analytics.journeys.queries import journey_by_id
from parley.analytics.journeys.rules import step_asked
from parley.analytics.journeys.schemas import JourneyOut, JourneyPerson
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import AppError, NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.kernel.text.cursors import decoded_cursor, encoded_cursor
from parley.web.guards import is_htmx, page_session
from parley.web.rendering import page

PATH = "/journeys/{key:str}/people"
PER_PAGE = 25


class StepPeople(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `journey_pages/people.html`; `more_path` leads to those who come behind."""

    journey: JourneyOut
    people: Sequence[JourneyPerson] = ()
    more_path: str | None = None
    problem: str | None = None


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_step_people(
    request: ParleyRequest, key: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """List them, those who took the step last first."""
    async with services.database.transaction(write=False) as db:
        journey = await journey_by_id(db, actor.project_id, key)
    template = "journey_pages/_people.html" if is_htmx(request) else "journey_pages/people.html"
    asked = step_asked(request.query_params)
    try:
        found = await _found(services, actor, journey, asked, request.query_params.get("after"))
    except NotFound:
        raise
    except AppError as error:
        status = 200 if is_htmx(request) else error.status
        return page(request, template, StepPeople(journey=journey, problem=error.detail), status=status)
    return page(request, template, found)


async def _found(
    services: Services, actor: Actor, journey: JourneyOut, asked: tuple[int, bool | None], after: str | None
) -> StepPeople:
    place = PER_PAGE, decoded_cursor(after, AtStep)
    found, last = await people_at_step(services, actor, str(journey.id), asked, place)
    if last is None:
        return StepPeople(journey=journey, people=found)
    step, converted = asked
    wire = "" if converted is None else str(converted).lower()
    query = urlencode({"step": step, "converted": wire, "after": encoded_cursor(last)})
    return StepPeople(journey=journey, people=found, more_path=f"/journeys/{journey.id}/people?{query}")


handlers: list[Any] = [show_step_people]
