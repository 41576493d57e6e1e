"""The API of customer journeys (docs/journeys.md)."""

from typing import Any

from litestar import delete, get, patch, post, put
from litestar.params import FromPath, JSONBody

from parley.analytics.journeys import JOURNEY, JOURNEYS, actions
from parley.analytics.journeys.queries import journey_by_id, journey_page
from parley.analytics.journeys.schemas import JourneyOut, JourneyPatch, JourneyReplacement, NewJourney
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import needs
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest

READS, WRITES = needs("customer_journey:read"), needs("customer_journey:write")


@get(JOURNEYS, guards=[READS])
async def list_journeys(request: ParleyRequest, db: DbDependency, actor: ActorDependency) -> Page[JourneyOut]:
    """List the journeys of the project, in the order in which they were made."""
    asked = page_request(request)
    count, found = await journey_page(db, actor.project_id, asked)
    return page_of(request, asked, count, found)


@post(JOURNEYS, guards=[WRITES])
async def create_journey(
    data: JSONBody[NewJourney], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> JourneyOut:
    """Make a journey of an insight. An insight that has one already is a conflict."""
    return await actions.create_journey(db, services, actor, data)


@get(JOURNEY, guards=[READS])
async def show_journey(journey_id: FromPath[str], db: DbDependency, actor: ActorDependency) -> JourneyOut:
    """Show one journey."""
    return await journey_by_id(db, actor.project_id, journey_id)


@patch(JOURNEY, guards=[WRITES])
async def change_journey(
    journey_id: FromPath[str],
    data: JSONBody[JourneyPatch],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> JourneyOut:
    """Change the fields that the body has."""
    return await actions.change_journey(db, services, actor, journey_id, data)


@put(JOURNEY, guards=[WRITES])
async def replace_journey(
    journey_id: FromPath[str],
    data: JSONBody[JourneyReplacement],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> JourneyOut:
    """Say insight and name anew, and the description if the body has one."""
    return await actions.change_journey(db, services, actor, journey_id, data)


@delete(JOURNEY, guards=[WRITES])
async def delete_journey(
    journey_id: FromPath[str], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> None:
    """Delete a journey for good; its insight stays."""
    await actions.delete_journey(db, services, actor, journey_id)


handlers: list[Any] = [
    list_journeys,
    create_journey,
    show_journey,
    change_journey,
    replace_journey,
    delete_journey,
]
