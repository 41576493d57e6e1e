"""Who is mailed about new conversations, when that was last done, and what the mails say."""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, and_, false, func, select, true

from parley.accounts.memberships.tables import membership
from parley.accounts.projects.tables import project
from parley.accounts.users.tables import user_account
from parley.conversations.notifications.tables import first_message_digest
from parley.conversations.ticket_changes.rules.changes import recipients
from parley.conversations.tickets.queries.merged_ticket import merged_ticket
from parley.conversations.tickets.rules.comments import CUSTOMER
from parley.conversations.tickets.tables import comment, ticket
from parley.kernel.database.transaction import Db

target = ticket.alias("target")


class Recipient(msgspec.Struct, frozen=True):
    """A member of the team who gets a mail."""

    user_id: int
    email: str


class NewConversation(msgspec.Struct, frozen=True):
    """What a mail says of a new conversation: the ticket, its project and what the customer wrote first."""

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


async def locked_digest(db: Db, project_id: int) -> Row[Any]:
    """Lock a project's `mailed_at` and `is_planned` until the transaction ends (primary key)."""
    columns = (first_message_digest.c.mailed_at, first_message_digest.c.is_planned)
    found = select(*columns).where(first_message_digest.c.project_id == project_id).with_for_update()
    return (await db.execute(found)).one()


async def new_conversation(db: Db, project_id: int, ticket_id: UUID) -> NewConversation | None:
    """Return the new conversation, or None when its ticket or first message is gone (ix_comment_ticket).

    If it has been merged meanwhile, its messages are on the target, and its own number leads there.
    """
    found = await _first_message(db, project_id, ticket_id, ticket_id)
    if found is not None:
        return found
    merged = await merged_ticket(db.rows, project_id, ticket_id)
    return await _first_message(db, project_id, ticket_id, merged.last_target_id) if merged else None


async def _first_message(db: Db, project_id: int, ticket_id: UUID, target_id: UUID) -> NewConversation | None:
    same = and_(ticket.c.project_id == comment.c.project_id, ticket.c.id == ticket_id)
    there = target.c
    live = and_(there.project_id == project_id, there.id == target_id, there.deleted_at.is_(None))
    row = (
        await db.execute(
            select(
                ticket.c.number,
                ticket.c.anonymous_traits.label("traits"),
                project.c.name.label("project_name"),
                comment.c.content,
            )
            .select_from(comment.join(ticket, same).join(project, project.c.id == ticket.c.project_id))
            .where(
                comment.c.project_id == project_id,
                comment.c.ticket_id == target_id,
                func.coalesce(comment.c.home_ticket_id, target_id) == ticket_id,
                comment.c.author_type == CUSTOMER,
                comment.c.deleted == false(),
                select(there.id).where(live).exists(),
            )
            .order_by(comment.c.created_at, comment.c.id)
            .limit(1)
        )
    ).first()
    return NewConversation(**row._mapping) if row is not None else None
