"""Deleted tickets are removed for good after 14 days."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete

from parley.accounts.access_levels.actions import forget_tickets
from parley.accounts.activity_log.actions import erase_changes
from parley.conversations.ticket_changes.actions.announcing import announce
from parley.conversations.ticket_changes.rules.changes import ticket_purged
from parley.conversations.ticket_changes.rules.log import SCOPE, TicketRef
from parley.conversations.tickets.queries.deleted import locked_to_purge
from parley.conversations.tickets.rules.deletion import kept_since
from parley.conversations.tickets.tables import comment, ticket, ticket_tag
from parley.kernel.database.transaction import Db
from parley.kernel.http.dependencies import Services
from parley.kernel.jobs import emit
from parley.people.events.actions import erase_events

PURGE_BATCH = 50


async def purge_some(db: Db, services: Services, project_id: int, now: datetime) -> int:
    """Remove some of a project's tickets that were deleted 14 days ago, with all that is on them; return how many.

    What happened to them goes from the events, too, and who took part from the log.
    Safe to run twice and in two workers: who comes second finds the next ones. The log keeps that they were there.
    """
    gone = await locked_to_purge(db, project_id, kept_since(now), limit=PURGE_BATCH)
    if not gone:
        return 0
    ids = [one.id for one in gone]
    for table in (comment, ticket_tag):
        await db.execute(delete(table).where(table.c.project_id == project_id, table.c.ticket_id.in_(ids)))
    await forget_tickets(db, project_id, ids)
    # Later nobody could find them any more, not even to erase the customer.
    await erase_events(db, project_id, [], ids)
    await erase_changes(db, project_id, SCOPE, [str(id) for id in ids], is_about=_names_somebody)
    told = {"ticket_ids": [str(id) for id in ids], "at": now.isoformat()}
    await emit(db, "ticket.purged", told, project_id=project_id)
    await db.execute(delete(ticket).where(ticket.c.project_id == project_id, ticket.c.id.in_(ids)))
    purged = (ticket_purged(TicketRef(project_id, one.id, one.number), now) for one in gone)
    await announce(db, services, *purged)
    return len(gone)


def _names_somebody(detail: Any) -> bool:
    return any(change["field"] == "participant" for change in detail["changes"])
