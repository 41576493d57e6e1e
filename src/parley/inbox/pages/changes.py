"""What agents do on a ticket: answer it, and change its status, priority, assignee, snooze and tags."""

from hashlib import sha256
from typing import Annotated, Any

import msgspec
from litestar import Response, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, UnsetType

from parley.accounts.access_levels.rules import check_at_least
from parley.conversations.files.forms import fill_form
from parley.conversations.files.rules.limits import MOST_FORM_BYTES
from parley.conversations.files.schemas import PickedFiles
from parley.conversations.messages.actions.comments import post_comment
from parley.conversations.messages.schemas import NewComment
from parley.conversations.ticket_api.actions import change_ticket
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.ticket_api.schemas import TicketOut, TicketPatch
from parley.conversations.tickets.rules.comments import MESSAGE_SCOPE
from parley.conversations.tickets.rules.fields import STATUSES, Status
from parley.inbox.pages.address import ListAddress
from parley.inbox.pages.details import AS_IT_IS, show_changed, snooze_end
from parley.inbox.pages.inbox import whole_page
from parley.inbox.pages.reply_form import ReplyForm
from parley.inbox.pages.ticket import Composer, ComposerPart, empty_composer, ticket_view
from parley.kernel.database.transaction import Db
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import AppError, IdempotencyKeyInUse, IdempotencyKeyReused, Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.request import ParleyRequest
from parley.kernel.idempotency import Replayed, keep, transaction_once
from parley.kernel.services import Services
from parley.kernel.text.forms import normal_tag, trimmed
from parley.web.guards import STREAMS_FORM, is_htmx, page_session
from parley.web.rendering import page, redirect

MAX_LENGTH = 5000
SENT_ALREADY = "This was sent already, and is not sent again. You find it in the conversation."


class ChangeForm(msgspec.Struct, frozen=True, kw_only=True):
    """The small forms; each sends one of these fields. Empty means none."""

    status: Status | UnsetType = UNSET
    priority: str | UnsetType = UNSET
    assignee: str | UnsetType = UNSET
    snooze: str | UnsetType = UNSET
    add_tag: Annotated[str, Meta(max_length=1000)] | UnsetType = UNSET
    remove_tag: Annotated[str, Meta(max_length=1000)] | UnsetType = UNSET


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
        is_new = await _store(request, services, actor, ticket, data)
    except (Invalid, IdempotencyKeyInUse) as error:
        return await _refused(request, services, actor, ticket, _with_problem(empty, data, error))
    if is_htmx(request):
        composer = empty if is_new else msgspec.structs.replace(empty, problem=SENT_ALREADY)
        return page(
            request, "inbox/_composer.html", ComposerPart(composer), headers={"HX-Trigger": "thread-grew"}
        )
    return redirect(f"/inbox/{number}{query}")


def _kind(form: ReplyForm) -> str:
    return "note" if form.kind == "note" else "reply"


async def _store(
    request: ParleyRequest, services: Services, actor: Actor, ticket: TicketOut, form: ReplyForm
) -> bool:
    """Store what was written, once for each form and text; return whether it is new.

    Raises Invalid, and IdempotencyKeyInUse while the same form is being sent.
    """
    if form.problem is not None:
        raise Invalid(form.problem, attr="files")
    content = trimmed(form.content)
    if len(content) > MAX_LENGTH:
        raise Invalid(f"This is {len(content)} characters long; {MAX_LENGTH} is the most.", attr="content")
    if not content and not form.files:
        raise Invalid("There is nothing in it yet.", code="blank", attr="content")
    new = NewComment(
        content=content,
        scope=MESSAGE_SCOPE,
        item_id=str(ticket.id),
        item_context={"author_type": "support", "is_private": _kind(form) == "note"},
        file_ids=[one.id for one in form.files],
    )
    about: Any = {
        "project_id": actor.project_id,
        "caller": f"user:{actor.user_id}",
        "key": _key(form, content),
    }
    try:
        async with transaction_once(request, services, **about) as db:
            _, is_new = await post_comment(db, services, actor, new, has_key=bool(form.key))
            status = next((status for status in STATUSES if status == form.then), None)
            if status is not None:
                await change_ticket(db, services, actor, str(ticket.id), TicketPatch(status=status))
            await keep(request, 200, None)
    except (Replayed, IdempotencyKeyReused):
        return False
    return is_new


def _key(form: ReplyForm, content: str) -> str | None:
    """Return the key of a message: whoever goes back to a form that was sent may write something else in it."""
    words = f"{_kind(form)}:{content}:{','.join(form.digests)}".encode("utf-8", "surrogatepass")
    return f"{form.key}:{sha256(words).hexdigest()}" if form.key else None


def _with_problem(composer: Composer, form: ReplyForm, error: AppError) -> Composer:
    files = PickedFiles(stored=form.files)
    return msgspec.structs.replace(
        composer, content=form.content, problem=error.detail, key=form.key, files=files
    )


async def _refused(
    request: ParleyRequest, services: Services, actor: Actor, ticket: TicketOut, composer: Composer
) -> Response[Any]:
    if is_htmx(request):
        return page(request, "inbox/_composer.html", ComposerPart(composer), status=422)
    opened = await ticket_view(services, actor, ticket, composer.query, composer=composer)
    return await whole_page(request, services, actor, opened, status=422)


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
        given["assignee"] = _assignee(form.assignee)
    if form.snooze is not UNSET and form.snooze != AS_IT_IS:
        given["snoozed_until"] = snooze_end(form.snooze, services.clock.now(), actor.project.timezone)
    if form.add_tag is not UNSET or form.remove_tag is not UNSET:
        tags = set((await ticket_by_key(db, actor, key)).tags)
        given["tags"] = sorted((tags | _named(form.add_tag)) - _named(form.remove_tag))
    return _checked(given)


def _checked(given: dict[str, Any]) -> TicketPatch:
    """Check what a form can get wrong by the rules of the API."""
    try:
        return msgspec.convert(given, TicketPatch)
    except msgspec.ValidationError as error:
        raise Invalid("This value is not valid.") from error


def _assignee(text: str) -> dict[str, Any] | None:
    kind, _, id = text.partition(":")
    if not id:
        return None
    return {"type": kind, "id": int(id) if kind == "user" and id.isascii() and id.isdigit() else id}


def _named(tag: str | UnsetType) -> set[str]:
    return {normal_tag(tag)} - {""} if isinstance(tag, str) else set()


handlers = [post_message, change]
