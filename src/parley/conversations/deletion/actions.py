"""Tickets are deleted, restored, and removed for good after 14 days."""

from datetime import datetime
from typing import Any

from parley.accounts.access_levels.actions import forget_tickets
from parley.accounts.access_levels.queries.levels import level_of
from parley.accounts.access_levels.queries.visibility import check_sees_any_ticket
from parley.accounts.access_levels.rules import check_authorized
from parley.accounts.activity_log.actions import erase_changes
from parley.conversations.deletion.queries import locked_restorable, locked_to_purge
from parley.conversations.deletion.rules import restorable_since
from parley.conversations.files.actions.erasing import forget_files
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.ticket_changes.actions.announcing import announce
from parley.conversations.ticket_changes.rules.changes import ticket_deleted, ticket_purged, ticket_restored
from parley.conversations.ticket_changes.rules.events import occasion_of
from parley.conversations.ticket_changes.rules.log import SCOPE, TicketRef
from parley.conversations.tickets.actions.erasure import (
    erase_messages,
    erase_ticket_rows,
    hide_deleted_ticket,
    show_restored_ticket,
)
from parley.conversations.tickets.errors import TicketMerged
from parley.conversations.tickets.queries.authorised import locked_ticket_for
from parley.conversations.tickets.rules.ids import id_or_number
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import AccessLevel, Actor
from parley.kernel.jobs import emit
from parley.kernel.services import Services
from parley.people.events.actions import erase_events

PURGE_BATCH = 50


async def delete_ticket(db: Db, services: Services, actor: Actor, key: str) -> None:
    """Hide a ticket and its messages until it is restored or purged; its number stays its own.

    Raises NotFound and PermissionDenied: as soon as somebody has set a level, it takes a manager. Raises TicketMerged for
    one that is merged: the others' messages must not go by mistake.
    """
    level: AccessLevel = "editor" if actor.rights is None else "manager"
    found = await locked_ticket_for(db, actor, id_or_number(key), level)
    if found.requested is not None:
        raise TicketMerged(found.requested.merged_from.ticket_number, found.number)
    now = services.clock.now()
    await hide_deleted_ticket(db, found, now, actor.user_id)
    await announce(db, services, ticket_deleted(occasion_of(actor, now), found, found.status))


async def restore_ticket(db: Db, services: Services, actor: Actor, key: str) -> TicketOut:
    """Bring a deleted ticket back, with its messages and tags; one that is there stays as it is.

    Raises NotFound, also for one that was deleted too long ago, whether or not it has been purged, and PermissionDenied.
    """
    check_sees_any_ticket(actor)
    now = services.clock.now()
    found, is_deleted = await locked_restorable(
        db, actor.project_id, id_or_number(key), restorable_since(now)
    )
    check_authorized(await level_of(db, actor, found.id), "editor")
    if is_deleted:
        await show_restored_ticket(db, found)
        await announce(db, services, ticket_restored(occasion_of(actor, now), found, found.status))
    return await ticket_by_key(db, actor, key)


async def purge_some(db: Db, services: Services, project_id: int, now: datetime) -> int:
    """Remove some of a project's tickets that were deleted 14 days ago, with all that is on them; return how many.

    What happened to them goes from the events, too, and who took part from the log.
    Safe to run twice and in two workers: who comes second finds the next ones. The log keeps that they were there.
    """
    gone = await locked_to_purge(db, project_id, restorable_since(now), limit=PURGE_BATCH)
    if not gone:
        return 0
    ids = [one.id for one in gone]
    await forget_files(db, project_id, on_tickets=ids)
    await erase_messages(db, project_id, on_tickets=ids, ids=[])
    await forget_tickets(db, project_id, ids)
    # Later nobody could find them any more, not even to erase the customer.
    await erase_events(db, project_id, [], ids, now)
    await erase_changes(db, project_id, SCOPE, [str(id) for id in ids], is_about=_names_somebody)
    payload = {"ticket_ids": [str(id) for id in ids], "at": now.isoformat()}
    await emit(db, "ticket.purged", payload, project_id=project_id)
    await erase_ticket_rows(db, project_id, ids)
    purged = (ticket_purged(TicketRef(project_id, one.id, one.number), now) for one in gone)
    await announce(db, services, *purged)
    return len(gone)


def _names_somebody(detail: Any) -> bool:
    return any(change["field"] == "participant" for change in detail["changes"])
