"""What Slack has sent, and which tickets it is about."""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import and_, bindparam, select

from parley.conversations.tickets.tables import comment, ticket
from parley.integrations.slack_channel.tables import RECEIVED, slack_event, slack_message
from parley.kernel.database.prepared import Prepared
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
_OF = _e.project_id == bindparam("project_id")
_BY_ID = select(*_STORED.columns).where(_OF, _e.id == bindparam("id", type_=_e.id.type))
_ONE, _LOCKED = Prepared(_BY_ID), Prepared(_BY_ID.with_for_update())
_EARLIER = Prepared(
    select(_e.id)
    .where(
        _OF,
        RECEIVED,
        _e.channel_id == bindparam("channel_id"),
        _e.root_ts == bindparam("root_ts"),
        _e.id < bindparam("id", type_=_e.id.type),
    )
    .limit(1)
)


async def stored_event(db: Db, project_id: int, id: UUID, *, locked: bool = False) -> StoredEvent | None:
    """Return an event, locked or not (primary key)."""
    row = await db.row(_LOCKED if locked else _ONE, project_id=project_id, id=id)
    return _STORED(row) if row else None


async def has_earlier(db: Db, one: StoredEvent) -> bool:
    """Say whether something of the same thread came before and is still to be worked on (ix_slack_event_open)."""
    about = {"channel_id": one.channel_id, "root_ts": one.root_ts}
    return await db.row(_EARLIER, project_id=one.project_id, id=one.id, **about) is not None


class ThreadTicket(msgspec.Struct, frozen=True):
    """The ticket of a thread, whatever became of it."""

    id: UUID
    is_gone: bool


_THREAD = Prepared(
    select(ticket.c.id, ticket.c.deleted_at, ticket.c.is_merged).where(
        ticket.c.project_id == bindparam("project_id"),
        ticket.c.slack_channel_id == bindparam("channel_id"),
        ticket.c.slack_thread_ts == bindparam("thread_ts"),
    )
)


async def ticket_of_thread(db: Db, project_id: int, channel_id: str, thread_ts: str) -> ThreadTicket | None:
    """Return the ticket of a thread, a deleted one, too (ix_ticket_slack)."""
    row = await db.row(_THREAD, project_id=project_id, channel_id=channel_id, thread_ts=thread_ts)
    return ThreadTicket(row[0], row[1] is not None and not row[2]) if row else None


class PlacedMessage(msgspec.Struct, frozen=True):
    """What a message in Slack has become, and the ticket that it is on."""

    comment_id: UUID
    ticket_id: UUID


_ON = and_(comment.c.project_id == slack_message.c.project_id, comment.c.id == slack_message.c.comment_id)
_PLACED = Prepared(
    select(comment.c.id, comment.c.ticket_id)
    .select_from(slack_message.join(comment, _ON))
    .where(
        slack_message.c.project_id == bindparam("project_id"),
        slack_message.c.channel_id == bindparam("channel_id"),
        slack_message.c.ts == bindparam("ts"),
    )
)


async def placed_message(db: Db, project_id: int, channel_id: str, ts: str) -> PlacedMessage | None:
    """Return what a message in Slack has become (primary keys)."""
    row = await db.row(_PLACED, project_id=project_id, channel_id=channel_id, ts=ts)
    return PlacedMessage(*row) if row else None
