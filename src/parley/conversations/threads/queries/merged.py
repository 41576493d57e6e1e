"""What a visitor sees of tickets that are, or once were, part of a merge: their own thread, and nobody else's words."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Subquery,
    and_,
    bindparam,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union,
)

from parley.conversations.tickets.rules import CUSTOMER
from parley.conversations.tickets.rules.merged import MAX_MERGED
from parley.conversations.tickets.tables import (
    MERGED,
    comment,
    ticket,
    ticket_merge,
)
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.columns import UtcDateTime
from parley.kernel.database.prepared import Prepared, Reads


class Step(msgspec.Struct, frozen=True):
    """A ticket on the way from a merged one to the last survivor; `since` is when what comes before it was merged in."""

    id: UUID
    since: datetime
    is_live: bool
    status: str
    unread_customer_count: int
    anonymous_traits: dict[str, Any]
    widget_session_id: UUID
    distinct_id: str
    identity_verified: bool | None
    claim_email: str | None
    closed_to_sessions: bool


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """Which messages a visitor sees of a thread.

    `whole_id` is a ticket of theirs, of which they see all but what was addressed to others' tickets: `own_ids` are those
    that aren't others'. `addressed_ids` are tickets whose messages, and the answers to them, they see wherever these are.
    `heard` are tickets that theirs is merged into, and since when: of these they see what the team says to everybody.
    """

    addressed_ids: Sequence[UUID]
    whole_id: UUID | None = None
    own_ids: Sequence[UUID] = ()
    heard: Sequence[tuple[UUID, datetime]] = ()


def _paths() -> Prepared:
    """Follow the merges from some tickets to their survivors (primary key, ix_ticket_merge_merged)."""
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
    marks = (ticket.c[name] for name in Step.__struct_fields__[3:])
    columns = (chain.c.start, ticket.c.id, chain.c.at, ticket.c.deleted_at.is_(None), *marks)
    joined = ticket.c.id == chain.c.id
    mine = ticket.c.project_id == bindparam("project_id")
    return Prepared(
        select(*columns)
        .select_from(chain.join(ticket, joined))
        .where(mine)
        .order_by(chain.c.start, chain.c.depth)
    )


_PATHS = _paths()


async def paths_of(read: Reads, project_id: int, ids: Iterable[UUID]) -> dict[UUID, list[Step]]:
    """Return each ticket with those that it is merged into behind it, the last survivor at the end."""
    found: dict[UUID, list[Step]] = {}
    for start, *step in await read(_PATHS, project_id=project_id, ids=list(ids)):
        found.setdefault(start, []).append(Step(*step))
    return found


def _with_verified_people() -> Prepared:
    """Walk down from survivors to all that is merged into them (primary key, ix_ticket_merge_survivor)."""
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


async def closed_to_sessions(read: Reads, project_id: int, survivor_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of some survivors in which a verified person has a part, merged tickets included.

    Nothing of such a conversation is for a bare session: it would hear what the team answers to somebody else.
    """
    found = await read(_WITH_VERIFIED_PEOPLE, project_id=project_id, ids=list(survivor_ids))
    return {row[0] for row in found}


async def lost_to_sessions(read: Reads, project_id: int, ids: Iterable[UUID]) -> set[UUID]:
    """Return those of some tickets that are part of a conversation which is closed to bare sessions."""
    paths = await paths_of(read, project_id, ids)
    closed = await closed_to_sessions(read, project_id, {path[-1].id for path in paths.values()})
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


async def addressed_on(read: Reads, project_id: int, ticket_id: UUID) -> list[UUID]:
    """Return the tickets to which messages on this one were addressed (ix_comment_ticket)."""
    return [row[0] for row in await read(_ADDRESSED, project_id=project_id, ticket_id=ticket_id)]


def _public(*more: ColumnElement[bool]) -> Select[Any]:
    return select(comment.c.id, comment.c.created_at).where(
        comment.c.project_id == bindparam("project_id"),
        comment.c.deleted == false(),
        comment.c.is_private == false(),
        *more,
    )


def seen_messages(n_heard: int) -> tuple[FromClause, Subquery]:
    """Return what somebody sees, joined with its messages, and its ids and times; `values_of` has the values.

    Each part is one step into an index: ix_comment_ticket, ix_comment_via or ix_comment_answers. Whoever sorts does so by
    the times that come out here: by those of the messages SQLite would read the whole project, which is sorted already.
    """
    via, there = comment.c.via_ticket_id, comment.c.ticket_id
    live = and_(
        ticket.c.project_id == comment.c.project_id, ticket.c.id == there, ticket.c.deleted_at.is_(None)
    )
    parts = [
        _public(
            there == bindparam("whole_id", type_=there.type),
            or_(via.is_(None), is_one_of(via, listed("own_ids", via))),
        ),
        *(
            _public(
                is_one_of(column, listed("addressed_ids", column)), select(ticket.c.id).where(live).exists()
            )
            for column in (via, comment.c.answers_ticket_id)
        ),
    ]
    for n in range(n_heard):
        place, since = f"place_{n}", f"since_{n}"
        parts.append(
            _public(
                there == bindparam("root_id", type_=there.type),
                func.coalesce(comment.c.home_ticket_id, there) == bindparam(place, type_=there.type),
                or_(via.is_(None), via == bindparam(place, type_=via.type)),
                comment.c.created_at > bindparam(since, type_=UtcDateTime),
                comment.c.author_type != CUSTOMER,
            )
        )
    seen = union(*parts).subquery("seen")
    same = and_(comment.c.project_id == bindparam("project_id"), comment.c.id == seen.c.id)
    return seen.join(comment, same), seen


def values_of(sight: Sight) -> dict[str, Any]:
    """Return the values of `seen_ids`."""
    values: dict[str, Any] = {
        "whole_id": sight.whole_id,
        "own_ids": sight.own_ids,
        "addressed_ids": sight.addressed_ids,
    }
    for n, (place, since) in enumerate(sight.heard):
        values |= {f"place_{n}": place, f"since_{n}": since, "root_id": sight.heard[-1][0]}
    return values


@lru_cache
def _summary(n_heard: int) -> tuple[Prepared, Prepared]:
    messages, seen = seen_messages(n_heard)
    last = select(seen.c.created_at, comment.c.content).select_from(messages)
    last = last.order_by(seen.c.created_at.desc(), seen.c.id.desc()).limit(1)
    return Prepared(select(func.count()).select_from(seen)), Prepared(last)


class Seen(msgspec.Struct, frozen=True):
    """How much somebody sees of a thread, and what is the last of it."""

    message_count: int
    last_message_at: datetime | None
    last_message_text: str | None


async def seen_of(read: Reads, project_id: int, sight: Sight) -> Seen:
    """Return how much somebody sees of a thread."""
    count, last = _summary(len(sight.heard))
    values = {"project_id": project_id, **values_of(sight)}
    n_messages: int = (await read(count, **values))[0][0]
    found = await read(last, **values)
    at, text = found[0] if found else (None, None)
    return Seen(n_messages, at, text)
