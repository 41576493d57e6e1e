"""Where a ticket is, which merges hold, and what undoing one has to look at."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, false, func, select

from parley.conversations.merging.rules.merging import Before, Edge
from parley.conversations.merging.rules.unmerging import PublicMessage
from parley.conversations.tickets.rules import MESSAGE_SCOPE
from parley.conversations.tickets.tables import (
    comment,
    ticket,
    ticket_merge,
)
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db

OURS = ticket.c.project_id == bindparam("project_id")


class Place(msgspec.Struct, frozen=True):
    """Where a ticket is: live, merged, or deleted."""

    id: UUID
    number: int
    is_merged: bool
    is_live: bool


@lru_cache
def _place(column: str) -> Prepared:
    wanted = ticket.c[column] == bindparam("wanted", type_=ticket.c[column].type)
    columns = (ticket.c.id, ticket.c.number, ticket.c.is_merged, ticket.c.deleted_at.is_(None))
    return Prepared(select(*columns).where(OURS, wanted))


async def place_of(db: Db, project_id: int, wanted: UUID | int | None) -> Place | None:
    """Return where the ticket with this uuid or number is (unique keys); None where there is none."""
    if wanted is None:
        return None
    prepared = _place("number" if isinstance(wanted, int) else "id")
    row = await db.row(prepared, project_id=project_id, wanted=wanted)
    return Place(*row) if row is not None else None


_LOCK = Prepared(
    select(ticket.c.deleted_at.is_(None))
    .where(OURS, ticket.c.id == bindparam("ticket_id"))
    .with_for_update(key_share=True)
)


async def locked_is_live(db: Db, project_id: int, ticket_id: UUID) -> bool:
    """Lock a ticket until the transaction ends; say whether it is neither deleted nor merged (primary key)."""
    found = await db.row(_LOCK, project_id=project_id, ticket_id=ticket_id)
    return found is not None and bool(found[0])


_EDGES = Prepared(
    select(*(ticket_merge.c[name] for name in ("id", "merged_id", "survivor_id", "merged_at", "before")))
    .select_from(
        ticket_merge.join(
            ticket,
            (ticket.c.project_id == ticket_merge.c.project_id) & (ticket.c.id == ticket_merge.c.merged_id),
        )
    )
    .where(
        OURS,
        is_one_of(ticket.c.number, listed("numbers", ticket.c.number)),
        ticket_merge.c.undone_at.is_(None),
    )
    .order_by(ticket_merge.c.merged_at)
)


async def edges_of(db: Db, project_id: int, numbers: Sequence[int]) -> list[Edge]:
    """Return the merges that hold of the tickets with these numbers, the oldest first (unique keys)."""
    rows = await db.rows(_EDGES, project_id=project_id, numbers=numbers)
    return [
        Edge(id=id, merged_id=merged, survivor_id=into, at=at, before=msgspec.convert(before, Before))
        for id, merged, into, at, before in rows
    ]


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


PUBLIC = (
    comment.c.project_id == bindparam("project_id"),
    comment.c.ticket_id == bindparam("ticket_id"),
    comment.c.scope == MESSAGE_SCOPE,
    comment.c.deleted == false(),
    comment.c.is_private == false(),
)
_MESSAGES = Prepared(
    select(
        comment.c.id,
        comment.c.created_at,
        comment.c.author_type,
        comment.c.via_ticket_id,
        comment.c.home_ticket_id,
    )
    .where(*PUBLIC)
    .order_by(comment.c.created_at, comment.c.id)
)


async def public_messages(db: Db, project_id: int, ticket_id: UUID) -> list[PublicMessage]:
    """Return the public messages of a ticket without their texts, oldest first (ix_comment_ticket)."""
    rows = await db.rows(_MESSAGES, project_id=project_id, ticket_id=ticket_id)
    return [PublicMessage(*row) for row in rows]


_COUNT = Prepared(select(func.count()).select_from(comment).where(*PUBLIC))


async def public_message_count(db: Db, project_id: int, ticket_id: UUID) -> int:
    """Return how many public messages are on a ticket (ix_comment_ticket)."""
    found = await db.row(_COUNT, project_id=project_id, ticket_id=ticket_id)
    count: int = found[0] if found else 0
    return count
