"""What is asked for while somebody writes: colleagues to mention, what can be put into the form, and who else answered."""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from parley.accounts.access_levels.rules import check_at_least
from parley.conversations.notifications.queries.recipients import mentionable_members
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.ticket_api.schemas import TicketOut
from parley.inbox.composer.answers import AnsweredPart, answered_meanwhile
from parley.inbox.composer.insertions import Inserted, inserted, insertion_of
from parley.inbox.composer.mentions import MemberOption, matching
from parley.inbox.composer.menu import MenuGroup, menu_of
from parley.inbox.composer.placeholders import values_of
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import Actor
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.web.guards import page_session
from parley.web.rendering import page


@get("/inbox/members", guards=[page_session], include_in_schema=False)
async def list_members(
    actor: ActorDependency, db: DbDependency, search: FromQuery[str] = ""
) -> list[MemberOption]:
    """Return the members whom a note may mention and whose name or address has a word that begins with the text."""
    return matching(await mentionable_members(db, actor.project_id), search)


@get("/inbox/{number:int}/quick-actions", guards=[page_session], include_in_schema=False)
async def list_quick_actions(
    number: FromPath[int], actor: ActorDependency, services: ServicesDependency, search: FromQuery[str] = ""
) -> list[MenuGroup]:
    """Return what can be put into an answer on the ticket and has every word of the search."""
    await _ticket(services, actor, number)
    return await menu_of(services, actor, search)


@get("/inbox/{number:int}/insertion", guards=[page_session], include_in_schema=False)
async def show_insertion(
    number: FromPath[int],
    actor: ActorDependency,
    services: ServicesDependency,
    insert: FromQuery[str] = "",
    actions: FromQuery[str] = "",
) -> Inserted:
    """Return the text of an option of the menu for the ticket, and what the form sets with it."""
    ticket = await _ticket(services, actor, number)
    insertion = await insertion_of(services, actor, values_of(ticket, actor.principal), insert)
    return await inserted(services, actor, insertion, actions)


@get("/inbox/{number:int}/answered", guards=[page_session], include_in_schema=False)
async def show_answered(
    request: ParleyRequest,
    number: FromPath[int],
    actor: ActorDependency,
    services: ServicesDependency,
    read_until: FromQuery[str] = "",
) -> Response[Any]:
    """Say that a colleague has answered since the moment up to which the caller has seen the messages."""
    ticket = await _ticket(services, actor, number)
    answered = await answered_meanwhile(services, actor, ticket, read_until)
    return page(request, "composer/_answered.html", AnsweredPart(answered))


async def _ticket(services: Services, actor: Actor, number: int) -> TicketOut:
    """Return the ticket; raises NotFound, and PermissionDenied for who may not answer it."""
    ticket = await ticket_by_key(services.database, actor, str(number))
    check_at_least(ticket.user_access_level, "editor")
    return ticket


handlers = [list_members, list_quick_actions, show_insertion, show_answered]
