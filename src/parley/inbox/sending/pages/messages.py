"""Sending a reply, or keeping a private note."""

from hashlib import sha256
from typing import Any

import msgspec
from litestar import Response, post
from litestar.params import FromPath

from parley.accounts.access_levels.rules import check_at_least
from parley.conversations.drafts.actions import drop_drafts
from parley.conversations.files.forms import fill_form
from parley.conversations.files.rules.limits import MOST_FORM_BYTES
from parley.conversations.files.schemas import PickedFiles
from parley.conversations.messages.actions.comments import post_comment
from parley.conversations.messages.actions.messages import change_note
from parley.conversations.messages.schemas import NewComment, NoteChange
from parley.conversations.ticket_api.actions import change_ticket
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.ticket_api.schemas import TicketOut, TicketPatch
from parley.conversations.tickets.rules.comments import MESSAGE_SCOPE
from parley.conversations.tickets.rules.fields import STATUSES, Status, waits_after_reply
from parley.inbox.composer.form import Composer, ComposerPart, ReplyForm, empty_composer
from parley.inbox.composer.rich_text import Written, written
from parley.inbox.conversation_view.conversation import ticket_view
from parley.inbox.inbox_page.window import whole_page
from parley.inbox.ticket_rows.address import ListAddress
from parley.kernel.database.transaction import Db
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import AppError, IdempotencyKeyInUse, IdempotencyKeyReused, Invalid, PlainError
from parley.kernel.http.authorization import Actor
from parley.kernel.http.request import ParleyRequest
from parley.kernel.idempotency import Replayed, keep, transaction_once
from parley.kernel.services import Services
from parley.kernel.text.forms import trimmed
from parley.kernel.text.json_text import read_json
from parley.web.guards import STREAMS_FORM, is_htmx, page_session
from parley.web.rendering import page, redirect

MAX_LENGTH = 5000
SENT_ALREADY = "This was sent already, and is not sent again. You find it in the conversation."


