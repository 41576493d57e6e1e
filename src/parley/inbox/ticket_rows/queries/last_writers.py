"""Whose the last words of tickets are."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, false, select

from parley.conversations.tickets.queries.tickets import PROJECT
from parley.conversations.tickets.rules.comments import MESSAGE_SCOPE
from parley.conversations.tickets.tables import comment, ticket
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared

_LAST_WRITER = (
    select(comment.c.created_by)
    .where(
        comment.c.project_id == bindparam("project_id"),
        comment.c.ticket_id == ticket.c.id,
        comment.c.scope == MESSAGE_SCOPE,
        comment.c.deleted == false(),
        comment.c.is_private == false(),
    )
    .order_by(comment.c.created_at.desc(), comment.c.id.desc())
    .limit(1)
    .correlate(ticket)
    .scalar_subquery()
)
_LAST_WRITERS = Prepared(
    select(ticket.c.id, _LAST_WRITER).where(PROJECT, is_one_of(ticket.c.id, listed("ids", ticket.c.id)))
)


async def last_writers(database: Database, project_id: int, ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return which users wrote the last public messages of tickets (primary key, then ix_comment_ticket for each)."""
    if not ids:
        return {}
    rows = await database.read(_LAST_WRITERS, project_id=project_id, ids=list(ids))
    return {id: writer for id, writer in rows if writer is not None}
