"""Columns of one ticket, as the team changes them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update

from parley.conversations.search.actions import index_ticket
from parley.conversations.ticket_changes.actions.announcing import announce
from parley.conversations.ticket_changes.rules.changes import read_by_team
from parley.conversations.ticket_changes.rules.log import TicketRef
from parley.conversations.tickets.actions.messages import THIS_TICKET
from parley.conversations.tickets.queries.tickets import LockedTicket
from parley.conversations.tickets.tables import ticket
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services


async def store_fields(db: Db, found: LockedTicket, after: Mapping[str, Any], at: datetime | None) -> None:
    """Write columns of a locked ticket, also for search; without a moment it keeps its place. The caller announces it."""
    mine = (ticket.c.project_id == found.project_id, ticket.c.id == found.id)
    await db.execute(update(ticket).where(*mine).values(after if at is None else {**after, "updated_at": at}))
    traits = after.get("anonymous_traits", found.anonymous_traits)
    await index_ticket(db, found.project_id, found.id, found.anonymous_traits, traits, found.email_subject)


_MARK_READ = Prepared(
    update(ticket)
    # A message that came after the team has looked stays unread.
    .where(
        *THIS_TICKET, ticket.c.unread_team_count == bindparam("seen", type_=ticket.c.unread_team_count.type)
    )
    .values(unread_team_count=0)
)


async def mark_read_by_team(db: Db, services: Services, seen: TicketRef, unread_count: int) -> None:
    """Note that the team has seen a ticket when so many messages were unread; safe to repeat."""
    await db.rows(_MARK_READ, project_id=seen.project_id, ticket_id=seen.id, seen=unread_count)
    await announce(db, services, read_by_team(seen))
