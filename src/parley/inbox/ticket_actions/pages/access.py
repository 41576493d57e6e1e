"""Who may do what with one conversation."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from parley.accounts.access_levels.actions import set_level
from parley.accounts.access_levels.level_form import (
    LevelForm,
    LevelRow,
    can_have_a_level,
    fields_of,
    level_rows,
)
from parley.accounts.access_levels.queries.controls import access_controls
from parley.accounts.access_levels.queries.grantees import Grantee, grantees_of
from parley.accounts.access_levels.rules import check_at_least
from parley.accounts.access_levels.schemas import TicketLevel
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.tickets.queries.authorised import locked_ticket_for
from parley.conversations.tickets.rules.ids import id_or_number
from parley.inbox.ticket_rows.address import ListAddress
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import read
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.web.guards import page_session
from parley.web.rendering import page, redirect

PATH = "/inbox/{number:int}/access"
MEANINGS = {
    "none": "does not see this conversation",
    "viewer": "reads it",
    "editor": "answers and changes it",
    "manager": "also deletes it and sets these levels",
}


class TicketAccessPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `ticket_actions/access.html`; `default` is the level of members for whom none is set."""

    number: int
    rows: Sequence[LevelRow]
    default: str
    grantees: Sequence[Grantee]
    meanings: dict[str, str]
    query: str
    problem: str | None = None


async def _access_page(
    request: ParleyRequest, services: Services, actor: Actor, number: int
) -> TicketAccessPage:
    """Gather the levels on a ticket. Raises NotFound, and PermissionDenied for who isn't its manager."""
    grantees = await grantees_of(services.database, actor.project.organization_id)
    async with services.database.transaction(write=False) as db:
        ticket = await ticket_by_key(db, actor, str(number))
        check_at_least(ticket.user_access_level, "manager")
        found = await access_controls(db, actor.project_id, ticket.id)
    return TicketAccessPage(
        number=ticket.ticket_number,
        rows=level_rows(found, grantees),
        default=found.access_level,
        grantees=can_have_a_level(grantees),
        meanings=MEANINGS,
        query=ListAddress.of(request.query_params).query,
    )


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_ticket_access(
    request: ParleyRequest, number: FromPath[int], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show who has which level on a conversation."""
    shown = await _access_page(request, services, actor, number)
    return page(request, "ticket_actions/access.html", shown)


@post(PATH, guards=[page_session], include_in_schema=False)
async def set_ticket_access(
    request: ParleyRequest,
    number: FromPath[int],
    data: JSONBody[LevelForm],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Set a level on a conversation, or take it back, under the rules of the API."""
    query = ListAddress.of(request.query_params).query
    try:
        async with services.database.transaction() as db:
            ticket = await locked_ticket_for(db, actor, id_or_number(str(number)), "manager")
            await set_level(db, services, actor, ticket.id, read(TicketLevel, fields_of(data)))
    except Invalid as error:
        shown = await _access_page(request, services, actor, number)
        refused = msgspec.structs.replace(shown, problem=error.detail)
        return page(request, "ticket_actions/access.html", refused, status=422)
    return redirect(f"/inbox/{ticket.number}/access{query}")


handlers = [show_ticket_access, set_ticket_access]
