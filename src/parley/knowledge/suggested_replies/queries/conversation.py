"""What a ticket's customer and team have said to each other. Private notes are left out by the statement itself."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Integer, bindparam, false, select

from parley.conversations.tickets.queries.messages import MESSAGES_OF_TICKET
from parley.conversations.tickets.rules.comments import CUSTOMER
from parley.conversations.tickets.tables import comment
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared

MOST_MESSAGES = 50


class SaidMessage(msgspec.Struct, frozen=True):
    """A message that the customer sees."""

    author_type: str
    content: str

    @property
    def is_from_customer(self) -> bool:
        return self.author_type == CUSTOMER


_LATEST = Prepared(
    select(comment.c.author_type, comment.c.content)
    .where(*MESSAGES_OF_TICKET, comment.c.is_private == false())
    .order_by(comment.c.created_at.desc(), comment.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)


async def latest_messages(database: Database, project_id: int, ticket_id: UUID) -> list[SaidMessage]:
    """Return the last public messages of a ticket, oldest first (ix_comment_ticket)."""
    rows: Sequence[Any] = await database.read(
        _LATEST, project_id=project_id, ticket_id=ticket_id, most=MOST_MESSAGES
    )
    return [SaidMessage(*row) for row in reversed(rows)]
