"""What is sent of a change, read with the rights of whom it goes to."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import UNSET, UnsetType

from parley.accounts.access_levels.queries.levels import level_of
from parley.conversations.change_feed.schemas import FeedEntry
from parley.conversations.files.rules.links import FileLinks
from parley.conversations.messages.queries.messages import message_by_id, of_ticket
from parley.conversations.messages.schemas import MessageOut
from parley.conversations.stream.schemas import StreamEvent
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.ticket_changes.rules.kinds import TICKET_DELETED
from parley.kernel.database.database import Database
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor


async def events_of(
    database: Database, actor: Actor, page: Sequence[FeedEntry], links: FileLinks
) -> list[StreamEvent | None]:
    """Return an event for each change, None for one that the caller may not see or whose ticket is gone."""
    tickets: dict[UUID, TicketOut | None] = {}
    events: list[StreamEvent | None] = []
    for change in page:
        if change.name == TICKET_DELETED.name:
            events.append(_event(change) if await _may_hear_of(database, actor, change) else None)
            continue
        if change.ticket_id not in tickets:
            tickets[change.ticket_id] = await _ticket(database, actor, change.ticket_id)
        on = tickets[change.ticket_id]
        events.append(None if on is None else await _event_on(database, actor, change, on, links))
    return events


async def _may_hear_of(database: Database, actor: Actor, change: FeedEntry) -> bool:
    return actor.rights is None or await level_of(database, actor, change.ticket_id) != "none"


def _event(
    change: FeedEntry,
    on: TicketOut | None = None,
    *,
    ticket: TicketOut | UnsetType = UNSET,
    message: MessageOut | UnsetType = UNSET,
) -> StreamEvent:
    return StreamEvent(
        type=change.name,
        ticket_id=on.id if on else change.ticket_id,
        ticket_number=on.ticket_number if on else change.ticket_number,
        timestamp=change.at,
        message_id=change.message_id or UNSET,
        ticket=ticket,
        message=message,
    )


async def _event_on(
    database: Database, actor: Actor, change: FeedEntry, on: TicketOut, links: FileLinks
) -> StreamEvent:
    if change.message_id is None:
        return _event(change, on, ticket=on)
    try:
        message = await message_by_id(database, of_ticket(on, actor.project, links), change.message_id)
    except NotFound:
        return _event(change, on)
    return _event(change, on, message=message)


async def _ticket(database: Database, actor: Actor, ticket_id: UUID) -> TicketOut | None:
    try:
        return await ticket_by_key(database, actor, str(ticket_id))
    except NotFound:
        return None
