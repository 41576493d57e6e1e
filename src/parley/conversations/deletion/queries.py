"""Deleted tickets: what can be restored, and what is to be purged. Everybody else never sees them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, bindparam, false, or_, select, true

from parley.conversations.tickets.queries.merged_ticket import merged_ticket
from parley.conversations.tickets.queries.tickets import PROJECT, LockedTicket, columns_of
from parley.conversations.tickets.tables import DELETED, ticket
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound

_RESTORABLE = (
    select(*columns_of(LockedTicket), ticket.c.deleted_at)
    .where(
        PROJECT,
        ticket.c.is_merged == false(),
        or_(
            ticket.c.deleted_at.is_(None),
            ticket.c.deleted_at > bindparam("since", type_=ticket.c.deleted_at.type),
        ),
    )
    .with_for_update(key_share=True)
)
_BY_ID = Prepared(_RESTORABLE.where(ticket.c.id == bindparam("ticket_id")))
_BY_NUMBER = Prepared(_RESTORABLE.where(ticket.c.number == bindparam("number")))


async def locked_restorable(
    db: Db, project_id: int, wanted: UUID | int | None, since: datetime
) -> tuple[LockedTicket, bool]:
    """Lock a ticket that is there or was deleted after `since`, and say whether it is deleted; raises NotFound.

    For a merged ticket it is its target. Served by the primary key and the unique index of numbers.
    """
    row = await _restorable(db, project_id, wanted, since)
    if row is None and wanted is not None:
        merged = await merged_ticket(db.rows, project_id, wanted)
        row = await _restorable(db, project_id, merged.last_target_id, since) if merged else None
    if row is None:
        raise NotFound
    return LockedTicket(*row[:-1]), row[-1] is not None


async def _restorable(
    db: Db, project_id: int, wanted: UUID | int | None, since: datetime
) -> Sequence[Any] | None:
    if isinstance(wanted, UUID):
        return await db.row(_BY_ID, project_id=project_id, since=since, ticket_id=wanted)
    if wanted is not None:
        return await db.row(_BY_NUMBER, project_id=project_id, since=since, number=wanted)
    return None


_DELETED = Prepared(
    select(ticket.c.id).where(
        PROJECT,
        ticket.c.number == bindparam("number"),
        ticket.c.deleted_at > bindparam("since", type_=ticket.c.deleted_at.type),
    )
)


async def deleted_since(database: Database, project_id: int, number: int, since: datetime) -> UUID | None:
    """Return the id of a ticket that was deleted after `since` and isn't restored (the unique index of numbers)."""
    rows = await database.read(_DELETED, project_id=project_id, number=number, since=since)
    return rows[0][0] if rows else None


async def projects_to_purge(db: Db, until: datetime) -> Sequence[int]:
    """Return the projects with tickets that were deleted so long ago (ix_ticket_deleted)."""
    old = select(ticket.c.project_id).where(DELETED, ticket.c.deleted_at <= until)
    return (await db.execute(old.distinct().order_by(ticket.c.project_id))).scalars().all()


class DeletedTicket(msgspec.Struct, frozen=True):
    """A ticket that is to be purged."""

    id: UUID
    number: int


def to_purge(project_id: int, until: datetime, *, limit: int) -> Select[Any]:
    """Select tickets of a project that were deleted so long ago, those first that wait longest (ix_ticket_deleted)."""
    return (
        select(ticket.c.id, ticket.c.number, ticket.c.merged_numbers)
        .where(DELETED, ticket.c.deleted_at <= until, ticket.c.project_id == project_id)
        .order_by(ticket.c.deleted_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )


_MERGED_INTO = Prepared(
    select(ticket.c.id, ticket.c.number).where(
        PROJECT, is_one_of(ticket.c.number, listed("numbers", ticket.c.number)), ticket.c.is_merged == true()
    )
)


async def locked_to_purge(db: Db, project_id: int, until: datetime, *, limit: int) -> Sequence[DeletedTicket]:
    """Lock tickets that are to be purged; those that another run holds are passed over.

    Behind them come the tickets that are merged into them, which nobody can reach without them.
    """
    rows: Sequence[Sequence[Any]] = (await db.execute(to_purge(project_id, until, limit=limit))).all()
    merged = [number for row in rows for number in row[2]]
    if merged:
        rows = [*rows, *await db.rows(_MERGED_INTO, project_id=project_id, numbers=merged)]
    return [DeletedTicket(row[0], row[1]) for row in rows]
