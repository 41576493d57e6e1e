"""What splitting a ticket has to look at."""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, select

from parley.conversations.merging.queries.tickets import OURS
from parley.conversations.merging.rules.splitting import SplittableMessage
from parley.conversations.tickets.queries.messages import MESSAGES_OF_TICKET
from parley.conversations.tickets.tables import comment, ticket
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db

_MESSAGE = StructColumns(SplittableMessage, comment)
_MESSAGES = Prepared(
    select(*_MESSAGE.columns).where(*MESSAGES_OF_TICKET).order_by(comment.c.created_at, comment.c.id)
)


async def splittable_messages(db: Db, project_id: int, ticket_id: UUID) -> list[SplittableMessage]:
    """Return all messages of a ticket, oldest first (ix_comment_ticket)."""
    rows = await db.rows(_MESSAGES, project_id=project_id, ticket_id=ticket_id)
    return [_MESSAGE(row) for row in rows]


class TicketOrigin(msgspec.Struct, frozen=True):
    """What a new ticket takes over: who asks, and where they come from."""

    channel_source: str
    channel_detail: str | None
    distinct_id: str
    widget_session_id: UUID
    identity_verified: bool | None
    claim_email: str | None
    closed_to_sessions: bool
    anonymous_traits: dict[str, Any]
    session_id: str | None
    session_context: dict[str, Any]
    email_subject: str | None
    email_from: str | None
    email_to: str | None
    email_channel_id: UUID | None


_ORIGIN = StructColumns(TicketOrigin, ticket)
_OF_TICKET = Prepared(select(*_ORIGIN.columns).where(OURS, ticket.c.id == bindparam("ticket_id")))


async def origin_of(db: Db, project_id: int, ticket_id: UUID) -> TicketOrigin:
    """Return where a ticket comes from, be it live or merged (primary key)."""
    row = await db.row(_OF_TICKET, project_id=project_id, ticket_id=ticket_id)
    assert row is not None  # it is locked, or merged into one that is
    return _ORIGIN(row)
