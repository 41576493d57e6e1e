"""What erasing a person's data has to know of tickets: those that are deleted, and those of others."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import and_, case, false, func, or_, select

from parley.conversations.participants.tables import ticket_participant
from parley.conversations.tickets.queries.messages import MESSAGES_OF_TICKET
from parley.conversations.tickets.queries.tickets import PROJECT
from parley.conversations.tickets.rules.comments import CUSTOMER
from parley.conversations.tickets.tables import comment, ticket, ticket_merge
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db


class LockedForErasure(msgspec.Struct, frozen=True):
    """A ticket that nobody else changes or writes to until the transaction ends."""

    id: UUID
    number: int
    status: str
    deleted_at: datetime | None
    is_merged: bool
    merged_numbers: list[int]
    unread_team_count: int
    unread_customer_count: int


_FOR_ERASURE = StructColumns(LockedForErasure, ticket)
_LOCKED = Prepared(
    select(*_FOR_ERASURE.columns)
    .where(PROJECT, is_one_of(ticket.c.id, listed("ids", ticket.c.id)))
    .order_by(ticket.c.id)
    .with_for_update()
)


async def locked_for_erasure(db: Db, project_id: int, ids: Sequence[UUID]) -> list[LockedForErasure]:
    """Lock tickets in the order of their ids, deleted and merged ones included (primary key)."""
    rows = await db.rows(_LOCKED, project_id=project_id, ids=list(ids)) if ids else ()
    return [_FOR_ERASURE(row) for row in rows]


class PublicMessageCounts(msgspec.Struct, frozen=True):
    """How many public messages a ticket has: all, those of customers, and those that users have written."""

    total: int
    of_customers: int
    of_team: int


def _count_of(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


_IS_CUSTOMERS = comment.c.author_type == CUSTOMER
_PUBLIC = StructColumns(
    PublicMessageCounts,
    total=func.count(),
    of_customers=_count_of(_IS_CUSTOMERS),
    of_team=_count_of(and_(~_IS_CUSTOMERS, comment.c.created_by.is_not(None))),
)
_COUNTS = Prepared(select(*_PUBLIC.columns).where(*MESSAGES_OF_TICKET, comment.c.is_private == false()))


async def public_message_counts(db: Db, project_id: int, ticket_id: UUID) -> PublicMessageCounts:
    """Return how many public messages are left on a ticket (ix_comment_ticket)."""
    row = await db.row(_COUNTS, project_id=project_id, ticket_id=ticket_id)
    assert row is not None
    return _PUBLIC(row)


async def participant_addresses(db: Db, project_id: int, ticket_id: UUID) -> list[str]:
    """Return the addresses of a ticket's participants in the order in which they came."""
    c = ticket_participant.c
    mine = (c.project_id == project_id, c.ticket_id == ticket_id, c.email.is_not(None))
    return list((await db.execute(select(c.email).where(*mine).order_by(c.created_at, c.id))).scalars())


async def undo_data_of(db: Db, project_id: int, ticket_id: UUID) -> list[tuple[UUID, Any]]:
    """Return what undoing each merge into or of a ticket would put back; reads the project's merges."""
    c = ticket_merge.c
    mine = (c.project_id == project_id, or_(c.survivor_id == ticket_id, c.merged_id == ticket_id))
    return [(row.id, row.before) for row in await db.execute(select(c.id, c.before).where(*mine))]
