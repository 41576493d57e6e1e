"""What those are told who want to hear of new conversations."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import and_, false, select, true

from parley.accounts.tables import membership, project, user_account
from parley.kernel.db import Db
from parley.tickets.rules import CUSTOMER, recipients
from parley.tickets.tables import comment, ticket


class Recipient(msgspec.Struct, frozen=True):
    """A member of the team who gets a mail."""

    user_id: int
    email: str


class Introduction(msgspec.Struct, frozen=True):
    """A new conversation: the ticket, its project and what the customer said first."""

    number: int
    traits: dict[str, Any]
    project_name: str
    content: str


async def recipients_of(db: Db, project_id: int) -> list[Recipient]:
    """Return those named in the project's settings who still are active members of its organization."""
    row = (
        await db.execute(
            select(project.c.organization_id, project.c.conversations_settings).where(
                project.c.id == project_id
            )
        )
    ).first()
    wanted = recipients(row.conversations_settings) if row else []
    if row is None or not wanted:
        return []
    found = await db.execute(
        select(user_account.c.id, user_account.c.email)
        .join(membership, membership.c.user_id == user_account.c.id)
        .where(
            membership.c.organization_id == row.organization_id,
            user_account.c.id.in_(wanted),
            user_account.c.is_active == true(),
        )
        .order_by(user_account.c.id)
    )
    return [Recipient(row.id, row.email) for row in found]


async def introduction(db: Db, project_id: int, ticket_id: UUID) -> Introduction | None:
    """Return the new conversation, or None when its ticket or first message is gone (ix_comment_ticket)."""
    same = and_(ticket.c.project_id == comment.c.project_id, ticket.c.id == comment.c.ticket_id)
    found = (
        await db.execute(
            select(ticket.c.number, ticket.c.anonymous_traits, project.c.name, comment.c.content)
            .select_from(comment.join(ticket, same).join(project, project.c.id == ticket.c.project_id))
            .where(
                comment.c.project_id == project_id,
                comment.c.ticket_id == ticket_id,
                comment.c.author_type == CUSTOMER,
                comment.c.deleted == false(),
                ticket.c.deleted_at.is_(None),
            )
            .order_by(comment.c.created_at, comment.c.id)
            .limit(1)
        )
    ).first()
    row: Sequence[Any] | None = found
    return Introduction(*row) if row is not None else None
