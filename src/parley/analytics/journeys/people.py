"""Who is at a step of a journey, with their open tickets, and where one person stands.

Neither reads inside of a transaction of its caller: a funnel over many events may take its time.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from parley.accounts.access_levels.queries.visibility import sees_any_ticket, visibility_of
from parley.analytics.event_source.source import event_source
from parley.analytics.funnels.queries.actors import AtStep, actors_at_step, steps_taken
from parley.analytics.insights.queries.insights import insight_by_key, insights_by_ids
from parley.analytics.insights.schemas import StoredInsight
from parley.analytics.journeys.errors import no_funnel, no_such_step
from parley.analytics.journeys.kept_people import kept_page
from parley.analytics.journeys.queries import journey_by_id, journey_page
from parley.analytics.journeys.schemas import JourneyOut, JourneyPerson, PersonStanding
from parley.analytics.query_schema.kinds import FunnelsQuery
from parley.analytics.query_schema.reading import normal, read_query
from parley.analytics.query_schema.ticket_events import is_of_ticket
from parley.conversations.ticket_api.schemas import TicketOut, TicketPerson
from parley.conversations.ticket_list.queries.of_persons import open_tickets_of_persons
from parley.kernel.errors import Invalid, PermissionDenied
from parley.kernel.http.authorization import Actor
from parley.kernel.http.paging import PageRequest
from parley.kernel.services import Services
from parley.kernel.text.json_text import read_json
from parley.people.persons.queries.by_identifier import ListedPerson, persons_by_ids
from parley.people.persons.rules.names import display_name

MOST_JOURNEYS = 10


async def people_at_step(
    services: Services, actor: Actor, key: str, at: tuple[int, bool | None], page: tuple[int, AtStep | None]
) -> tuple[list[JourneyPerson], AtStep | None]:
    """Return who took a step and did (not) go on, newest first, and the cursor behind them if there are more.

    Without `person:read` nothing is told of the persons. Tickets are those that the caller may see. Raises NotFound,
    Invalid, PermissionDenied where the funnel counts events about tickets, and what stops a long query.
    """
    (step, converted), (limit, cursor) = at, page
    async with services.database.transaction(write=False) as db:
        journey = await journey_by_id(db, actor.project_id, key)
        insight = await insight_by_key(db, actor.project_id, str(journey.insight), with_deleted=True)
    query = funnel_of(insight)
    if query is None:
        raise no_funnel()
    if not 0 < step <= len(query.series):
        raise no_such_step(len(query.series))
    if not _may_ask(actor, query):
        raise PermissionDenied("This journey counts events about tickets. You need to see all tickets.")
    source, now = await event_source(services, actor.project_id), services.clock.now()

    async def compute(most: int, behind: AtStep | None) -> list[AtStep]:
        return await actors_at_step(
            source, actor.project, query, now, step=step, converted=converted, page=(most, behind)
        )

    about = [str(actor.project_id), actor.project.timezone, str(step), str(converted)]
    question = "\0".join(about).encode() + normal(query)
    found = await kept_page(services.cache, question, compute, limit + 1, cursor)
    shown = found[:limit]
    return await _with_tickets(services, actor, shown), shown[-1] if len(found) > limit else None


async def standing(services: Services, actor: Actor, person_id: UUID) -> list[PersonStanding]:
    """Return how far a person came in each of the first MOST_JOURNEYS journeys in which they took a step.

    It reads the events of at most a hundred of their distinct ids, and one statement for each journey.
    """
    async with services.database.transaction(write=False) as db:
        person = (await persons_by_ids(db, actor.project_id, [person_id])).get(person_id)
        if person is None or not person.distinct_ids:
            return []
        _, journeys = await journey_page(db, actor.project_id, PageRequest(limit=MOST_JOURNEYS))
        insights = await insights_by_ids(db, actor.project_id, [one.insight for one in journeys])
    source, now, found = await event_source(services, actor.project_id), services.clock.now(), []
    for journey in journeys:
        query = funnel_of(insights.get(journey.insight))
        if query and _may_ask(actor, query):
            taken = await steps_taken(source, actor.project, query, now, person.distinct_ids)
            if taken:
                found.append(_standing(journey, query, taken))
    return found


def funnel_of(insight: StoredInsight | None) -> FunnelsQuery | None:
    """Return the funnel that an insight asks for; None where it asks for something else, or for nothing readable."""
    if insight is None or not insight.query:
        return None
    try:
        query = read_query(read_json(insight.query))
    except Invalid:
        return None
    return query if isinstance(query, FunnelsQuery) else None


def _may_ask(actor: Actor, query: FunnelsQuery) -> bool:
    """Say whether the caller may learn who did this: who has which tickets isn't for everybody."""
    nodes = (*query.series, *query.funnels_filter.exclusions)
    if not any(is_of_ticket(node.event) for node in nodes):
        return True
    return actor.principal.has("ticket:read") and sees_any_ticket(actor) and visibility_of(actor) == "all"


async def _with_tickets(services: Services, actor: Actor, found: Sequence[AtStep]) -> list[JourneyPerson]:
    ids, may_know = [one.person_id for one in found], actor.principal.has("person:read")
    async with services.database.transaction(write=False) as db:
        persons = await persons_by_ids(db, actor.project_id, ids)
        tickets = await open_tickets_of_persons(db, actor, ids)
    return [
        JourneyPerson(
            person=_person(persons[one.person_id]) if may_know else None,
            reached_at=one.at if may_know else None,
            tickets=[_shown(ticket, may_know=may_know) for ticket in tickets.get(one.person_id, ())],
        )
        for one in found
        if one.person_id in persons
    ]


def _person(found: ListedPerson) -> TicketPerson:
    name = display_name(found.properties, found.distinct_ids)
    return TicketPerson(
        found.id, name, found.distinct_ids, found.properties, found.created_at, found.is_identified
    )


def _shown(ticket: TicketOut, *, may_know: bool) -> TicketOut:
    if not may_know:
        ticket.person = None
    return ticket


def _standing(journey: JourneyOut, query: FunnelsQuery, taken: Sequence[datetime]) -> PersonStanding:
    return PersonStanding(
        journey=journey.id,
        name=journey.name,
        step=len(taken),
        n_steps=len(query.series),
        step_name=query.series[len(taken) - 1].label,
        reached_at=taken[-1],
    )
