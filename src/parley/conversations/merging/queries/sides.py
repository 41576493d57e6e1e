"""Tickets as far as merging changes them."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, select

from parley.accounts.rules.emails import check_email
from parley.conversations.merging.queries.merging import OURS
from parley.conversations.merging.rules.merging import Merged, Side, Who
from parley.conversations.participants.rules import Requester, requester_of
from parley.conversations.participants.tables import ticket_participant
from parley.conversations.tickets.tables import ticket, ticket_tag
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid


class _Bare(msgspec.Struct, frozen=True):
    project_id: int
    id: UUID
    number: int
    status: str
    distinct_id: str
    email_from: str | None
    anonymous_traits: dict[str, Any]
    unread_team_count: int
    unread_customer_count: int
    updated_at: datetime
    merged_numbers: list[int]


_SIDES = Prepared(
    select(*(ticket.c[name] for name in _Bare.__struct_fields__[1:])).where(
        OURS, is_one_of(ticket.c.id, listed("ids", ticket.c.id))
    )
)
_TAGS = Prepared(
    select(ticket_tag.c.ticket_id, ticket_tag.c.name, ticket_tag.c.merge_id)
    .where(
        ticket_tag.c.project_id == bindparam("project_id"),
        is_one_of(ticket_tag.c.ticket_id, listed("ids", ticket_tag.c.ticket_id)),
    )
    .order_by(ticket_tag.c.name)
)
_of = ticket_participant.c
_PARTICIPANTS = Prepared(
    select(_of.ticket_id, _of.email, _of.distinct_id, _of.name, _of.merge_id, _of.created_at)
    .where(
        _of.project_id == bindparam("project_id"),
        is_one_of(_of.ticket_id, listed("ids", _of.ticket_id)),
    )
    .order_by(_of.created_at, _of.id)
)


async def sides_of(db: Db, project_id: int, ids: Sequence[UUID]) -> dict[UUID, Side]:
    """Return tickets with their tags and participants, whatever has become of them (primary keys)."""
    tags: dict[UUID, dict[str, UUID | None]] = {id: {} for id in ids}
    people: dict[UUID, dict[Who, Merged]] = {id: {} for id in ids}
    for ticket_id, name, merge_id in await db.rows(_TAGS, project_id=project_id, ids=ids):
        tags[ticket_id][name] = merge_id
    rows = await db.rows(_PARTICIPANTS, project_id=project_id, ids=ids)
    for ticket_id, email, distinct_id, name, merge_id, at in rows:
        people[ticket_id][(email, distinct_id)] = Merged(merge_id, at, name)
    found = {}
    for row in await db.rows(_SIDES, project_id=project_id, ids=ids):
        bare = _Bare(project_id, *row)
        found[bare.id] = _side(bare, requester_of(bare), tags[bare.id], people[bare.id])
    return found


def _side(bare: _Bare, who: Requester, tags: dict[str, UUID | None], people: dict[Who, Merged]) -> Side:
    name = bare.anonymous_traits.get("name")
    return Side(
        id=bare.id,
        number=bare.number,
        status=bare.status,
        requester=who,
        distinct_id=bare.distinct_id,
        address=_address(bare.email_from, bare.anonymous_traits.get("email")),
        name=name[:500] if isinstance(name, str) else None,
        unread_team_count=bare.unread_team_count,
        unread_customer_count=bare.unread_customer_count,
        updated_at=bare.updated_at,
        merged_numbers=tuple(bare.merged_numbers),
        tags=tags,
        participants=people,
    )


def _address(*told: Any) -> str | None:
    """Return the first of what was told that is an address."""
    for text in told:
        if isinstance(text, str):
            with suppress(Invalid):
                return check_email(text)
    return None
