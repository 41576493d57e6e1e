"""Past answers of the team: those on resolved tickets that the asking agent may see."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Integer, bindparam, false, select

from parley.accounts.access_levels.queries.visibility import (
    access_values,
    sees_any_ticket,
    visibility_of,
    visible_tickets,
)
from parley.conversations.tickets.queries.messages import MESSAGES_OF_TICKET
from parley.conversations.tickets.rules.comments import CUSTOMER
from parley.conversations.tickets.tables import comment, ticket
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor

MOST_MESSAGES = 30
"""Of a past ticket so many messages are looked at, from the first one on."""


class PastTicket(msgspec.Struct, frozen=True):
    """A resolved ticket, with what is known of its customer."""

    id: UUID
    number: int
    email_subject: str | None
    email_from: str | None
    distinct_id: str
    anonymous_traits: dict[str, Any]


class PastMessage(msgspec.Struct, frozen=True):
    """A public message."""

    author_type: str
    content: str

    @property
    def is_from_customer(self) -> bool:
        return self.author_type == CUSTOMER


_PAST = select(*(ticket.c[name] for name in PastTicket.__struct_fields__)).where(
    ticket.c.project_id == bindparam("project_id"),
    is_one_of(ticket.c.id, listed("ids", ticket.c.id)),
    ticket.c.status == "resolved",
    ticket.c.deleted_at.is_(None),
)
_VISIBLE = {
    visibility: Prepared(_PAST.where(*visible_tickets(visibility, ticket.c.id)))
    for visibility in ("all", "but", "only")
}


async def visible_past_tickets(
    database: Database, actor: Actor, ids: Sequence[UUID]
) -> dict[UUID, PastTicket]:
    """Return those of the tickets that are resolved, not deleted or merged, and visible to the caller (primary key)."""
    if not ids or not sees_any_ticket(actor):
        return {}
    prepared = _VISIBLE[visibility_of(actor)]
    rows = await database.read(prepared, project_id=actor.project_id, ids=list(ids), **access_values(actor))
    return {row[0]: PastTicket(*row) for row in rows}


_MESSAGES = Prepared(
    select(comment.c.author_type, comment.c.content)
    .where(*MESSAGES_OF_TICKET, comment.c.is_private == false())
    .order_by(comment.c.created_at, comment.c.id)
    .limit(bindparam("most", type_=Integer))
)


async def public_messages(source: Db | Database, project_id: int, ticket_id: UUID) -> list[PastMessage]:
    """Return the first public messages of a ticket, oldest first (ix_comment_ticket)."""
    read = source.rows if isinstance(source, Db) else source.read
    found = await read(_MESSAGES, project_id=project_id, ticket_id=ticket_id, most=MOST_MESSAGES)
    return [PastMessage(*row) for row in found]
