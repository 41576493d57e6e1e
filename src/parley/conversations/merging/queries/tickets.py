"""Tickets that are to be merged, un-merged or split: where they are, locked, and as far as merging changes them."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, select

from parley.conversations.merging.rules.merging import MergeableTicket
from parley.conversations.participants.rules import ParticipantEntry, ParticipantKey, requester_of
from parley.conversations.participants.tables import ticket_participant
from parley.conversations.tickets.tables import ticket, ticket_tag
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.network.emails import check_email

OURS = ticket.c.project_id == bindparam("project_id")


class TicketState(msgspec.Struct, frozen=True):
    """Whether a ticket is live, merged or deleted."""

    id: UUID
    number: int
    is_merged: bool
    is_live: bool


_STATE = StructColumns(TicketState, ticket, is_live=ticket.c.deleted_at.is_(None))


@lru_cache
def _state(column: str) -> Prepared:
    wanted = ticket.c[column] == bindparam("wanted", type_=ticket.c[column].type)
    return Prepared(select(*_STATE.columns).where(OURS, wanted))


async def ticket_state(db: Db, project_id: int, wanted: UUID | int | None) -> TicketState | None:
    """Return what has become of the ticket with this uuid or number (unique keys); None where there is none."""
    if wanted is None:
        return None
    prepared = _state("number" if isinstance(wanted, int) else "id")
    row = await db.row(prepared, project_id=project_id, wanted=wanted)
    return _STATE(row) if row is not None else None


_LOCK = Prepared(
    select(ticket.c.deleted_at.is_(None))
    .where(OURS, ticket.c.id == bindparam("ticket_id"))
    .with_for_update(key_share=True)
)


async def locked_is_live(db: Db, project_id: int, ticket_id: UUID) -> bool:
    """Lock a ticket until the transaction ends; say whether it is neither deleted nor merged (primary key)."""
    found = await db.row(_LOCK, project_id=project_id, ticket_id=ticket_id)
    return found is not None and bool(found[0])


class _Columns(msgspec.Struct, frozen=True):
    """The columns of a ticket that merging looks at."""

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


_MERGEABLE = StructColumns(_Columns, ticket)
_TICKETS = Prepared(
    select(*_MERGEABLE.columns).where(OURS, is_one_of(ticket.c.id, listed("ids", ticket.c.id)))
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


async def mergeable_tickets(db: Db, project_id: int, ids: Sequence[UUID]) -> dict[UUID, MergeableTicket]:
    """Return tickets with their tags and participants, whatever has become of them (primary keys)."""
    tags: dict[UUID, dict[str, UUID | None]] = {id: {} for id in ids}
    participants: dict[UUID, dict[ParticipantKey, ParticipantEntry]] = {id: {} for id in ids}
    for ticket_id, name, merge_id in await db.rows(_TAGS, project_id=project_id, ids=ids):
        tags[ticket_id][name] = merge_id
    rows = await db.rows(_PARTICIPANTS, project_id=project_id, ids=ids)
    for ticket_id, email, distinct_id, name, merge_id, at in rows:
        participants[ticket_id][(email, distinct_id)] = ParticipantEntry(merge_id, at, name)
    found = [_MERGEABLE(row) for row in await db.rows(_TICKETS, project_id=project_id, ids=ids)]
    return {one.id: _mergeable(one, tags[one.id], participants[one.id]) for one in found}


def _mergeable(
    found: _Columns, tags: dict[str, UUID | None], participants: dict[ParticipantKey, ParticipantEntry]
) -> MergeableTicket:
    name = found.anonymous_traits.get("name")
    return MergeableTicket(
        id=found.id,
        number=found.number,
        status=found.status,
        requester=requester_of(found),
        distinct_id=found.distinct_id,
        address=_first_address(found.email_from, found.anonymous_traits.get("email")),
        name=name[:500] if isinstance(name, str) else None,
        unread_team_count=found.unread_team_count,
        unread_customer_count=found.unread_customer_count,
        updated_at=found.updated_at,
        merged_numbers=tuple(found.merged_numbers),
        tags=tags,
        participants=participants,
    )


def _first_address(*values: Any) -> str | None:
    """Return the first of the values that is an address."""
    for text in values:
        if isinstance(text, str):
            with suppress(Invalid):
                return check_email(text)
    return None
