"""Keeping and dropping drafts."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from msgspec import structs, to_builtins
from sqlalchemy import delete

from parley.conversations.drafts.queries import draft_of, ids_of_numbers
from parley.conversations.drafts.schemas import MessageDraft, NewDraft
from parley.conversations.drafts.tables import message_draft
from parley.conversations.files.actions.drafting import keep_for_draft, let_go_of_drafts
from parley.conversations.ticket_api.ticket_actions import checked_actions
from parley.conversations.tickets.actions.assignees import known_assignee
from parley.conversations.tickets.queries.authorised import locked_ticket_for
from parley.conversations.tickets.rules.comments import check_rich_content
from parley.conversations.tickets.rules.ids import id_or_number
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.errors import blank
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services
from parley.kernel.text.forms import is_blank


async def keep_draft(db: Db, services: Services, actor: Actor, key: str, new: NewDraft) -> MessageDraft:
    """Keep what the caller has written on a ticket so far, in the place of what was kept before.

    Raises NotFound, PermissionDenied, and Invalid for a draft without text and files, with too much of a rich form, with
    actions that no ticket knows, or with files that are not the caller's to attach.
    """
    if is_blank(new.message) and not new.file_ids:
        raise blank("message")
    check_rich_content(new.rich_content)
    new = structs.replace(new, actions=to_builtins(checked_actions(new.actions or {})) or None)
    await known_assignee(db, actor.project, (new.actions or {}).get("assignee"))
    # Nobody announces a draft, but its ticket must not be purged meanwhile.
    on = await locked_ticket_for(db, actor, id_or_number(key))
    await store_draft(db, services, actor, on.id, new)
    return await draft_of(db, actor, on.id)


async def store_draft(db: Db, services: Services, actor: Actor, ticket_id: UUID, new: NewDraft) -> None:
    """Store a checked draft on a ticket that is there, and keep its files. Raises TooManyFiles and NoSuchUpload."""
    await keep_for_draft(db, services, actor, ticket_id, new.file_ids)
    key = {"project_id": actor.project_id, "user_id": actor.user_id, "ticket_id": ticket_id}
    said = {
        "is_private": new.is_private,
        "content": new.message,
        "rich_content": new.rich_content,
        "actions": new.actions,
        "updated_at": services.clock.now(),
    }
    insert = insert_for(db.dialect, message_draft).values(**key, **said)
    await db.execute(insert.on_conflict_do_update(index_elements=list(key), set_=said))


async def drop_draft(db: Db, services: Services, actor: Actor, key: str) -> None:
    """Drop the caller's draft on a ticket; there may be none. Whoever may only read by now may do so. Raises NotFound."""
    on = await locked_ticket_for(db, actor, id_or_number(key), "viewer")
    await drop_drafts(db, services, actor, on.id)


async def drop_drafts(
    db: Db,
    services: Services,
    actor: Actor,
    ticket_id: UUID,
    merged_numbers: Collection[int] = (),
    until: datetime | None = None,
) -> None:
    """Drop the caller's drafts on a ticket, and on those that were merged into it; there may be none.

    With a moment only those that were kept by then: what is sent in one window is not what was typed in another one since.
    Their files wait for another day, as what was just uploaded.
    """
    c = message_draft.c
    ids = [ticket_id, *await ids_of_numbers(db, actor, merged_numbers)]
    mine = [c.project_id == actor.project_id, c.user_id == actor.user_id, c.ticket_id.in_(ids)]
    if until is not None:
        mine.append(c.updated_at <= until)
    gone = await db.execute(delete(message_draft).where(*mine).returning(c.ticket_id))
    await let_go_of_drafts(db, services, actor, [row.ticket_id for row in gone])
