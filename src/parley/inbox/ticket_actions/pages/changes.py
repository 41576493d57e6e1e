"""What agents change about a ticket: its status, priority, assignee, snooze and tags."""

from typing import Annotated, Any

import msgspec
from litestar import Response, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, UnsetType

from parley.conversations.ticket_api.actions import change_ticket
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.ticket_api.schemas import TicketPatch
from parley.conversations.tickets.queries.authorised import locked_ticket_for
from parley.conversations.tickets.rules.fields import Status
from parley.conversations.tickets.rules.ids import id_or_number
from parley.inbox.ticket_actions.fields import assignee_of_form, moment_of
from parley.inbox.ticket_details.details import AS_IT_IS, show_changed, snooze_end
from parley.kernel.database.transaction import Db
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.kernel.text.forms import normal_tag
from parley.web.guards import page_session


class ChangeForm(msgspec.Struct, frozen=True, kw_only=True):
    """The small forms; each sends one of these fields. Empty means none."""

    status: Status | UnsetType = UNSET
    priority: str | UnsetType = UNSET
    assignee: str | UnsetType = UNSET
    snooze: str | UnsetType = UNSET
    snooze_at: str | UnsetType = UNSET
    due_at: str | UnsetType = UNSET
    add_tag: Annotated[str, Meta(max_length=1000)] | UnsetType = UNSET
    remove_tag: Annotated[str, Meta(max_length=1000)] | UnsetType = UNSET


@post("/inbox/{number:int}", guards=[page_session], include_in_schema=False)
async def change(
    request: ParleyRequest,
    number: FromPath[int],
    data: JSONBody[ChangeForm],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Change the fields of the form and show the ticket."""
    async with services.database.transaction() as db:
        patch = await _patch(db, services, actor, str(number), data)
        await change_ticket(db, services, actor, str(number), patch)
    return await show_changed(request, services, actor, number)


async def _patch(db: Db, services: Services, actor: Actor, key: str, form: ChangeForm) -> TicketPatch:
    given: dict[str, Any] = {}
    if form.status is not UNSET:
        given["status"] = form.status
    if form.priority is not UNSET:
        given["priority"] = form.priority or None
    if form.assignee is not UNSET:
        given["assignee"] = assignee_of_form(form.assignee, actor)
    if form.snooze is not UNSET and form.snooze != AS_IT_IS:
        given["snoozed_until"] = snooze_end(form.snooze, services.clock.now(), actor.project.timezone)
    if form.snooze_at is not UNSET:
        given["snoozed_until"] = moment_of(form.snooze_at, actor.project.timezone)
    if form.due_at is not UNSET:
        given["sla_due_at"] = moment_of(form.due_at, actor.project.timezone)
    if form.add_tag is not UNSET or form.remove_tag is not UNSET:
        # Somebody else may be giving it a tag at this moment.
        await locked_ticket_for(db, actor, id_or_number(key))
        tags = set((await ticket_by_key(db, actor, key)).tags)
        given["tags"] = sorted((tags | _named(form.add_tag)) - _named(form.remove_tag))
    return _checked(given)


def _checked(given: dict[str, Any]) -> TicketPatch:
    """Check what a form can get wrong by the rules of the API."""
    try:
        return msgspec.convert(given, TicketPatch)
    except msgspec.ValidationError as error:
        raise Invalid("This value is not valid.") from error


def _named(tag: str | UnsetType) -> set[str]:
    return {normal_tag(tag)} - {""} if isinstance(tag, str) else set()


handlers = [change]
