"""What those are told who want to hear of new conversations."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, and_, false, func, select, true

from parley.accounts.tables import membership, project, user_account
from parley.conversations.merging.queries.merging import survivor_of
from parley.conversations.tickets.rules import CUSTOMER, recipients
from parley.conversations.tickets.tables import comment, first_message_digest, ticket
from parley.kernel.database.database import Db

survivor = ticket.alias("survivor")


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
    """Return the new conversation, or None when its ticket or first message is gone (ix_comment_ticket).

    If it has been merged meanwhile, its messages are on the survivor, and its own number leads there.
    """
    found = await _introduction(db, project_id, ticket_id, ticket_id)
    if found is not None:
        return found
    merged = await survivor_of(db.rows, project_id, ticket_id)
    return await _introduction(db, project_id, ticket_id, merged.survivor_id) if merged else None


async def _introduction(db: Db, project_id: int, ticket_id: UUID, survivor_id: UUID) -> Introduction | None:
    same = and_(ticket.c.project_id == comment.c.project_id, ticket.c.id == ticket_id)
    there = survivor.c
    live = and_(there.project_id == project_id, there.id == survivor_id, there.deleted_at.is_(None))
    found = (
        await db.execute(
            select(ticket.c.number, ticket.c.anonymous_traits, project.c.name, comment.c.content)
            .select_from(comment.join(ticket, same).join(project, project.c.id == ticket.c.project_id))
            .where(
                comment.c.project_id == project_id,
                comment.c.ticket_id == survivor_id,
                func.coalesce(comment.c.home_ticket_id, survivor_id) == ticket_id,
                comment.c.author_type == CUSTOMER,
                comment.c.deleted == false(),
                select(there.id).where(live).exists(),
            )
            .order_by(comment.c.created_at, comment.c.id)
            .limit(1)
        )
    ).first()
    row: Sequence[Any] | None = found
    return Introduction(*row) if row is not None else None


async def digest_held(db: Db, project_id: int) -> Row[Any]:
    """Return `mailed_at` and `is_planned` of a project, held until the transaction ends (primary key)."""
    columns = (first_message_digest.c.mailed_at, first_message_digest.c.is_planned)
    found = select(*columns).where(first_message_digest.c.project_id == project_id).with_for_update()
    return (await db.execute(found)).one()