@post(
    "/inbox/{number:int}/messages",
    guards=[page_session],
    include_in_schema=False,
    opt={STREAMS_FORM: True},
    request_max_body_size=MOST_FORM_BYTES,
)
async def post_message(
    request: ParleyRequest, number: FromPath[int], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Send a reply or store a note; an empty or too long one is shown again with the error and its files."""
    ticket = await ticket_by_key(services.database, actor, str(number))
    check_at_least(ticket.user_access_level, "editor")
    data = ReplyForm()
    await fill_form(request, services, actor, data)
    query = ListAddress.of(request.query_params).query
    empty = await empty_composer(services, actor, ticket, query, _kind(data))
    try:
        if data.edits:
            is_new = await _change(services, actor, number, data)
        else:
            is_new = await _store(request, services, actor, ticket, data)
    except (Invalid, IdempotencyKeyInUse) as error:
        return await _refused(request, services, actor, ticket, _with_problem(empty, data, error))
    if is_htmx(request):
        composer = empty if is_new else msgspec.structs.replace(empty, problem=SENT_ALREADY)
        told = {"HX-Trigger": "thread-stale" if data.edits else "thread-grew"}
        return page(request, "composer/_composer.html", ComposerPart(composer), headers=told)
    return redirect(f"/inbox/{number}{query}")


def _kind(form: ReplyForm) -> str:
    return "note" if form.kind == "note" else "reply"


async def _change(services: Services, actor: Actor, number: int, form: ReplyForm) -> bool:
    """Give one's own note another text; raises Invalid, also for what is no note of one's own."""
    said = _said(form)
    if not said.content:
        raise Invalid("There is nothing in it yet. Delete the note instead.", code="blank", attr="content")
    new = NoteChange(message=said.content, rich_content=said.rich_content)
    try:
        async with services.database.transaction() as db:
            await change_note(db, services, actor, str(number), form.edits, new)
    except PlainError as error:
        detail = error.body["detail"] if isinstance(error.body, dict) else error.body
        raise Invalid(str(detail)) from error
    return True


def _said(form: ReplyForm) -> Written:
    """Return what was written, without white space around it; raises Invalid for what is too long or can't be read."""
    said = written(form.content, form.rich_content)
    content = trimmed(said.content)
    if len(content) > MAX_LENGTH:
        raise Invalid(f"This is {len(content)} characters long; {MAX_LENGTH} is the most.", attr="content")
    return Written(content, said.rich_content)


async def _store(
    request: ParleyRequest, services: Services, actor: Actor, ticket: TicketOut, form: ReplyForm
) -> bool:
    """Store what was written, once for each form and text; return whether it is new.

    Raises Invalid, and IdempotencyKeyInUse while the same form is being sent.
    """
    if form.problem is not None:
        raise Invalid(form.problem, attr="files")
    said = _said(form)
    if not said.content and not form.files:
        raise Invalid("There is nothing in it yet.", code="blank", attr="content")
    new = NewComment(
        content=said.content,
        rich_content=said.rich_content,
        scope=MESSAGE_SCOPE,
        item_id=str(ticket.id),
        item_context={"author_type": "support", "is_private": _kind(form) == "note"},
        file_ids=[one.id for one in form.files],
    )
    about: Any = {
        "project_id": actor.project_id,
        "caller": f"user:{actor.user_id}",
        "key": _key(form),
    }
    try:
        async with transaction_once(request, services, **about) as db:
            _, is_new = await post_comment(db, services, actor, new, has_key=bool(form.key))
            if (status := await _status_after(db, actor, ticket, form)) is not None:
                await change_ticket(db, services, actor, str(ticket.id), TicketPatch(status=status))
            await drop_drafts(db, actor, ticket.id, _numbers(ticket.merged_ticket_numbers))
            await keep(request, 200, None)
    except (Replayed, IdempotencyKeyReused):
        return False
    return is_new


async def _status_after(db: Db, actor: Actor, ticket: TicketOut, form: ReplyForm) -> Status | None:
    """Return the status that the form asks for, or that follows from an answer to a new ticket."""
    asked = next((status for status in STATUSES if status == form.then), None)
    if asked is not None or _kind(form) == "note" or not waits_after_reply(actor.project.settings):
        return asked
    # The message has locked the ticket: what is read here holds until the end.
    return "pending" if (await ticket_by_key(db, actor, str(ticket.id))).status == "new" else None


def _numbers(given: Any) -> list[int]:
    """Return the numbers of merged tickets, which queries give as the JSON that is stored."""
    return [*(read_json(given) if isinstance(given, msgspec.Raw) else given)]


def _key(form: ReplyForm) -> str | None:
    """Return the key of a message: whoever goes back to a form that was sent may write something else in it."""
    said = f"{trimmed(form.content)}:{form.rich_content}" if form.rich_content else trimmed(form.content)
    words = f"{_kind(form)}:{said}:{','.join(form.digests)}".encode("utf-8", "surrogatepass")
    return f"{form.key}:{sha256(words).hexdigest()}" if form.key else None


def _with_problem(composer: Composer, form: ReplyForm, error: AppError) -> Composer:
    files = PickedFiles(stored=form.files)
    return msgspec.structs.replace(
        composer,
        content=form.content,
        rich_content=form.rich_content,
        edits=form.edits,
        problem=error.detail,
        key=form.key,
        files=files,
    )


async def _refused(
    request: ParleyRequest, services: Services, actor: Actor, ticket: TicketOut, composer: Composer
) -> Response[Any]:
    if is_htmx(request):
        return page(request, "composer/_composer.html", ComposerPart(composer), status=422)
    opened = await ticket_view(services, actor, ticket, composer.query, composer=composer)
    return await whole_page(request, services, actor, opened, status=422)


handlers = [post_message]
