"""The API of customer journeys (docs/journeys.md)."""

from typing import Any

from litestar import delete, get, patch, post, put
from litestar.params import FromPath, JSONBody

from parley.analytics.funnels.queries.actors import AtStep
from parley.analytics.journeys import JOURNEY, JOURNEYS, PEOPLE, actions
from parley.analytics.journeys.people import people_at_step
from parley.analytics.journeys.queries import journey_by_id, journey_page
from parley.analytics.journeys.rules import step_asked
from parley.analytics.journeys.schemas import (
    JourneyOut,
    JourneyPatch,
    JourneyPeople,
    JourneyReplacement,
    NewJourney,
)
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import needs
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import Query, documented
from parley.kernel.text.cursors import decoded_cursor, encoded_cursor

PEOPLE_QUERY = [
    Query("step", "The step that they took, counted from 1. Required.", int),
    Query(
        "converted",
        "`true`: who went on to the next step, `false`: who didn't. All of them unless said.",
        bool,
    ),
    Query("limit", "How many to return at most, up to 100.", int),
    Query("after_mark", "A cursor out of `next`."),
]
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


@get(PEOPLE, guards=[READS], opt=documented(query=PEOPLE_QUERY))
async def list_people(
    journey_id: FromPath[str], request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> JourneyPeople:
    """List who took a step and did or didn't go on, newest first, each with their open tickets."""
    asked = page_request(request, default=50, most=100)
    page = asked.limit, decoded_cursor(asked.cursor, AtStep)
    found, cursor = await people_at_step(services, actor, journey_id, step_asked(request.query_params), page)
    following = {"limit": asked.limit, "after_mark": encoded_cursor(cursor)} if cursor else None
    return JourneyPeople(results=found, next=request.url_with(following) if following else None)


handlers: list[Any] = [
    list_journeys,
    create_journey,
    show_journey,
    change_journey,
    replace_journey,
    delete_journey,
    list_people,
]
