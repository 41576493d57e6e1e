"""Deleted tickets are removed for good after 14 days."""

from datetime import datetime

from sqlalchemy import delete

from parley.access_levels.actions import forget_tickets
from parley.activity.actions import record_all
from parley.kernel.db import Db
from parley.tickets.actions.history import By, Subject, entry
from parley.tickets.queries.deleted import locked_to_purge
from parley.tickets.rules.deletion import kept_since
from parley.tickets.tables import comment, ticket, ticket_tag

PURGE_BATCH = 50


async def purge_some(db: Db, project_id: int, now: datetime) -> int:
    """Remove some of a project's tickets that were deleted 14 days ago, with all that is on them; return how many.

    Safe to run twice and in two workers: who comes second finds the next ones. The log keeps that they were there.
    """
    gone = await locked_to_purge(db, project_id, kept_since(now), limit=PURGE_BATCH)
    if not gone:
        return 0
    ids = [one.id for one in gone]
    for table in (comment, ticket_tag):
        await db.execute(delete(table).where(table.c.project_id == project_id, table.c.ticket_id.in_(ids)))
    await forget_tickets(db, project_id, ids)
    await db.execute(delete(ticket).where(ticket.c.project_id == project_id, ticket.c.id.in_(ids)))
    await record_all(
        db, [entry(Subject(project_id, one.id, one.number), "purged", [], By(), now) for one in gone]
    )
    return len(gone)
