"""Which merges hold, and what of a target's messages undoing one has to look at."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, false, func, select

from parley.conversations.merging.rules.returned_messages import PublicMessage
from parley.conversations.merging.rules.unmerging import ActiveMerge
from parley.conversations.tickets.rules.comments import MESSAGE_SCOPE
from parley.conversations.tickets.tables import comment, ticket, ticket_merge
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db

_COLUMN_OF = {
    "id": ticket_merge.c.id,
    "source_id": ticket_merge.c.merged_id,
    "target_id": ticket_merge.c.survivor_id,
    "at": ticket_merge.c.merged_at,
    "undo": ticket_merge.c.before,
}
_FIELDS = ActiveMerge.__struct_fields__
_ACTIVE = Prepared(
    select(*(_COLUMN_OF[name] for name in _FIELDS))
    .select_from(
        ticket_merge.join(
            ticket,
            (ticket.c.project_id == ticket_merge.c.project_id) & (ticket.c.id == ticket_merge.c.merged_id),
        )
    )
    .where(
        ticket.c.project_id == bindparam("project_id"),
        is_one_of(ticket.c.number, listed("numbers", ticket.c.number)),
        ticket_merge.c.undone_at.is_(None),
    )
    .order_by(ticket_merge.c.merged_at)
)


async def active_merges(db: Db, project_id: int, numbers: Sequence[int]) -> list[ActiveMerge]:
    """Return the merges that hold of the sources with these numbers, the oldest first (unique keys)."""
    rows = await db.rows(_ACTIVE, project_id=project_id, numbers=numbers)
    return [msgspec.convert(dict(zip(_FIELDS, row, strict=True)), ActiveMerge) for row in rows]


_LATEST = Prepared(
    select(func.max(ticket_merge.c.merged_at)).where(
        ticket_merge.c.project_id == bindparam("project_id"),
        is_one_of(ticket_merge.c.survivor_id, listed("ids", ticket_merge.c.survivor_id)),
    )
)


async def latest_merge_into(db: Db, project_id: int, ids: Sequence[UUID]) -> datetime | None:
    """Return when something was last merged into one of these tickets (ix_ticket_merge_survivor)."""
    found = await db.row(_LATEST, project_id=project_id, ids=ids)
    at: datetime | None = found[0] if found else None
    return at


_MESSAGE = StructColumns(PublicMessage, comment)
_PUBLIC = Prepared(
    select(*_MESSAGE.columns)
    .where(
        comment.c.project_id == bindparam("project_id"),
        comment.c.ticket_id == bindparam("ticket_id"),
        comment.c.scope == MESSAGE_SCOPE,
        comment.c.deleted == false(),
        comment.c.is_private == false(),
    )
    .order_by(comment.c.created_at, comment.c.id)
)


async def public_messages(db: Db, project_id: int, ticket_id: UUID) -> list[PublicMessage]:
    """Return the public messages of a ticket without their texts, oldest first (ix_comment_ticket)."""
    rows = await db.rows(_PUBLIC, project_id=project_id, ticket_id=ticket_id)
    return [_MESSAGE(row) for row in rows]
