"""What Slack has sent, and which tickets it is about."""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import and_, select

from parley.conversations.tickets.tables import comment, ticket
from parley.integrations.slack_channel.tables import EARLY, RECEIVED, slack_event, slack_message
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db


class StoredEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event as it is stored; `event` is empty once it has been worked on."""

    project_id: int
    id: UUID
    channel_id: str
    root_ts: str
    event: dict[str, Any]
    state: str


_e = slack_event.c
_STORED = StructColumns(StoredEvent, slack_event)


async def stored_event(db: Db, project_id: int, id: UUID, *, locked: bool = False) -> StoredEvent | None:
    """Return an event, locked or not (primary key)."""
    wanted = select(*_STORED.columns).where(_e.project_id == project_id, _e.id == id)
    row = (await db.execute(wanted.with_for_update() if locked else wanted)).first()
    return _STORED(row) if row else None


async def has_earlier(db: Db, one: StoredEvent) -> bool:
    """Say whether something of the same thread came before and is still to be worked on (ix_slack_event_open)."""
    same = (_e.project_id == one.project_id, _e.channel_id == one.channel_id, _e.root_ts == one.root_ts)
    found = await db.execute(select(_e.id).where(RECEIVED, *same, _e.id < one.id).limit(1))
    return found.first() is not None


async def early_events(db: Db, project_id: int, channel_id: str, ts: str) -> list[StoredEvent]:
    """Return changes of a message that came before it, oldest first (ix_slack_event_early)."""
    same = (_e.project_id == project_id, _e.channel_id == channel_id, _e.root_ts == ts)
    rows = await db.execute(select(*_STORED.columns).where(EARLY, *same).order_by(_e.id))
    return [_STORED(row) for row in rows]


class ThreadTicket(msgspec.Struct, frozen=True):
    """The ticket of a thread, whatever became of it."""

    id: UUID
    is_gone: bool


async def ticket_of_thread(db: Db, project_id: int, channel_id: str, thread_ts: str) -> ThreadTicket | None:
    """Return the ticket of a thread, a deleted one, too (ix_ticket_slack)."""
    c = ticket.c
    same = (c.project_id == project_id, c.slack_channel_id == channel_id, c.slack_thread_ts == thread_ts)
    row = (await db.execute(select(c.id, c.deleted_at, c.is_merged).where(*same))).first()
    return ThreadTicket(row.id, row.deleted_at is not None and not row.is_merged) if row else None


class PlacedMessage(msgspec.Struct, frozen=True):
    """What a message in Slack has become, the ticket that it is on, and when Slack says its text was last changed."""

    comment_id: UUID
    ticket_id: UUID
    edited_ts: str | None


_ON = and_(comment.c.project_id == slack_message.c.project_id, comment.c.id == slack_message.c.comment_id)


async def placed_message(db: Db, project_id: int, channel_id: str, ts: str) -> PlacedMessage | None:
    """Return what a message in Slack has become (primary keys)."""
    m = slack_message.c
    same = (m.project_id == project_id, m.channel_id == channel_id, m.ts == ts)
    wanted = select(comment.c.id, comment.c.ticket_id, m.edited_ts).select_from(
        slack_message.join(comment, _ON)
    )
    row = (await db.execute(wanted.where(*same))).first()
    return PlacedMessage(row.id, row.ticket_id, row.edited_ts) if row else None
