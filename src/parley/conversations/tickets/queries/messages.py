"""Stored messages as actions need them: one to be changed, how many are public, the last one, and what customers wrote."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, false, func, select

from parley.conversations.tickets.rules.comments import ATTACHMENTS_KEY, CUSTOMER, MESSAGE_SCOPE, Comment
from parley.conversations.tickets.tables import comment, ticket
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound

MESSAGES_OF_TICKET = (
    comment.c.project_id == bindparam("project_id"),
    comment.c.ticket_id == bindparam("ticket_id"),
    comment.c.scope == MESSAGE_SCOPE,
    comment.c.deleted == false(),
)


class StoredComment(Comment, frozen=True, kw_only=True):
    """A comment that is locked: nobody else changes it until the transaction ends."""

    project_id: int
    id: UUID
    scope: str
    ticket_id: UUID | None
    item_context: dict[str, Any]
    rich_content: Any
    is_task: bool
    completed_at: datetime | None
    version: int
    deleted: bool

    @property
    def has_files(self) -> bool:
        return bool(self.item_context.get(ATTACHMENTS_KEY))


async def locked_comment(db: Db, project_id: int, comment_id: UUID) -> StoredComment:
    """Lock one comment until the transaction ends; raises NotFound. Its ticket is locked first."""
    columns = [comment.c[name] for name in StoredComment.__struct_fields__]
    mine = (comment.c.project_id == project_id, comment.c.id == comment_id)
    found = await db.execute(select(*columns).where(*mine).with_for_update(key_share=True))
    row = found.first()
    if row is None:
        raise NotFound
    return StoredComment(**row._mapping)


async def context_of(db: Db, project_id: int, comment_id: UUID) -> dict[str, Any]:
    """Return the context of a comment (primary key)."""
    this = (comment.c.project_id == project_id, comment.c.id == comment_id)
    found: dict[str, Any] = (await db.execute(select(comment.c.item_context).where(*this))).scalar_one()
    return found


_ON = and_(ticket.c.project_id == comment.c.project_id, ticket.c.id == comment.c.ticket_id)
_CONTEXT = Prepared(
    select(comment.c.item_context, ticket.c.id, ticket.c.number)
    .select_from(comment.join(ticket, _ON))
    .where(comment.c.project_id == bindparam("project_id"), comment.c.id == bindparam("comment_id"))
    .with_for_update(of=comment, key_share=True)
)


async def locked_context(
    db: Db, project_id: int, comment_id: UUID
) -> tuple[dict[str, Any], UUID, int] | None:
    """Lock a message of a ticket; return its context, the ticket and the number of that (primary keys)."""
    row = await db.row(_CONTEXT, project_id=project_id, comment_id=comment_id)
    return (row[0], row[1], row[2]) if row else None


_LAST = Prepared(
    select(comment.c.created_at, comment.c.content)
    .where(*MESSAGES_OF_TICKET, comment.c.is_private == false())
    .order_by(comment.c.created_at.desc(), comment.c.id.desc())
    .limit(1)
)


async def last_public_message(db: Db, project_id: int, ticket_id: UUID) -> tuple[datetime, str] | None:
    """Return time and text of the last public message that is left (ix_comment_ticket)."""
    row = await db.row(_LAST, project_id=project_id, ticket_id=ticket_id)
    return None if row is None else (row[0], row[1])


_COUNT_PUBLIC = Prepared(
    select(func.count()).select_from(comment).where(*MESSAGES_OF_TICKET, comment.c.is_private == false())
)


async def public_message_count(db: Db, project_id: int, ticket_id: UUID) -> int:
    """Return how many public messages are on a ticket (ix_comment_ticket)."""
    found = await db.row(_COUNT_PUBLIC, project_id=project_id, ticket_id=ticket_id)
    count: int = found[0] if found else 0
    return count


_CUSTOMER_MESSAGES = Prepared(
    select(comment.c.id)
    .where(
        comment.c.project_id == bindparam("project_id"),
        comment.c.ticket_id == bindparam("ticket_id"),
        comment.c.author_type == CUSTOMER,
    )
    .limit(2)
)


async def customer_message_count(db: Db, project_id: int, ticket_id: UUID) -> int:
    """Return whether the customer has written never, once or (2) more often, deleted messages included.

    Served by ix_comment_ticket.
    """
    return len(await db.rows(_CUSTOMER_MESSAGES, project_id=project_id, ticket_id=ticket_id))
