"""What the editor asks for while somebody writes: colleagues at an @ in a note, and what can be put into the form."""

from litestar import get
from litestar.params import FromPath, FromQuery

from parley.accounts.access_levels.rules import check_at_least
from parley.conversations.notifications.queries.recipients import mentionable_members
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.ticket_api.schemas import TicketOut
from parley.inbox.composer.insertions import Inserted, inserted, insertion_of
from parley.inbox.composer.mentions import MemberOption, matching
from parley.inbox.composer.menu import MenuGroup, menu_of
from parley.inbox.composer.placeholders import values_of
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services
from parley.web.guards import page_session


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


async def _ticket(services: Services, actor: Actor, number: int) -> TicketOut:
    """Return the ticket; raises NotFound, and PermissionDenied for who may not answer it."""
    ticket = await ticket_by_key(services.database, actor, str(number))
    check_at_least(ticket.user_access_level, "editor")
    return ticket


handlers = [list_members, list_quick_actions, show_insertion]
