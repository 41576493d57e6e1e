"""Holding replies, taking them back, and sending them when their time has come."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import structs, to_builtins
from sqlalchemy import delete, insert

from parley.conversations.drafts.actions import store_draft
from parley.conversations.drafts.queries import first_draft_of
from parley.conversations.drafts.schemas import MAX_DRAFT, NewDraft
from parley.conversations.files.queries import free_uploads
from parley.conversations.files.rules.limits import MOST_FILES
from parley.conversations.held_replies.queries import HELD, author_of
from parley.conversations.held_replies.schemas import HeldReply, NewHeldReply
from parley.conversations.held_replies.tables import held_reply
from parley.conversations.messages.actions.comments import post_comment
from parley.conversations.messages.schemas import NewComment
from parley.conversations.ticket_api.actions import apply_actions
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.ticket_api.ticket_actions import (
    NOTHING,
    TicketActions,
    stored_actions,
    together,
)
from parley.conversations.tickets.actions.assignees import known_assignee
from parley.conversations.tickets.rules.comments import MESSAGE_SCOPE, checked_content
from parley.conversations.tickets.rules.fields import Status, waits_after_reply
from parley.kernel.database.transaction import Db
from parley.kernel.errors import AppError, Invalid, NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.ids import new_uuid
from parley.kernel.jobs import enqueue
from parley.kernel.services import Services

WORK, QUEUE = "held_replies.send_due", "replies"
LONGEST = timedelta(minutes=5)
"""Longer than anybody can have a reply held."""
NOT_HELD = "It is not waiting any more: it was sent already, or taken back before. Open the conversation again to see which."


async def hold_reply(
    db: Db, services: Services, actor: Actor, ticket_id: UUID, new: NewHeldReply, seconds: int
) -> HeldReply:
    """Hold a reply on a ticket that the caller may answer, for some seconds. Raises Invalid."""
    checked_content(new.content, new.rich_content, has_files=bool(new.file_ids))
    set_on_ticket: dict[str, Any] = to_builtins(new.actions)
    await known_assignee(db, actor.project, set_on_ticket.get("assignee"))
    held = HeldReply(
        id=new_uuid(),
        ticket_id=ticket_id,
        user_id=actor.user_id,
        content=new.content,
        rich_content=new.rich_content,
        file_ids=[str(id) for id in new.file_ids],
        status=new.status,
        actions=set_on_ticket or None,
        send_at=services.clock.now() + timedelta(seconds=seconds),
    )
    values = {name: getattr(held, name) for name in held.__struct_fields__}
    await db.execute(insert(held_reply).values(project_id=actor.project_id, **values))
    about = {"ticket_id": str(ticket_id), "user_id": actor.user_id, "until": held.send_at.isoformat()}
    await enqueue(db, WORK, about, project_id=actor.project_id, queue=QUEUE, not_before=held.send_at)
    return held


async def take_back(db: Db, services: Services, actor: Actor, held_id: UUID) -> HeldReply:
    """Make a draft of one's own held reply; raises NotFound for one that was sent, or taken back before."""
    c = held_reply.c
    mine = (c.project_id == actor.project_id, c.user_id == actor.user_id, c.id == held_id)
    row = (await db.execute(delete(held_reply).where(*mine).returning(*HELD.columns))).first()
    if row is None:
        raise NotFound(NOT_HELD)
    held = HELD(row)
    if held.content or held.file_ids:
        new = NewDraft(
            message=held.content,
            rich_content=held.rich_content,
            actions=held.actions,
            file_ids=await free_uploads(db, actor, [UUID(id) for id in held.file_ids]),
        )
        await store_draft(db, services, actor, held.ticket_id, new)
    return held


