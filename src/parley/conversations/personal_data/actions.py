"""Tickets are forgotten, and so is what somebody left on tickets of others."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import CursorResult, bindparam, delete, update

from parley.accounts.access_levels.actions import forget_tickets
from parley.conversations.participants.tables import ticket_participant
from parley.conversations.personal_data.queries.erasure import (
    LockedForErasure,
    addresses_on,
    befores_on,
    locked_for_erasure,
    still_unread,
)
from parley.conversations.tickets.actions.ledger import count_moves
from parley.conversations.tickets.actions.notices import forget_unread_count, tell
from parley.conversations.tickets.queries.messages import last_public_message
from parley.conversations.tickets.rules import last_text
from parley.conversations.tickets.tables import (
    comment,
    ticket,
    ticket_merge,
    ticket_tag,
)
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.transaction import Db
from parley.kernel.http.dependencies import Services


class Erased(msgspec.Struct, frozen=True):
    """How many rows went."""

    tickets: int
    messages: int
    participants: int


async def erase_tickets(db: Db, services: Services, project_id: int, found: "Found") -> Erased:
    """Remove tickets with all that is on them, and what their customer left on tickets of others, for good.

    `found` is locked. Numbers are never given out again.
    """
    ids = [one.id for one in found.tickets]
    messages = await _delete(db, project_id, comment.c.ticket_id, ids)
    messages += await _delete(db, project_id, comment.c.id, found.messages)
    participants = await _delete(db, project_id, ticket_participant.c.ticket_id, ids)
    participants += await _delete(db, project_id, ticket_participant.c.id, found.participations)
    await _delete(db, project_id, ticket_tag.c.ticket_id, ids)
    await _delete(db, project_id, ticket_merge.c.merged_id, ids)
    await _delete(db, project_id, ticket_merge.c.survivor_id, ids)
    await _delete(db, project_id, ticket.c.id, ids)
    if ids:
        await forget_tickets(db, project_id, ids)
    for one in found.others:
        await _mend(db, project_id, one, found)
    live = [one for one in found.tickets if one.deleted_at is None]
    if live:
        await count_moves(db, project_id, Counter(one.status for one in live), None)
    forget_unread_count(db, services, project_id)
    for name, told in (("ticket.deleted", live), ("ticket.changed", found.others)):
        for one in told:
            tell(db, services, project_id, name, ticket_id=one.id, number=one.number)
    return Erased(len(ids), messages, participants)


class Found(msgspec.Struct, frozen=True):
    """What is to go: whole tickets, and messages and participations on `others`; `without` cleans a JSON value."""

    tickets: Sequence[LockedForErasure]
    others: Sequence[LockedForErasure]
    messages: Sequence[UUID]
    participations: Sequence[UUID]
    without: Callable[[Any], Any]


async def lock_for_erasure(
    db: Db, project_id: int, ids: Sequence[UUID], others: Sequence[UUID]
) -> tuple[list[LockedForErasure], list[LockedForErasure]]:
    """Lock the tickets that are to go and those of others, deleted and merged ones included (primary key)."""
    locked = await locked_for_erasure(db, project_id, [*ids, *others])
    gone = set(ids)
    return [one for one in locked if one.id in gone], [one for one in locked if one.id not in gone]


async def _delete(db: Db, project_id: int, column: Any, values: Sequence[UUID]) -> int:
    if not values:
        return 0
    table = column.table
    mine = (table.c.project_id == bindparam("project_id"), is_one_of(column, listed("values", column)))
    result: CursorResult[Any] = await db.execute(
        delete(table).where(*mine), {"project_id": project_id, "values": list(values)}
    )
    return result.rowcount


async def _mend(db: Db, project_id: int, one: LockedForErasure, found: Found) -> None:
    """Let a ticket of somebody else say what is still true; where it stands in lists stays."""
    last = await last_public_message(db, project_id, one.id)
    counted, by_customers, by_team = await still_unread(db, project_id, one.id)
    gone = {ticket.number for ticket in found.tickets}
    changes: dict[str, Any] = {
        "cc_participants": await addresses_on(db, project_id, one.id),
        "merged_numbers": [number for number in one.merged_numbers if number not in gone],
    }
    if not one.is_merged:
        changes |= {
            "message_count": counted,
            "unread_team_count": min(one.unread_team_count, by_customers),
            "unread_customer_count": min(one.unread_customer_count, by_team),
            "last_message_at": last[0] if last else None,
            "last_message_text": last_text(last[1]) if last else None,
        }
    mine = (ticket.c.project_id == project_id, ticket.c.id == one.id)
    await db.execute(update(ticket).where(*mine).values(changes))
    for id, before in await befores_on(db, project_id, one.id):
        cleaned = found.without(before)
        if cleaned != before:
            merge = (ticket_merge.c.project_id == project_id, ticket_merge.c.id == id)
            await db.execute(update(ticket_merge).where(*merge).values(before=cleaned))
