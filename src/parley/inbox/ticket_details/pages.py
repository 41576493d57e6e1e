"""The name and address of a ticket's customer, and who takes part besides them."""

from typing import Annotated, Any

import msgspec
from litestar import Response, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from parley.conversations.participants import actions
from parley.conversations.participants.schemas import NewParticipant
from parley.inbox.ticket_details.details import show_changed
from parley.inbox.ticket_details.person import set_address, set_address_elsewhere, set_name
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.http.body import TRIM
from parley.kernel.http.request import ParleyRequest
from parley.web.guards import page_session


class ParticipantForm(msgspec.Struct, frozen=True):
    """Somebody to take part; `who` is an address or a distinct id."""

    who: Annotated[str, Meta(max_length=400, extra=TRIM)] = ""
    name: Annotated[str, Meta(max_length=500, extra=TRIM)] = ""


class CustomerForm(msgspec.Struct, frozen=True):
    """The address of the customer, or their name; empty takes it away, and what isn't given stays."""

    email: Annotated[str, Meta(max_length=400, extra=TRIM)] | None = None
    # Not trimmed: a name that nobody can see is refused, not taken for an empty one.
    name: Annotated[str, Meta(max_length=400)] | None = None


@post("/inbox/{number:int}/person", guards=[page_session], include_in_schema=False)
async def change_customer(
    request: ParleyRequest,
    number: FromPath[int],
    data: JSONBody[CustomerForm],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Set the name or the e-mail address of a ticket's customer."""
    async with services.database.transaction() as db:
        if data.name is not None:
            await set_name(db, services, actor, str(number), data.name)
        if data.email is not None:
            await set_address(db, services, actor, str(number), data.email)
    return await show_changed(request, services, actor, number)


@post("/inbox/{number:int}/person/elsewhere", guards=[page_session], include_in_schema=False)
async def use_address_elsewhere(
    request: ParleyRequest,
    number: FromPath[int],
    data: JSONBody[CustomerForm],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Use the address of a ticket in the other conversations of the same customer."""
    async with services.database.transaction() as db:
        await set_address_elsewhere(db, services, actor, str(number), data.email or "")
    return await show_changed(request, services, actor, number)


@post("/inbox/{number:int}/participants", guards=[page_session], include_in_schema=False)
async def add_participant(
    request: ParleyRequest,
    number: FromPath[int],
    data: JSONBody[ParticipantForm],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Add a participant to a ticket."""
    known_by = {"email" if "@" in data.who else "distinct_id": data.who}
    new = NewParticipant(**known_by, name=data.name)
    async with services.database.transaction() as db:
        await actions.add_participant(db, services, actor, str(number), new)
    return await show_changed(request, services, actor, number)


@post(
    "/inbox/{number:int}/participants/{participant_id:str}/remove",
    guards=[page_session],
    include_in_schema=False,
)
async def remove_participant(
    request: ParleyRequest,
    number: FromPath[int],
    participant_id: FromPath[str],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Remove a participant from a ticket."""
    async with services.database.transaction() as db:
        await actions.remove_participant(db, services, actor, str(number), participant_id)
    return await show_changed(request, services, actor, number)


handlers = [change_customer, use_address_elsewhere, add_participant, remove_participant]
