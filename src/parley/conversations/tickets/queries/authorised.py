"""Tickets as far as a caller's level reaches: whoever changes a ticket for somebody takes it from here."""

from uuid import UUID

from parley.accounts.access_levels.queries.levels import level_of
from parley.accounts.access_levels.queries.visibility import check_sees_any_ticket
from parley.accounts.access_levels.rules import check_authorized
from parley.conversations.tickets.queries.tickets import LockedTicket, locked_ticket
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import AccessLevel, Actor


async def locked_ticket_for(
    db: Db, actor: Actor, wanted: UUID | int | None, level: AccessLevel = "editor"
) -> LockedTicket:
    """Lock a ticket for a caller whose level on it must be at least this.

    Raises NotFound for one that is missing, deleted or hidden from the caller, and PermissionDenied.
    """
    check_sees_any_ticket(actor)  # who sees no ticket at all is told so, whether or not this one exists
    found = await locked_ticket(db, actor.project_id, wanted)
    check_authorized(await level_of(db, actor, found.id), level)
    return found
