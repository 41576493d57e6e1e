"""Where a customer stands, beside their conversation."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from parley.analytics.journeys.people import standing
from parley.analytics.journeys.schemas import PersonStanding
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import AppError, NotFound
from parley.kernel.http.request import ParleyRequest
from parley.web.guards import page_session
from parley.web.rendering import page

PATH = "/journeys/standing/{person_id:str}"


class StandingPart(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `journey_pages/_standing.html`."""

    found: Sequence[PersonStanding] = ()
    problem: str | None = None


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_standing(
    request: ParleyRequest, person_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show how far a person came in each journey; nothing for somebody who took no step."""
    try:
        person = UUID(person_id)
    except ValueError as error:
        raise NotFound from error
    try:
        part = StandingPart(found=await standing(services, actor, person))
    except AppError as error:
        part = StandingPart(problem=error.detail)
    return page(request, "journey_pages/_standing.html", part)


handlers: list[Any] = [show_standing]
