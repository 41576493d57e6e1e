"""Comments: posted, edited and removed by the team. Replies and private notes are comments on a ticket."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET

from parley.conversations.files.actions.attaching import attach_files
from parley.conversations.messages.queries.comments import (
    comment_by_id,
    is_comment_of,
    repeated_comment,
)
from parley.conversations.messages.schemas import CommentOut, CommentPatch, NewComment
from parley.conversations.ticket_changes.actions.announcing import announce
from parley.conversations.ticket_changes.rules.changes import message_added, message_edited, note_added
from parley.conversations.ticket_changes.rules.events import occasion_of
from parley.conversations.tickets.actions.messages import (
    CommentRow,
    change_stored,
    count_message,
    is_first_of_customer,
    store,
    uncount_message,
)
from parley.conversations.tickets.queries.authorised import locked_ticket_for
from parley.conversations.tickets.queries.messages import StoredComment, locked_comment
from parley.conversations.tickets.queries.tickets import LockedTicket
from parley.conversations.tickets.rules.comments import (
    CUSTOMER,
    MESSAGE_SCOPE,
    TICKET_SCOPES,
    author_type,
    check_rich_is_said,
    checked_content,
    is_private,
    time_of_message,
    without_sync_keys,
)
from parley.conversations.tickets.rules.fields import checked_instant, reopens_on_reply, status_after_message
from parley.conversations.tickets.rules.ids import uuid_of
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid, NotFound, PermissionDenied
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services

DUPLICATE_WINDOW = timedelta(seconds=120)


async def post_comment(
    db: Db, services: Services, actor: Actor, new: NewComment, *, has_key: bool = False
) -> tuple[CommentOut, bool]:
    """Store a comment; return it and whether it is new (see `store_once`). Raises PermissionDenied and Invalid."""
    checked_content(new.content, new.rich_content, has_files=bool(new.file_ids))
    if new.file_ids and new.scope not in TICKET_SCOPES:
        raise Invalid("Only comments on tickets may have files.", attr="file_ids")
    if new.source_comment is not None and not await is_comment_of(db, actor, new.source_comment):
        raise Invalid("The source comment does not exist.", code="does_not_exist", attr="source_comment")
    # Its lock lets a repeated request see what the first one has stored.
    on = await _ticket_of(db, actor, new) if new.scope in TICKET_SCOPES else None
    stored, is_new = await store_once(db, services, actor, new, on, has_key=has_key)
    return await comment_by_id(db, actor, stored), is_new


async def store_once(
    db: Db,
    services: Services,
    actor: Actor,
    new: NewComment,
    on: LockedTicket | None,
    *,
    has_key: bool,
) -> tuple[UUID, bool]:
    """Store a checked comment, unless it repeats one; return its id, and whether it is new.

    Equal words count as a repetition only within two minutes, by the same user, with nothing public in between, and
    never as a customer's words. A request that has an `Idempotency-Key` says itself whether it is a repetition.
    Raises Invalid for a message whose customer would get other words than it has here.
    """
    row = _row(services, actor, new, on)
    if on is not None and row.scope == MESSAGE_SCOPE and not row.is_private and row.author_type != CUSTOMER:
        check_rich_is_said(on.channel_source, row.content, row.rich_content)
    if not has_key and row.author_type != CUSTOMER:
        since = services.clock.now() - DUPLICATE_WINDOW
        repeated = await repeated_comment(db, actor.project_id, row, since, new.file_ids)
        if repeated is not None:
            return repeated, False
    stored = await store(db, row)
    await attach_files(db, actor.project_id, stored, new.file_ids, uploaded_by=actor.user_id)
    if on is not None and row.scope == MESSAGE_SCOPE:
        settings = actor.project.settings
        status = status_after_message(on.status, row, reopens=reopens_on_reply(settings))
        await count_message(db, row, status)
        is_first = await is_first_of_customer(db, actor.project, on.id, row)
        occasion = occasion_of(actor, row.created_at)
        change = message_added(occasion, on, row, stored, status, is_first=is_first)
        if row.is_private and ("@" in row.content or row.rich_content is not None or new.mentions):
            change = note_added(change, occasion.by, new.mentions)
        await announce(db, services, change)
    return stored, True


async def _ticket_of(db: Db, actor: Actor, new: NewComment) -> LockedTicket:
    try:
        return await locked_ticket_for(db, actor, uuid_of(new.item_id))
    except NotFound as error:
        raise Invalid("Ticket not found", attr="item_id") from error


def _row(services: Services, actor: Actor, new: NewComment, on: LockedTicket | None) -> CommentRow:
    context = without_sync_keys(new.item_context or {})
    is_message = new.scope == MESSAGE_SCOPE
    return CommentRow(
        project_id=actor.project_id,
        scope=new.scope,
        item_id=str(on.id) if on else new.item_id,
        ticket_id=on.id if on else None,
        item_context=context,
        author_type=author_type(context) if is_message else "",
        # A remark about a ticket that is no message must never reach the customer.
        is_private=is_private(context) if is_message else on is not None,
        content=new.content or "",
        rich_content=new.rich_content,
        created_by=actor.user_id,
        source_comment_id=new.source_comment,
        is_task=new.is_task,
        via_ticket_id=on.via_ticket_id if on else None,
        created_at=time_of_message(services.clock.now(), on.last_message_at if on else None),
    )


async def change_comment(
    db: Db, services: Services, actor: Actor, comment_id: UUID, patch: CommentPatch
) -> CommentOut:
    """Edit or remove one's own comment. Raises NotFound, PermissionDenied and Invalid."""
    shown = await comment_by_id(db, actor, comment_id, with_deleted=True)
    on = None
    if shown.scope in TICKET_SCOPES:
        on = await locked_ticket_for(db, actor, uuid_of(shown.item_id))
    found = await locked_comment(db, actor.project_id, comment_id)
    if found.created_by != actor.user_id:
        raise PermissionDenied("You can only modify your own comments")
    if found.deleted and not patch.deleted:
        raise NotFound
    changes = {} if found.deleted else _changes(found, patch)
    if changes:
        await change_stored(db, found, changes)
        if on is not None and found.scope == MESSAGE_SCOPE:
            await _after_change(db, services, on, found, is_gone="deleted" in changes)
    return await comment_by_id(db, actor, comment_id, with_deleted=True)


def _changes(found: StoredComment, patch: CommentPatch) -> dict[str, Any]:
    if patch.deleted:
        return {"deleted": True}
    given: dict[str, Any] = {
        name: getattr(patch, name)
        for name in ("content", "rich_content", "is_task", "completed_at")
        if getattr(patch, name) is not UNSET
    }
    checked_instant(given.get("completed_at"), "completed_at")
    if "content" in given:
        given["content"] = given["content"] or ""
    changes = {name: value for name, value in given.items() if getattr(found, name) != value}
    if "content" in changes or "rich_content" in changes:
        after = msgspec.structs.asdict(found) | changes
        checked_content(after["content"], after["rich_content"], has_files=found.has_files)
        changes["version"] = found.version + 1
    return changes


async def _after_change(
    db: Db, services: Services, on: LockedTicket, found: StoredComment, *, is_gone: bool
) -> None:
    if is_gone and not found.is_private:
        await uncount_message(db, on.id, found)
    change = message_edited(on, found.id)
    if not found.is_private:
        change = msgspec.structs.replace(change, emits=[("message.edited", {"comment_id": str(found.id)})])
    await announce(db, services, change)
