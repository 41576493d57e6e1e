"""Which answers of customers still wait for the team."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, and_, exists, false, func, select

from parley.conversations.notifications.rules.kinds import ANSWERS, MemberNotice
from parley.conversations.tickets.rules.comments import ASSISTANT, CUSTOMER, MESSAGE_SCOPE
from parley.conversations.tickets.tables import comment, ticket
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.transaction import Db

later = comment.alias("later")
SAME_TICKET = and_(ticket.c.project_id == comment.c.project_id, ticket.c.id == comment.c.ticket_id)
_AFTER = (
    later.c.project_id == comment.c.project_id,
    later.c.ticket_id == comment.c.ticket_id,
    later.c.created_at >= comment.c.created_at,
    later.c.scope == MESSAGE_SCOPE,
    later.c.deleted == false(),
)
_ANSWER_OF_TEAM = (later.c.is_private == false(), later.c.author_type.not_in([CUSTOMER, ASSISTANT]))


def waits_for_team() -> ColumnElement[bool]:
    """Return the condition that a message is neither read nor answered by the team; `comment` is joined with `ticket`."""
    is_answered = exists(select(later.c.id).where(*_AFTER, *_ANSWER_OF_TEAM))
    return and_(
        ticket.c.unread_team_count > 0,
        ticket.c.deleted_at.is_(None),
        comment.c.deleted == false(),
        ~is_answered,
    )


class Responsible(msgspec.Struct, frozen=True):
    """Whose a ticket is."""

    user_id: int | None
    role_id: UUID | None


async def responsible_for_answer(db: Db, project_id: int, comment_id: UUID) -> Responsible | None:
    """Return whose ticket a customer's message is on, if it is the first one that the team has not read.

    None, too, where the ticket is a role's and somebody has answered: it is no longer everybody's (primary keys, and
    ix_comment_ticket).
    """
    own = (later.c.author_type == CUSTOMER, later.c.is_private == false())
    since = select(func.count()).select_from(later).where(*_AFTER, *own).scalar_subquery()
    found: Any = select(ticket.c.assignee_user_id, ticket.c.assignee_role_id, ticket.c.first_response_at)
    mine = (comment.c.project_id == project_id, comment.c.id == comment_id, waits_for_team())
    is_first_unread = since == ticket.c.unread_team_count
    row = (
        await db.execute(found.select_from(comment.join(ticket, SAME_TICKET)).where(*mine, is_first_unread))
    ).first()
    if row is None or (row.assignee_user_id is None and row.first_response_at is not None):
        return None
    return Responsible(row.assignee_user_id, row.assignee_role_id)


async def without_read_answers(
    db: Db, project_id: int, notices: Sequence[MemberNotice]
) -> list[MemberNotice]:
    """Return the notices without those of answers that somebody of the team has read or answered (primary keys)."""
    asked = [one.comment_id for one in notices if one.kind == ANSWERS]
    waiting = set[UUID]()
    if asked:
        found = select(comment.c.id).select_from(comment.join(ticket, SAME_TICKET))
        is_asked = is_one_of(comment.c.id, listed("ids", comment.c.id))  # they may be any number
        mine = (comment.c.project_id == project_id, is_asked, waits_for_team())
        waiting = set((await db.execute(found.where(*mine), {"ids": asked})).scalars())
    return [one for one in notices if one.kind != ANSWERS or one.comment_id in waiting]
