"""What merging and un-merging write to tickets, their tags and their merges. What is written, `merging` decides."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, delete, false, insert, null, true, update

from parley.conversations.tickets.actions.messages import THIS_TICKET
from parley.conversations.tickets.tables import ticket, ticket_merge, ticket_tag
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db


class MergeRow(msgspec.Struct, frozen=True, kw_only=True):
    """A merge to be stored; `before` is what undoing it must know."""

    project_id: int
    id: UUID
    merged_id: UUID
    survivor_id: UUID
    before: Mapping[str, Any]
    merged_at: datetime
    merged_by: int


_INSERT = Prepared(
    insert(ticket_merge).values(
        {name: bindparam(name, type_=ticket_merge.c[name].type) for name in MergeRow.__struct_fields__}
    )
)
_HIDE = Prepared(
    update(ticket)
    .where(*THIS_TICKET)
    .values(
        is_merged=true(),
        has_been_merged=true(),
        deleted_at=bindparam("at", type_=ticket.c.deleted_at.type),
    )
)
_SHOW = Prepared(update(ticket).where(*THIS_TICKET).values(is_merged=false(), deleted_at=null()))
_THIS_MERGE = (
    ticket_merge.c.project_id == bindparam("project_id"),
    ticket_merge.c.id == bindparam("merge_id"),
)
_UNDO = Prepared(
    update(ticket_merge)
    .where(*_THIS_MERGE)
    .values(
        undone_at=bindparam("at", type_=ticket_merge.c.undone_at.type),
        undone_by=bindparam("by", type_=ticket_merge.c.undone_by.type),
    )
)
_REWRITE = Prepared(
    update(ticket_merge)
    .where(*_THIS_MERGE)
    .values(before=bindparam("before", type_=ticket_merge.c.before.type))
)


async def insert_merge(db: Db, merge: MergeRow) -> None:
    """Store that a ticket is merged into another one."""
    await db.rows(_INSERT, **msgspec.structs.asdict(merge))


async def undo_merge(db: Db, project_id: int, merge_id: UUID, at: datetime, user_id: int) -> None:
    """Store that a merge holds no longer."""
    await db.rows(_UNDO, project_id=project_id, merge_id=merge_id, at=at, by=user_id)


async def rewrite_merge(db: Db, project_id: int, merge_id: UUID, before: Mapping[str, Any]) -> None:
    """Change what undoing a merge must know, since an earlier merge was undone."""
    await db.rows(_REWRITE, project_id=project_id, merge_id=merge_id, before=before)


async def hide_merged_ticket(db: Db, project_id: int, ticket_id: UUID, at: datetime) -> None:
    """Take a ticket that is merged into another one out of every list."""
    await db.rows(_HIDE, project_id=project_id, ticket_id=ticket_id, at=at)


async def show_unmerged_ticket(db: Db, project_id: int, ticket_id: UUID) -> None:
    """Bring a ticket that is no longer merged back into the lists."""
    await db.rows(_SHOW, project_id=project_id, ticket_id=ticket_id)


class MergeableColumns(msgspec.Struct, frozen=True, kw_only=True):
    """The columns that merging and un-merging change on both tickets."""

    status: str
    unread_team_count: int
    unread_customer_count: int
    merged_numbers: Sequence[int]
    cc_participants: Sequence[str]


_STORE = Prepared(
    update(ticket)
    .where(*THIS_TICKET)
    .values(
        has_been_merged=true(),
        **{name: bindparam(name, type_=ticket.c[name].type) for name in MergeableColumns.__struct_fields__},
    )
)


async def store_mergeable_columns(
    db: Db, project_id: int, ticket_id: UUID, columns: MergeableColumns
) -> None:
    """Write what a merge, or undoing one, has made of a ticket."""
    await db.rows(_STORE, project_id=project_id, ticket_id=ticket_id, **msgspec.structs.asdict(columns))


_THIS_TAG = (
    ticket_tag.c.project_id == bindparam("project_id"),
    ticket_tag.c.ticket_id == bindparam("ticket_id"),
    ticket_tag.c.name == bindparam("name"),
)
_DELETE_TAG = Prepared(delete(ticket_tag).where(*_THIS_TAG))
_INSERT_TAG = Prepared(
    insert(ticket_tag).values(
        {column.name: bindparam(column.name, type_=column.type) for column in ticket_tag.c}
    )
)


async def store_tags(
    db: Db,
    project_id: int,
    ticket_id: UUID,
    before: Mapping[str, UUID | None],
    after: Mapping[str, UUID | None],
) -> None:
    """Have a ticket get and lose tags; each comes with the merge that has brought it."""
    this = {"project_id": project_id, "ticket_id": ticket_id}
    # A tag that another merge has brought now is deleted and inserted again.
    kept = {name for name, merge_id in before.items() if name in after and after[name] == merge_id}
    await db.each(_DELETE_TAG, [{**this, "name": name} for name in before if name not in kept])
    await db.each(
        _INSERT_TAG,
        [
            {**this, "name": name, "merge_id": merge_id}
            for name, merge_id in after.items()
            if name not in kept
        ],
    )
