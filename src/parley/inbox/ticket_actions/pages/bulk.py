"""What agents do to several tickets of the list at once; each is an action that the API has."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import msgspec
from litestar import Response, post
from msgspec import UNSET, UnsetType

from parley.conversations.bulk_changes import actions
from parley.conversations.bulk_changes.schemas import BulkAssignee, BulkSnooze, BulkStatus, BulkTags
from parley.inbox.ticket_actions.fields import assignee_of_form
from parley.inbox.ticket_details.details import snooze_end
from parley.inbox.ticket_rows.address import ListAddress
from parley.kernel.database.transaction import Db
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import read, refuse_nul
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.web.guards import HOME, page_of_form, page_session
from parley.web.rendering import redirect

MOST_FIELDS = 1000
OPENED = re.compile(r"/inbox/[0-9]{1,9}")


class BulkForm(msgspec.Struct, frozen=True, kw_only=True):
    """The form below the list; `action` is the button that was pressed, and one of the other fields is for it."""

    action: str = ""
    ids: Sequence[str] = ()
    status: str | UnsetType = UNSET
    assignee: str | UnsetType = UNSET
    tag: str | UnsetType = UNSET
    snooze: str = "nothing chosen"
    into: str = ""


def form_of(body: bytes) -> BulkForm:
    """Read the form; the boxes that are ticked all have the same name. Raises Invalid."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise Invalid("This form can't be read.") from error
    fields: dict[str, Any] = {name: value for name, value in pairs if name in BulkForm.__struct_fields__}
    ids = list(dict.fromkeys(value for name, value in pairs if name == "ids"))
    if not ids:
        raise Invalid("Tick the conversations that this is for.", attr="ids")
    refuse_nul(fields)
    return BulkForm(**{**fields, "ids": ids})


@post("/inbox/bulk", guards=[page_session], include_in_schema=False)
async def change_many(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Change the tickets that are ticked, then show the same page and say how many changed."""
    form = form_of(await request.body())
    async with services.database.transaction() as db:
        changed, skipped = await _change(db, services, actor, form)
    said = {"changed": str(len(changed)), **({"skipped": str(skipped)} if skipped else {})}
    return redirect(_page_before(request, said))


async def _change(db: Db, services: Services, actor: Actor, form: BulkForm) -> tuple[Sequence[UUID], int]:
    """Do what the button says; return the tickets that changed, and how many couldn't."""
    ids = list(form.ids)
    if form.action in ("add", "remove"):
        wanted = read(BulkTags, {"ids": ids, "action": form.action, "tags": [form.tag or ""]})
        tagged = await actions.change_tags(db, services, actor, wanted)
        return [one.id for one in tagged.updated], len(tagged.skipped)
    if form.action == "status":
        moved = await actions.change_statuses(
            db, services, actor, read(BulkStatus, {"ids": ids, "status": form.status})
        )
        return moved.ids, 0
    if form.action == "assign":
        if form.assignee is UNSET:
            raise Invalid("Choose who takes care of these conversations.", attr="assignee")
        to = assignee_of_form(form.assignee, actor)
        found = await actions.assign_tickets(
            db, services, actor, read(BulkAssignee, {"ids": ids, "assignee": to})
        )
    elif form.action == "snooze":
        until = snooze_end(form.snooze, services.clock.now(), actor.project.timezone)
        given = {"ids": ids, "snoozed_until": until.isoformat() if until else None}
        found = await actions.snooze_tickets(db, services, actor, read(BulkSnooze, given))
    else:
        raise Invalid("Choose what to do with these conversations.", attr="action")
    return found.updated, len(found.skipped)


def _page_before(request: ParleyRequest, said: Mapping[str, str]) -> str:
    """Return the list of the address, with the ticket open that was: the browser says where the form was sent from."""
    path = page_of_form(request).partition("?")[0]
    opened = path if OPENED.fullmatch(path) else HOME
    parameters = ListAddress.of(request.query_params).replaced().parameters
    return f"{opened}?{urlencode({**parameters, **said})}"


handlers = [change_many]
