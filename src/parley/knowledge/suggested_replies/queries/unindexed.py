"""What is to be indexed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import false, select

from parley.accounts.projects.tables import project
from parley.conversations.tickets.rules.comments import MESSAGE_SCOPE
from parley.conversations.tickets.tables import comment, ticket
from parley.kernel.database.transaction import Db
from parley.knowledge.suggested_replies.queries.past_answers import (
    MOST_MESSAGES,
    PastMessage,
    public_messages,
)
from parley.knowledge.suggested_replies.tables import answer_index_progress


class ResolvedTicket(msgspec.Struct, frozen=True):
    """A resolved ticket that may become a source."""

    id: UUID
    email_subject: str | None
    message_count: int


async def resolved_tickets(db: Db, project_id: int, ids: Sequence[UUID]) -> list[ResolvedTicket]:
    """Return those of the tickets that are resolved and not deleted (primary key)."""
    columns = (ticket.c[name] for name in ResolvedTicket.__struct_fields__)
    mine = (ticket.c.project_id == project_id, ticket.c.id.in_(ids))
    is_source = (ticket.c.status == "resolved", ticket.c.deleted_at.is_(None))
    rows: Sequence[Any] = (await db.execute(select(*columns).where(*mine, *is_source))).all()
    return [ResolvedTicket(*row) for row in rows]


async def messages_by_ticket(
    db: Db, project_id: int, tickets: Sequence[ResolvedTicket]
) -> dict[UUID, list[PastMessage]]:
    """Return the first public messages of each ticket; one statement for all that have few (ix_comment_ticket)."""
    found: dict[UUID, list[PastMessage]] = {one.id: [] for one in tickets}
    few = [one.id for one in tickets if one.message_count <= MOST_MESSAGES]
    wanted = (
        select(comment.c.ticket_id, comment.c.author_type, comment.c.content)
        .where(
            comment.c.project_id == project_id,
            comment.c.ticket_id.in_(few),
            comment.c.scope == MESSAGE_SCOPE,
            comment.c.is_private == false(),
            comment.c.deleted == false(),
        )
        .order_by(comment.c.created_at, comment.c.id)
    )
    rows: Sequence[Any] = (await db.execute(wanted)).all() if few else ()
    for ticket_id, author_type, content in rows:
        found[ticket_id].append(PastMessage(author_type, content))
    for one in tickets:
        if one.message_count > MOST_MESSAGES:
            found[one.id] = await public_messages(db, project_id, one.id)
    return found


async def projects_without_progress(db: Db, most: int) -> list[int]:
    """Return projects whose older tickets nobody has begun to index, those made first."""
    known = select(answer_index_progress.c.project_id)
    missing = select(project.c.id).where(project.c.id.not_in(known))
    return list((await db.execute(missing.order_by(project.c.id).limit(most))).scalars())


async def locked_progress(db: Db, project_id: int) -> int | None:
    """Return up to which number a project's tickets are indexed, locked; None for a project that is gone."""
    mine = answer_index_progress.c.project_id == project_id
    found = await db.execute(select(answer_index_progress.c.number).where(mine).with_for_update())
    return found.scalar()


async def tickets_behind(db: Db, project_id: int, number: int, most: int) -> Sequence[Any]:
    """Return id, number and status of the tickets behind a number, in their order (unique key of project and number)."""
    behind = (ticket.c.project_id == project_id, ticket.c.number > number)
    found = select(ticket.c.id, ticket.c.number, ticket.c.status).where(*behind)
    return (await db.execute(found.order_by(ticket.c.number).limit(most))).all()
