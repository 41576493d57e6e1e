"""What a visitor sees of tickets that are, or once were, part of a merge: their own thread, and nobody else's words."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    bindparam,
    literal,
    or_,
    select,
    true,
)

from parley.conversations.tickets.rules.merges import MAX_MERGED
from parley.conversations.tickets.tables import (
    MERGED,
    comment,
    ticket,
    ticket_merge,
)
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.prepared import Prepared, Reads


class OwnedTicket(msgspec.Struct, frozen=True):
    """What a ticket says of whose it is, and what its thread shows of it."""

    id: UUID
    status: str
    unread_customer_count: int
    anonymous_traits: dict[str, Any]
    widget_session_id: UUID
    distinct_id: str
    identity_verified: bool | None
    claim_email: str | None
    closed_to_sessions: bool


class MergeStep(OwnedTicket, frozen=True):
    """A ticket on the path from a merged one to the last target; `since` is when the one before it was merged in."""

    since: datetime
    is_live: bool


OWNED = tuple(ticket.c[name] for name in OwnedTicket.__struct_fields__)


def _paths() -> Prepared:
    """Follow the merges from some tickets to their targets (primary key, ix_ticket_merge_merged)."""
    start = select(
        ticket.c.id.label("start"), ticket.c.id, ticket.c.created_at.label("at"), literal(0).label("depth")
    )
    chain = start.where(
        ticket.c.project_id == bindparam("project_id"), is_one_of(ticket.c.id, listed("ids", ticket.c.id))
    ).cte("chain", recursive=True)
    step = select(
        chain.c.start, ticket_merge.c.survivor_id, ticket_merge.c.merged_at, chain.c.depth + 1
    ).where(
        ticket_merge.c.project_id == bindparam("project_id"),
        ticket_merge.c.merged_id == chain.c.id,
        MERGED,
        chain.c.depth <= MAX_MERGED,
    )
    chain = chain.union_all(step)
    columns = (chain.c.start, *OWNED, chain.c.at, ticket.c.deleted_at.is_(None))
    joined = ticket.c.id == chain.c.id
    mine = ticket.c.project_id == bindparam("project_id")
    return Prepared(
        select(*columns)
        .select_from(chain.join(ticket, joined))
        .where(mine)
        .order_by(chain.c.start, chain.c.depth)
    )


_PATHS = _paths()


async def merge_paths(read: Reads, project_id: int, ids: Iterable[UUID]) -> dict[UUID, list[MergeStep]]:
    """Return each ticket with those that it is merged into behind it, the last target at the end."""
    found: dict[UUID, list[MergeStep]] = {}
    for start, *step in await read(_PATHS, project_id=project_id, ids=list(ids)):
        found.setdefault(start, []).append(MergeStep(*step))
    return found


def _with_verified_people() -> Prepared:
    """Walk down from targets to all that is merged into them (primary key, ix_ticket_merge_survivor)."""
    start = select(ticket.c.id.label("root"), ticket.c.id).where(
        ticket.c.project_id == bindparam("project_id"), is_one_of(ticket.c.id, listed("ids", ticket.c.id))
    )
    inside = start.cte("inside", recursive=True)
    inside = inside.union_all(
        select(inside.c.root, ticket_merge.c.merged_id).where(
            ticket_merge.c.project_id == bindparam("project_id"),
            ticket_merge.c.survivor_id == inside.c.id,
            MERGED,
        )
    )
    found = select(inside.c.root).select_from(inside.join(ticket, ticket.c.id == inside.c.id))
    is_verified = or_(ticket.c.identity_verified == true(), ticket.c.closed_to_sessions == true())
    return Prepared(found.where(ticket.c.project_id == bindparam("project_id"), is_verified).distinct())


_WITH_VERIFIED_PEOPLE = _with_verified_people()


async def targets_closed_to_sessions(read: Reads, project_id: int, target_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of some targets in which a verified person has a part, merged tickets included.

    Nothing of such a conversation is for a bare session: it would hear what the team answers to somebody else.
    """
    found = await read(_WITH_VERIFIED_PEOPLE, project_id=project_id, ids=list(target_ids))
    return {row[0] for row in found}


async def ids_closed_to_sessions(read: Reads, project_id: int, ids: Iterable[UUID]) -> set[UUID]:
    """Return those of some tickets that are part of a conversation which is closed to bare sessions."""
    paths = await merge_paths(read, project_id, ids)
    closed = await targets_closed_to_sessions(read, project_id, {path[-1].id for path in paths.values()})
    return {id for id, path in paths.items() if path[-1].id in closed}


_ADDRESSED = Prepared(
    select(comment.c.via_ticket_id)
    .where(
        comment.c.project_id == bindparam("project_id"),
        comment.c.ticket_id == bindparam("ticket_id"),
        comment.c.via_ticket_id.is_not(None),
    )
    .distinct()
)


async def addressed_ticket_ids(read: Reads, project_id: int, ticket_id: UUID) -> list[UUID]:
    """Return the tickets to which messages on this one were addressed (ix_comment_ticket)."""
    return [row[0] for row in await read(_ADDRESSED, project_id=project_id, ticket_id=ticket_id)]
