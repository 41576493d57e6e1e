"""What agents do to several tickets of the list at once; each is an action that the API has."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from parley.conversations.bulk_changes import actions
from parley.conversations.bulk_changes.queries import editable_tickets
from parley.conversations.bulk_changes.schemas import (
    BulkAssignee,
    BulkIds,
    BulkPriority,
    BulkSnooze,
    BulkStatus,
    BulkTags,
)
from parley.conversations.bulk_changes.undoing import TOO_LATE, keep_bulk_change, undo_bulk_change
from parley.inbox.inbox_page.told import Told
from parley.inbox.inbox_page.window import whole_page
from parley.inbox.ticket_actions.fields import assignee_of_form
from parley.inbox.ticket_details.details import snooze_end
from parley.inbox.ticket_details.queries.people import assignables
from parley.inbox.ticket_rows.address import ListAddress
from parley.inbox.ticket_rows.names import PRIORITY_NAMES, STATUS_NAMES
from parley.kernel.database.transaction import Db
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid, NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import read, refuse_nul
from parley.kernel.http.request import ParleyRequest, uuid_in_path
from parley.kernel.services import Services
from parley.kernel.text.forms import normal_tag
from parley.web.formats import local_time
from parley.web.guards import HOME, page_of_form, page_session
from parley.web.rendering import redirect

MOST_FIELDS, MOST_DIGITS = 1000, 3
OPENED = re.compile(r"/inbox/[0-9]{1,9}")


class BulkForm(msgspec.Struct, frozen=True, kw_only=True):
    """The form below the list; `action` is the button that was pressed, and one of the other fields is for it."""

    action: str = ""
    ids: Sequence[str] = ()
    status: str | UnsetType = UNSET
    priority: str | UnsetType = UNSET
    assignee: str | UnsetType = UNSET
    tag: str | UnsetType = UNSET
    snooze: str = "nothing chosen"
    into: str = ""
    rows: str = ""  # how many the list shows: the next page has as many, so that the ticks stay


class UndoForm(msgspec.Struct, frozen=True):
    """The form of the bar above the list."""

    rows: str = ""


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
    """Change the tickets that are ticked, then show the same page, which says what was done and can undo it."""
    form = form_of(await request.body())
    chosen = read(BulkIds, {"ids": form.ids}).ids
    words = await _words(services, actor, form)
    async with services.database.transaction() as db:
        before = await editable_tickets(db, actor, chosen)
        await _change(db, services, actor, form)
        done = await keep_bulk_change(db, services, actor, words, chosen, before)
    return redirect(_page_before(request, done.id, form.rows))


@post("/inbox/bulk/{change_id:str}/undo", guards=[page_session], include_in_schema=False)
async def undo_many(
    request: ParleyRequest,
    change_id: FromPath[str],
    data: JSONBody[UndoForm],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Put back what a bulk change did, and say what stays; what can't be undone any more is said, too."""
    id = uuid_in_path(change_id)
    try:
        async with services.database.transaction() as db:
            await undo_bulk_change(db, services, actor, id)
    except NotFound as error:
        if error.detail != TOO_LATE:
            raise
        return await whole_page(request, services, actor, None, status=404, told=Told(error.detail))
    return redirect(_page_before(request, id, data.rows))


async def _words(services: Services, actor: Actor, form: BulkForm) -> str:
    """Return what is done to the conversations, as it is said afterwards; the form may still be refused."""
    tag = normal_tag(form.tag or "")
    if form.action == "status":
        name = STATUS_NAMES.get(form.status or "", "")
        return "resolved" if form.status == "resolved" else f"set to “{name}”"
    if form.action == "priority":
        name = PRIORITY_NAMES.get(form.priority or "", "")
        return f"given the priority “{name}”" if name else "left without a priority"
    if form.action == "assign":
        name = await _assignee_name(services, actor, form.assignee or "")
        return f"assigned to {name}" if name else "unassigned"
    words = {"add": f"tagged “{tag}”", "remove": f"untagged “{tag}”"}
    return words.get(form.action) or _snoozed(form, services.clock.now(), actor.project.timezone)


def _snoozed(form: BulkForm, now: datetime, timezone: str) -> str:
    until = snooze_end(form.snooze, now, timezone) if form.action == "snooze" else None
    return f"snoozed until {local_time(until, timezone)}" if until else "woken up"


async def _assignee_name(services: Services, actor: Actor, key: str) -> str:
    if key in ("", "me", f"user:{actor.user_id}"):
        return "you" if key else ""
    people = await assignables(services, actor.project)
    return next((one.name for one in people if one.key == key), "somebody else")


async def _change(db: Db, services: Services, actor: Actor, form: BulkForm) -> None:
    """Do what the button says."""
    ids = list(form.ids)
    if form.action in ("add", "remove"):
        wanted = read(BulkTags, {"ids": ids, "action": form.action, "tags": [form.tag or ""]})
        await actions.change_tags(db, services, actor, wanted)
    elif form.action == "status":
        to_status = read(BulkStatus, {"ids": ids, "status": form.status})
        await actions.change_statuses(db, services, actor, to_status)
    elif form.action == "priority":
        if form.priority is UNSET:
            raise Invalid("Choose the priority of these conversations.", attr="priority")
        to_priority = read(BulkPriority, {"ids": ids, "priority": form.priority or None})
        await actions.change_priorities(db, services, actor, to_priority)
    elif form.action == "assign":
        if form.assignee is UNSET:
            raise Invalid("Choose who takes care of these conversations.", attr="assignee")
        to = assignee_of_form(form.assignee, actor)
        to_assignee = read(BulkAssignee, {"ids": ids, "assignee": to})
        await actions.assign_tickets(db, services, actor, to_assignee)
    elif form.action == "snooze":
        until = snooze_end(form.snooze, services.clock.now(), actor.project.timezone)
        given = {"ids": ids, "snoozed_until": until.isoformat() if until else None}
        await actions.snooze_tickets(db, services, actor, read(BulkSnooze, given))
    else:
        raise Invalid("Choose what to do with these conversations.", attr="action")


def _page_before(request: ParleyRequest, done: UUID, rows: str) -> str:
    """Return the list of the address, with the ticket open that was: the browser says where the form was sent from."""
    path = page_of_form(request).partition("?")[0]
    opened = path if OPENED.fullmatch(path) else HOME
    said = {"done": str(done), **({"rows": rows[:MOST_DIGITS]} if rows else {})}
    return f"{opened}?{urlencode({**ListAddress.of(request.query_params).parameters, **said})}"


handlers = [change_many, undo_many]
