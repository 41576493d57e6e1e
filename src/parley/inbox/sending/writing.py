"""What becomes of the form to write in: a reply that is held or sent, a private note, or another text of a note."""

from hashlib import sha256
from typing import Any

import msgspec

from parley.accounts.users.queries import undo_send_of, user_row
from parley.conversations.drafts.actions import drop_drafts
from parley.conversations.held_replies.actions import apply_with_reply, hold_reply, send_now
from parley.conversations.held_replies.schemas import HeldReply, NewHeldReply
from parley.conversations.messages.actions.comments import post_comment
from parley.conversations.messages.actions.messages import change_note
from parley.conversations.messages.rich_text import Written, written
from parley.conversations.messages.schemas import NewComment, NoteChange
from parley.conversations.ticket_api.actions import apply_actions
from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.ticket_api.ticket_actions import NOTHING, TicketActions
from parley.conversations.tickets.rules.comments import MESSAGE_SCOPE
from parley.conversations.tickets.rules.fields import STATUSES
from parley.inbox.composer.answers import answered_meanwhile
from parley.inbox.composer.changes import actions_of_form
from parley.inbox.composer.form import ReplyForm
from parley.inbox.composer.placeholders import unfilled
from parley.inbox.sending.errors import AnsweredMeanwhile, Unfilled
from parley.inbox.ticket_rows.customers import merged_numbers
from parley.kernel.database.transaction import Db
from parley.kernel.errors import IdempotencyKeyReused, Invalid, PlainError
from parley.kernel.http.authorization import Actor
from parley.kernel.http.request import ParleyRequest
from parley.kernel.idempotency import Replayed, keep, transaction_once
from parley.kernel.services import Services
from parley.kernel.text.forms import trimmed
from parley.kernel.text.iso_moments import utc_moment_of
from parley.web.guards import is_htmx

MAX_LENGTH = 5000


class Stored(msgspec.Struct, frozen=True):
    """What a form led to: something new or not, and the reply where it can still be taken back."""

    is_new: bool
    held: HeldReply | None = None


def _check_filled(form: ReplyForm, said: Written) -> None:
    """Raise Unfilled for a reply with placeholders, unless whoever sends it has said that they belong there."""
    left = unfilled(said.content) if kind_of(form) == "reply" and not form.as_is else []
    if left:
        raise Unfilled(left)


async def _check_alone(services: Services, actor: Actor, ticket: TicketOut, form: ReplyForm) -> None:
    """Raise AnsweredMeanwhile for a reply whose writer can't know that a colleague has answered."""
    answered = (
        await answered_meanwhile(services, actor, ticket, form.read_until) if kind_of(form) == "reply" else ""
    )
    if answered:
        raise AnsweredMeanwhile(answered)


def kind_of(form: ReplyForm) -> str:
    """Return what somebody writes: a reply or a note."""
    return "note" if form.kind == "note" else "reply"


async def change(services: Services, actor: Actor, number: int, form: ReplyForm) -> Stored:
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
    return Stored(is_new=True)


def _said(form: ReplyForm) -> Written:
    """Return what was written, without white space around it; raises Invalid for what is too long or can't be read."""
    said = written(form.content, form.rich_content)
    content = trimmed(said.content)
    if len(content) > MAX_LENGTH:
        raise Invalid(f"This is {len(content)} characters long; {MAX_LENGTH} is the most.", attr="content")
    return Written(content, said.rich_content)


async def store(
    request: ParleyRequest, services: Services, actor: Actor, ticket: TicketOut, form: ReplyForm
) -> Stored:
    """Hold or store what was written, once for each form and text.

    Raises Invalid, and IdempotencyKeyInUse while the same form is being sent.
    """
    if form.problem is not None:
        raise Invalid(form.problem, attr="files")
    said = _said(form)
    if not said.content and not form.files:
        raise Invalid("There is nothing in it yet.", code="blank", attr="content")
    _check_filled(form, said)
    await _check_alone(services, actor, ticket, form)
    actions = actions_of_form(form.actions)
    about: Any = {
        "project_id": actor.project_id,
        "caller": f"user:{actor.user_id}",
        "key": _key(form),
    }
    try:
        async with transaction_once(request, services, **about) as db:
            # Only a page with script shows the button that takes a reply back.
            is_held = is_htmx(request) and kind_of(form) == "reply"
            seconds = undo_send_of(await user_row(db, actor.user_id)) if is_held else 0
            if seconds:
                held = await hold_reply(
                    db, services, actor, ticket.id, _to_hold(form, said, actions), seconds
                )
                stored = Stored(is_new=True, held=held)
            else:
                stored = await _post(db, services, actor, ticket, form, said)
                await _apply(db, services, actor, ticket, form, actions)
            await _drop_draft(db, services, actor, ticket, form)
            await keep(request, 200, None)
    except (Replayed, IdempotencyKeyReused):
        # Where the first answer was lost, the page has kept the draft once more.
        async with services.database.transaction() as db:
            await _drop_draft(db, services, actor, ticket, form)
        return Stored(is_new=False)
    return stored


async def _drop_draft(db: Db, services: Services, actor: Actor, ticket: TicketOut, form: ReplyForm) -> None:
    kept = utc_moment_of(form.draft_at)
    if kept is not None:
        await drop_drafts(db, services, actor, ticket.id, merged_numbers(ticket), kept)


async def _post(
    db: Db, services: Services, actor: Actor, ticket: TicketOut, form: ReplyForm, said: Written
) -> Stored:
    new = NewComment(
        content=said.content,
        rich_content=said.rich_content,
        scope=MESSAGE_SCOPE,
        item_id=str(ticket.id),
        item_context={"author_type": "support", "is_private": kind_of(form) == "note"},
        file_ids=[one.id for one in form.files],
    )
    if kind_of(form) == "reply":
        await send_now(db, services, actor, ticket.id)
    _, is_new = await post_comment(db, services, actor, new, has_key=bool(form.key))
    return Stored(is_new)


async def _apply(
    db: Db, services: Services, actor: Actor, ticket: TicketOut, form: ReplyForm, actions: TicketActions
) -> None:
    """Set on the ticket what the form asks for."""
    if kind_of(form) == "reply":
        await apply_with_reply(db, services, actor, ticket.id, _status(form), actions)
        return
    actions = msgspec.structs.replace(actions, status=_status(form) or actions.status)
    if actions != NOTHING:
        await apply_actions(db, services, actor, str(ticket.id), actions)


def _to_hold(form: ReplyForm, said: Written, actions: TicketActions) -> NewHeldReply:
    return NewHeldReply(
        content=said.content,
        rich_content=said.rich_content,
        file_ids=[one.id for one in form.files],
        status=_status(form),
        actions=actions,
    )


def _status(form: ReplyForm) -> Any:
    return next((status for status in STATUSES if status == form.then), None)


def _key(form: ReplyForm) -> str | None:
    """Return the key of a message: whoever goes back to a form that was sent may write something else in it."""
    said = f"{trimmed(form.content)}:{form.rich_content}" if form.rich_content else trimmed(form.content)
    words = f"{kind_of(form)}:{said}:{','.join(form.digests)}".encode("utf-8", "surrogatepass")
    return f"{form.key}:{sha256(words).hexdigest()}" if form.key else None
