"""A person's data is erased from conversations: their tickets, and what they left on tickets of others."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from parley.accounts.access_levels.actions import forget_tickets
from parley.conversations.files.actions.erasing import forget_files
from parley.conversations.participants.actions import erase_participants
from parley.conversations.personal_data.queries.erasure import (
    LockedForErasure,
    locked_for_erasure,
    participant_addresses,
    public_message_counts,
    undo_data_of,
)
from parley.conversations.ticket_changes.actions.announcing import announce
from parley.conversations.ticket_changes.rules.changes import part_erased, ticket_erased
from parley.conversations.ticket_changes.rules.log import TicketRef
from parley.conversations.tickets.actions.erasure import correct_ticket, erase_messages, erase_ticket_rows
from parley.conversations.tickets.actions.merges import rewrite_merge
from parley.conversations.tickets.queries.messages import last_public_message
from parley.conversations.tickets.rules.comments import last_text
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services


class ErasedCounts(msgspec.Struct, frozen=True):
    """How many rows were erased."""

    tickets: int
    messages: int
    participants: int


class ErasurePlan(msgspec.Struct, frozen=True):
    """What is to be erased: whole tickets, and messages and participations on `others`.

    `without_identifiers` removes the person's identifiers from a JSON value.
    """

    tickets: Sequence[LockedForErasure]
    others: Sequence[LockedForErasure]
    messages: Sequence[UUID]
    participations: Sequence[UUID]
    without_identifiers: Callable[[Any], Any]


async def lock_for_erasure(
    db: Db, project_id: int, ids: Sequence[UUID], others: Sequence[UUID]
) -> tuple[list[LockedForErasure], list[LockedForErasure]]:
    """Lock the tickets that are to go and those of others, deleted and merged ones included (primary key)."""
    locked = await locked_for_erasure(db, project_id, [*ids, *others])
    gone = set(ids)
    return [one for one in locked if one.id in gone], [one for one in locked if one.id not in gone]


async def erase_tickets(db: Db, services: Services, project_id: int, plan: ErasurePlan) -> ErasedCounts:
    """Remove tickets with all that is on them, and what their customer left on tickets of others, for good.

    The tickets of the plan are locked. Numbers are never given out again.
    """
    ids = [one.id for one in plan.tickets]
    await forget_files(db, project_id, on_tickets=ids, comment_ids=plan.messages)
    messages = await erase_messages(db, project_id, on_tickets=ids, ids=plan.messages)
    participants = await erase_participants(db, project_id, on_tickets=ids, ids=plan.participations)
    await erase_ticket_rows(db, project_id, ids)
    if ids:
        await forget_tickets(db, project_id, ids)
    for one in plan.others:
        await _correct_other_ticket(db, project_id, one, plan)
    erased = (
        ticket_erased(TicketRef(project_id, one.id, one.number), one.status)
        for one in plan.tickets
        if one.deleted_at is None
    )
    corrected = (part_erased(TicketRef(project_id, one.id, one.number)) for one in plan.others)
    await announce(db, services, *erased, *corrected)
    return ErasedCounts(len(ids), messages, participants)


async def _correct_other_ticket(db: Db, project_id: int, one: LockedForErasure, plan: ErasurePlan) -> None:
    """Let a ticket of somebody else say what is still true; where it stands in lists stays."""
    last = await last_public_message(db, project_id, one.id)
    counts = await public_message_counts(db, project_id, one.id)
    gone = {ticket.number for ticket in plan.tickets}
    changes: dict[str, Any] = {
        "cc_participants": await participant_addresses(db, project_id, one.id),
        "merged_numbers": [number for number in one.merged_numbers if number not in gone],
    }
    if not one.is_merged:
        changes |= {
            "message_count": counts.total,
            "unread_team_count": min(one.unread_team_count, counts.of_customers),
            "unread_customer_count": min(one.unread_customer_count, counts.of_team),
            "last_message_at": last[0] if last else None,
            "last_message_text": last_text(last[1]) if last else None,
        }
    await correct_ticket(db, project_id, one.id, changes)
    for merge_id, undo in await undo_data_of(db, project_id, one.id):
        cleaned = plan.without_identifiers(undo)
        if cleaned != undo:
            await rewrite_merge(db, project_id, merge_id, cleaned)
