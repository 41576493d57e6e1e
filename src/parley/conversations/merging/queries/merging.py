"""Which ticket a merged one has become part of, and what undoing has to look at."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, bindparam, false, func, literal, select, true

from parley.accounts.queries.users import BASIC_COLUMNS, user_of
from parley.accounts.tables import user_account
from parley.conversations.merging.rules.merging import MAX_MERGED, Before, Edge
from parley.conversations.merging.rules.unmerging import PublicMessage
from parley.conversations.tickets.rules import MESSAGE_SCOPE
from parley.conversations.tickets.schemas import MergedFrom
from parley.conversations.tickets.tables import (
    MERGED,
    comment,
    ticket,
    ticket_merge,
)
from parley.kernel.database.database import Db
from parley.kernel.database.many import is_one_of, listed
from parley.kernel.database.prepared import Prepared, Reads

OURS = ticket.c.project_id == bindparam("project_id")


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    """A merged ticket that somebody has asked for, and the ticket that it is part of now."""

    survivor_id: UUID
    asked: MergedFrom
    merged_into: UUID
    distinct_id: str
    widget_session_id: UUID
    identity_verified: bool | None
    claim_email: str | None
    closed_to_sessions: bool
    anonymous_traits: dict[str, Any]


_MARKS = (
    "distinct_id", "widget_session_id", "identity_verified", "claim_email", "closed_to_sessions", "anonymous_traits"
)  # fmt: skip


def _resolving(asked: ColumnElement[bool]) -> Prepared:
    """Follow the merges from one ticket to the last survivor (unique keys of ticket, ix_ticket_merge_merged)."""
    first = ticket_merge.alias("first")
    mine = (OURS, asked, ticket.c.is_merged == true())
    joined = (
        (first.c.project_id == ticket.c.project_id)
        & (first.c.merged_id == ticket.c.id)
        & first.c.undone_at.is_(None)
    )
    start = select(first.c.survivor_id.label("id"), literal(1).label("depth")).select_from(
        ticket.join(first, joined)
    )
    chain = start.where(*mine).cte("chain", recursive=True)
    step = select(ticket_merge.c.survivor_id, chain.c.depth + 1).where(
        ticket_merge.c.project_id == bindparam("project_id"),
        ticket_merge.c.merged_id == chain.c.id,
        MERGED,
        chain.c.depth <= MAX_MERGED,
    )
    chain = chain.union_all(step)
    last = select(chain.c.id).order_by(chain.c.depth.desc()).limit(1).scalar_subquery()
    found = select(
        last,
        ticket.c.id,
        ticket.c.number,
        first.c.merged_at,
        first.c.survivor_id,
        *(ticket.c[name] for name in _MARKS),
        *BASIC_COLUMNS,
    )
    whom = user_account.c.id == first.c.merged_by
    return Prepared(found.select_from(ticket.join(first, joined).outerjoin(user_account, whom)).where(*mine))


@lru_cache
def _by(column: str) -> Prepared:
    return _resolving(ticket.c[column] == bindparam("wanted", type_=ticket.c[column].type))


async def survivor_of(read: Reads, project_id: int, wanted: UUID | int) -> Resolved | None:
    """Return what the merged ticket with this uuid or number is part of; None where it isn't merged.

    The survivor is not deleted by merging; whether somebody has deleted it since, the next look-up says.
    """
    prepared = _by("number" if isinstance(wanted, int) else "id")
    found = await read(prepared, project_id=project_id, wanted=wanted)
    if not found:
        return None
    survivor_id, id, number, at, into, *rest = found[0]
    marks, by = rest[: len(_MARKS)], rest[len(_MARKS) :]
    return Resolved(
        survivor_id=survivor_id,
        asked=MergedFrom(id, number, at, user_of(by)),
        merged_into=into,
        **dict(zip(_MARKS, marks, strict=True)),
    )


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