async def send_due(
    services: Services, project_id: int, ticket_id: UUID, user_id: int, until: datetime
) -> None:
    """Send what somebody holds on a ticket until a moment, in the order in which it was written.

    Safe to run twice and in two processes: what is sent is deleted in the same transaction. What can't be sent any more,
    since its author may not answer there now, or the ticket was merged into another one, is their draft again.
    Of somebody who is no member any more nothing stays.
    """
    author = await author_of(services, project_id, user_id)
    if author is None:
        async with services.database.transaction() as db:
            await _taken(db, project_id, ticket_id, user_id, until)
        return
    try:
        async with services.database.transaction() as db:
            for held in await _taken(db, project_id, ticket_id, user_id, until):
                await _send(db, services, author, held)
    except AppError:
        async with services.database.transaction() as db:
            # What waits behind it can't be sent either. Each is put before what is there, so the last one comes first.
            everything = await _taken(db, project_id, ticket_id, user_id, until + LONGEST)
            for held in reversed(everything):
                await _return(db, services, author, held)


async def send_now(db: Db, services: Services, author: Actor, ticket_id: UUID) -> None:
    """Send what the author holds on a ticket now, since something that they have written after it is sent at once."""
    end = services.clock.now() + LONGEST
    for held in await _taken(db, author.project_id, ticket_id, author.user_id, end):
        await _send(db, services, author, held)


async def _taken(db: Db, project_id: int, ticket_id: UUID, user_id: int, until: datetime) -> list[HeldReply]:
    c = held_reply.c
    due = (c.project_id == project_id, c.ticket_id == ticket_id, c.user_id == user_id, c.send_at <= until)
    rows = await db.execute(delete(held_reply).where(*due).returning(*HELD.columns))
    return sorted((HELD(row) for row in rows.all()), key=lambda one: one.send_at)


async def _send(db: Db, services: Services, author: Actor, held: HeldReply) -> None:
    if (await ticket_by_key(db, author, str(held.ticket_id))).id != held.ticket_id:
        # There it might reach a customer whom its author has not seen.
        raise Invalid("The conversation was merged into another one meanwhile.")
    new = NewComment(
        content=held.content,
        rich_content=held.rich_content,
        scope=MESSAGE_SCOPE,
        item_id=str(held.ticket_id),
        item_context={"author_type": "support", "is_private": False},
        file_ids=[UUID(id) for id in held.file_ids],
    )
    await post_comment(db, services, author, new, has_key=True)
    await apply_with_reply(db, services, author, held.ticket_id, held.status, stored_actions(held.actions))


async def apply_with_reply(
    db: Db, services: Services, actor: Actor, ticket_id: UUID, status: Any, actions: TicketActions
) -> None:
    """Set what a reply that was just stored sets on its ticket; a `status` that its author asked for goes first."""
    status = status or actions.status or await status_after_reply(db, actor, ticket_id)
    actions = structs.replace(actions, status=status)
    if actions != NOTHING:
        await apply_actions(db, services, actor, str(ticket_id), actions)


async def status_after_reply(db: Db, actor: Actor, ticket_id: UUID) -> Status | None:
    """Return the status of a ticket that a reply of the inbox was just stored on, where that changes it."""
    if not waits_after_reply(actor.project.settings):
        return None
    # The message has locked the ticket: what is read here holds until the end.
    return "pending" if (await ticket_by_key(db, actor, str(ticket_id))).status == "new" else None


async def _return(db: Db, services: Services, author: Actor, held: HeldReply) -> None:
    """Put what can't be sent before what its author has written there since."""
    since = await first_draft_of(db, author, [held.ticket_id])
    texts = [held.content, *([since.message] if since else ())]
    message = "\n\n".join(text for text in texts if text)[:MAX_DRAFT]
    kept = [one.id for one in since.files] if since else []
    file_ids = (await free_uploads(db, author, [*(UUID(id) for id in held.file_ids), *kept]))[:MOST_FILES]
    if message or file_ids:
        rich = held.rich_content if since is None else None
        later = stored_actions(since.actions if since else None)
        actions = to_builtins(together(stored_actions(held.actions), later)) or None
        new = NewDraft(message=message, rich_content=rich, actions=actions, file_ids=file_ids)
        await store_draft(db, services, author, held.ticket_id, new)
