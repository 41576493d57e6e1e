"""People who take part in a ticket besides its requester."""

from typing import Any

from litestar import Response, delete, get, post
from litestar.params import FromPath, JSONBody

from parley.conversations.participants import actions
from parley.conversations.participants.queries import participant_page
from parley.conversations.participants.schemas import NewParticipant, ParticipantOut
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.tickets import TICKET
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import needs
from parley.kernel.http.json_response import JsonResponse as JsonAnswer
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import DocumentedAnswer, documented

PARTICIPANTS = TICKET + "/participants"
ADDS = documented(
    answers={200: DocumentedAnswer("They take part already; this is who it is.", (ParticipantOut,))}
)


@get(PARTICIPANTS, guards=[needs("ticket:read")])
async def list_participants(
    key: FromPath[str], request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Page[ParticipantOut]:
    """List the participants of a ticket, without its requester, in the order in which they were added."""
    asked = page_request(request)
    ticket = await ticket_by_key(services.database, actor, key)
    count, found = await participant_page(
        services.database, actor.project_id, ticket.id, limit=asked.limit, offset=asked.offset
    )
    return page_of(request, asked, count, found)


@post(PARTICIPANTS, guards=[needs("ticket:write")], opt=ADDS)
async def add_participant(
    key: FromPath[str],
    data: JSONBody[NewParticipant],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[ParticipantOut]:
    """Add a participant to a ticket, by `email`, by `distinct_id`, or by both."""
    participant, is_new = await actions.add_participant(db, services, actor, key, data)
    return JsonAnswer(participant, status_code=201 if is_new else 200)


@delete(PARTICIPANTS + "/{participant_id:str}", guards=[needs("ticket:write")])
async def remove_participant(
    key: FromPath[str],
    participant_id: FromPath[str],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> None:
    """Remove a participant from a ticket; their messages stay."""
    await actions.remove_participant(db, services, actor, key, participant_id)


handlers: list[Any] = [list_participants, add_participant, remove_participant]
