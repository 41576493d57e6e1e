"""Messages are split off a ticket into one of their own (docs/merging.md)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from parley.accounts.access_levels.actions import copy_levels
from parley.conversations.merging.queries.splitting import TicketOrigin, origin_of, splittable_messages
from parley.conversations.merging.queries.tickets import mergeable_tickets
from parley.conversations.merging.rules.changes import ticket_split
from parley.conversations.merging.rules.splitting import (
    SplittableMessage,
    checked_split,
    ticket_of_requester,
    unread_by_customer,
    unread_by_team,
    unread_share,
)
from parley.conversations.merging.schemas import NewSplit
from parley.conversations.participants.actions import exchange_participants
from parley.conversations.participants.rules import addresses_in_order
from parley.conversations.threads.queries.merge_paths import ids_closed_to_sessions
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.ticket_changes.actions.announcing import announce
from parley.conversations.ticket_changes.rules.events import occasion_of
from parley.conversations.tickets.actions.moves import (
    complete_split_ticket,
    move_messages_to_new_ticket,
    recount_messages,
    set_participant_addresses,
    set_unread_counts,
)
from parley.conversations.tickets.actions.opening import TicketRow, insert_ticket
from parley.conversations.tickets.queries.authorised import locked_ticket_for
from parley.conversations.tickets.queries.tickets import LockedTicket
from parley.conversations.tickets.rules.ids import id_or_number
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services

STATUS = "open"


async def split_ticket(db: Db, services: Services, actor: Actor, key: str, wanted: NewSplit) -> TicketOut:
    """Move messages of a ticket to a new one, and return that. Raises NotFound, PermissionDenied and Invalid."""
    source = await locked_ticket_for(db, actor, id_or_number(key))
    messages = await splittable_messages(db, actor.project_id, source.id)
    moved = checked_split(messages, wanted.message_ids)
    now = services.clock.now()
    of_requester = ticket_of_requester(messages, moved, source.id)
    origin = await origin_of(db, actor.project_id, of_requester)
    if source.has_been_merged and await ids_closed_to_sessions(db.rows, actor.project_id, [of_requester]):
        origin = msgspec.structs.replace(origin, closed_to_sessions=True)
    row = _row(actor.project_id, origin, wanted.subject, now)
    opened = await insert_ticket(db, row, None)
    id = opened.id
    await move_messages_to_new_ticket(db, actor.project_id, sorted(moved), id, of_requester)
    await _share_unread(db, source, id, messages, moved)
    await _share_participants(db, actor, id, of_requester)
    # Who may not see the one may not see what was split off it.
    await copy_levels(db, actor.project_id, source.id, id, now)
    for one in (source.id, id):
        await recount_messages(db, actor.project_id, one, now)
    await announce(db, services, *ticket_split(occasion_of(actor, now), source, opened))
    return await ticket_by_key(db, actor, str(id))


def _row(project_id: int, origin: TicketOrigin, subject: str | None, now: datetime) -> TicketRow:
    """Return the new ticket; tags, priority, assignee and due time were chosen for the old matter and don't come along."""
    return TicketRow(
        **{**msgspec.structs.asdict(origin), "email_subject": subject or origin.email_subject},
        project_id=project_id,
        status=STATUS,
        created_at=now,
    )


async def _share_unread(
    db: Db,
    source: LockedTicket,
    new_id: UUID,
    messages: Sequence[SplittableMessage],
    moved: set[UUID],
) -> None:
    """Divide the unread messages between the ticket and the one that is split off it."""
    team = unread_share(unread_by_team(messages), moved, source.unread_team_count)
    customer = unread_share(unread_by_customer(messages), moved, source.unread_customer_count)
    await complete_split_ticket(db, source, new_id, unread_team_count=team, unread_customer_count=customer)
    await set_unread_counts(
        db,
        source.project_id,
        source.id,
        team=source.unread_team_count - team,
        customer=source.unread_customer_count - customer,
    )


async def _share_participants(db: Db, actor: Actor, new_id: UUID, of_requester: UUID) -> None:
    """Let those take part in the new ticket who do so in the one whose requester it has."""
    project_id = actor.project_id
    participants = (await mergeable_tickets(db, project_id, [of_requester]))[of_requester].participants
    if participants:
        await exchange_participants(db, project_id, new_id, {}, participants, user_id=actor.user_id)
        await set_participant_addresses(db, project_id, new_id, addresses_in_order(participants))
