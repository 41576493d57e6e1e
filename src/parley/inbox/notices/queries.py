"""The last message of a ticket."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, false, select

from parley.conversations.tickets.rules.comments import MESSAGE_SCOPE
from parley.conversations.tickets.tables import comment
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared


class LastMessage(msgspec.Struct, frozen=True):
    """A message by what a notice needs of it."""

    id: UUID
    author_type: str
    content: str
    created_at: datetime


_LAST_MESSAGE = Prepared(
    select(*(comment.c[name] for name in LastMessage.__struct_fields__))
    .where(
        comment.c.project_id == bindparam("project_id"),
        comment.c.ticket_id == bindparam("ticket_id"),
        comment.c.scope == MESSAGE_SCOPE,
        comment.c.deleted == false(),
    )
    .order_by(comment.c.created_at.desc(), comment.c.id.desc())
    .limit(1)
)


async def last_message(database: Database, project_id: int, ticket_id: UUID) -> LastMessage | None:
    """Return the newest message or private note of a ticket (ix_comment_ticket)."""
    rows = await database.read(_LAST_MESSAGE, project_id=project_id, ticket_id=ticket_id)
    return next((LastMessage(*row) for row in rows), None)
