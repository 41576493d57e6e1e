"""What is to be indexed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from parley.accounts.projects.tables import project
from parley.conversations.tickets.tables import ticket
from parley.kernel.database.transaction import Db
from parley.knowledge.suggested_replies.tables import answer_index_progress


async def resolved_subject(db: Db, project_id: int, ticket_id: UUID) -> str | None:
    """Return the subject, perhaps empty, of a ticket that is resolved and not deleted; None of any other (primary key)."""
    mine = (ticket.c.project_id == project_id, ticket.c.id == ticket_id)
    is_source = (ticket.c.status == "resolved", ticket.c.deleted_at.is_(None))
    row = (await db.execute(select(ticket.c.email_subject).where(*mine, *is_source))).first()
    return None if row is None else row.email_subject or ""


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
