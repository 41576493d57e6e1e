"""Deleted tickets: what can be restored, and what is to be purged. Everybody else never sees them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, bindparam, or_, select

from parley.kernel.db import Db
from parley.kernel.errors import NotFound
from parley.kernel.prepared import Prepared
from parley.tickets.queries.tickets import PROJECT, LockedTicket
from parley.tickets.tables import DELETED, ticket

_RESTORABLE = (
    select(*(ticket.c[name] for name in LockedTicket.__struct_fields__), ticket.c.deleted_at)
    .where(
        PROJECT,
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

    Served by the primary key and the unique index of numbers.
    """
    row = None
    if isinstance(wanted, UUID):
        row = await db.row(_BY_ID, project_id=project_id, since=since, ticket_id=wanted)
    elif wanted is not None:
        row = await db.row(_BY_NUMBER, project_id=project_id, since=since, number=wanted)
    if row is None:
        raise NotFound
    return LockedTicket(*row[:-1]), row[-1] is not None


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
        select(ticket.c.id, ticket.c.number)
        .where(DELETED, ticket.c.deleted_at <= until, ticket.c.project_id == project_id)
        .order_by(ticket.c.deleted_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )


async def locked_to_purge(db: Db, project_id: int, until: datetime, *, limit: int) -> Sequence[DeletedTicket]:
    """Lock tickets that are to be purged; those that another run holds are passed over."""
    rows: Sequence[Sequence[Any]] = (await db.execute(to_purge(project_id, until, limit=limit))).all()
    return [DeletedTicket(*row) for row in rows]
