"""Tickets leave the lists and come back, or are removed for good, and those that stay say what is still true."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, bindparam, delete, update

from parley.conversations.tickets.queries.tickets import LockedTicket
from parley.conversations.tickets.tables import comment, ticket, ticket_merge, ticket_tag
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.transaction import Db


async def erase_messages(db: Db, project_id: int, *, on_tickets: Sequence[UUID], ids: Sequence[UUID]) -> int:
    """Remove all messages and comments on some tickets, and others by their ids; return how many."""
    erased = await _erase(db, project_id, comment.c.ticket_id, on_tickets)
    return erased + await _erase(db, project_id, comment.c.id, ids)


async def erase_ticket_rows(db: Db, project_id: int, ids: Sequence[UUID]) -> None:
    """Remove tickets with their tags and merges."""
    columns = (ticket_tag.c.ticket_id, ticket_merge.c.merged_id, ticket_merge.c.survivor_id, ticket.c.id)
    for column in columns:
        await _erase(db, project_id, column, ids)


async def correct_ticket(db: Db, project_id: int, ticket_id: UUID, changes: Mapping[str, Any]) -> None:
    """Write columns of a ticket that nobody has changed, since something on it was erased."""
    this = (ticket.c.project_id == project_id, ticket.c.id == ticket_id)
    await db.execute(update(ticket).where(*this).values(changes))


async def hide_deleted_ticket(db: Db, found: LockedTicket, at: datetime, user_id: int) -> None:
    """Take a locked ticket out of every list."""
    this = (ticket.c.project_id == found.project_id, ticket.c.id == found.id)
    await db.execute(update(ticket).where(*this).values(deleted_at=at, deleted_by=user_id))


async def show_restored_ticket(db: Db, found: LockedTicket) -> None:
    """Bring a locked ticket that was deleted back into the lists."""
    this = (ticket.c.project_id == found.project_id, ticket.c.id == found.id)
    await db.execute(update(ticket).where(*this).values(deleted_at=None, deleted_by=None))


async def _erase(db: Db, project_id: int, column: Any, values: Sequence[UUID]) -> int:
    if not values:
        return 0
    table = column.table
    these = (table.c.project_id == bindparam("project_id"), is_one_of(column, listed("values", column)))
    result: CursorResult[Any] = await db.execute(
        delete(table).where(*these), {"project_id": project_id, "values": list(values)}
    )
    return result.rowcount
