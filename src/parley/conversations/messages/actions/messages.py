"""Replies to the customer and private notes of the team, written on a ticket."""

from uuid import UUID

from msgspec import UNSET

from parley.conversations.files.attachments import file_links
from parley.conversations.messages.actions.comments import store_once
from parley.conversations.messages.queries.messages import TicketOfMessages, message_by_id
from parley.conversations.messages.schemas import MessageOut, NewComment, NewNote, NoteChange
from parley.conversations.ticket_changes.actions.announcing import announce
from parley.conversations.ticket_changes.rules.changes import message_edited
from parley.conversations.tickets.actions.messages import change_stored
from parley.conversations.tickets.queries.authorised import locked_ticket_for
from parley.conversations.tickets.queries.messages import StoredComment, locked_comment
from parley.conversations.tickets.queries.tickets import LockedTicket
from parley.conversations.tickets.rules.comments import MESSAGE_SCOPE, assistant_name, checked_content
from parley.conversations.tickets.rules.ids import id_or_number, uuid_of
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid, NotFound, PlainError, blank
from parley.kernel.http.authorization import Actor, Project
from parley.kernel.services import Services

NOT_ENABLED = {"detail": "Support is not enabled."}
NOT_FOUND = {"detail": "Note not found.", "error_type": "note_not_found"}


async def add_message(
    db: Db, services: Services, actor: Actor, key: str, new: NewNote, *, is_private: bool, has_key: bool
) -> tuple[MessageOut, bool]:
    """Store a message of the team; return it, and whether it is new (see `store_once`).

    Raises NotFound, PermissionDenied, Invalid, and PlainError where the project has conversations switched off.
    """
    if not actor.project.conversations_enabled:
        raise PlainError(400, NOT_ENABLED)
    on = await locked_ticket_for(db, actor, id_or_number(key))
    _check_text(new)
    checked_content(new.text, new.rich_content, has_files=bool(new.file_ids))
    posted = NewComment(
        scope=MESSAGE_SCOPE,
        item_id=str(on.id),
        content=new.text,
        rich_content=new.rich_content,
        # As the inbox says it: an identical comment counts as the same message.
        item_context={"author_type": "support", "is_private": is_private},
        file_ids=new.file_ids,
    )
    stored, is_new = await store_once(db, services, actor, posted, on, has_key=has_key)
    await db.finish_writing()
    return await message_by_id(db, _thread(services, on, actor.project), stored), is_new


def _check_text(new: NewNote) -> None:
    """Raise Invalid for a message that has neither text nor files."""
    if new.file_ids:
        return
    if new.message is UNSET:
        raise Invalid("This field is required.", code="required", attr="message")
    if not new.message:
        raise blank("message")


async def change_note(
    db: Db, services: Services, actor: Actor, key: str, message_id: str, new: NoteChange
) -> MessageOut:
    """Give one's own private note another text. Raises NotFound, PermissionDenied, Invalid and PlainError."""
    on, found = await _own_note(db, actor, key, message_id, verb="edit")
    checked_content(new.message, new.rich_content)
    changes = {"content": new.message, "rich_content": new.rich_content, "version": found.version + 1}
    await change_stored(db, found, changes)
    await announce(db, services, message_edited(on, found.id))
    return await message_by_id(db, _thread(services, on, actor.project), found.id)


async def remove_note(db: Db, services: Services, actor: Actor, key: str, message_id: str) -> None:
    """Remove one's own private note for good. Raises NotFound, PermissionDenied and PlainError."""
    on, found = await _own_note(db, actor, key, message_id, verb="delete")
    await change_stored(db, found, {"deleted": True})
    await announce(db, services, message_edited(on, found.id))


async def _own_note(
    db: Db, actor: Actor, key: str, message_id: str, *, verb: str
) -> tuple[LockedTicket, StoredComment]:
    on = await locked_ticket_for(db, actor, id_or_number(key))
    found = await _message_on(db, on, uuid_of(message_id))
    if not found.is_private:
        detail = f"Only private notes can be {verb.removesuffix('e')}ed."
        raise PlainError(400, {"detail": detail, "error_type": "not_private_note"})
    if found.created_by != actor.user_id:
        detail = f"You can only {verb} your own private notes."
        raise PlainError(403, {"detail": detail, "error_type": "not_note_author"})
    return on, found


async def _message_on(db: Db, on: LockedTicket, message_id: UUID | None) -> StoredComment:
    if message_id is None:
        raise PlainError(404, NOT_FOUND)
    try:
        found = await locked_comment(db, on.project_id, message_id)
    except NotFound as error:
        raise PlainError(404, NOT_FOUND) from error
    if found.deleted or found.scope != MESSAGE_SCOPE or found.ticket_id != on.id:
        raise PlainError(404, NOT_FOUND)
    return found


def _thread(services: Services, on: LockedTicket, project: Project) -> TicketOfMessages:
    name = assistant_name(project.settings)
    return TicketOfMessages(on.project_id, on.id, on.anonymous_traits, name, file_links(services))
