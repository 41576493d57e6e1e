"""What the form to write in needs to know: names for a prepared change, and answers of colleagues."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, false, select

from parley.accounts.memberships.tables import membership
from parley.accounts.roles.tables import role
from parley.accounts.users.rules import user_name
from parley.accounts.users.tables import user_account
from parley.conversations.tickets.rules.assignees import RoleAssignee, UserAssignee
from parley.conversations.tickets.rules.comments import MESSAGE_SCOPE
from parley.conversations.tickets.tables import comment
from parley.kernel.database.columns import UtcDateTime
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.http.authorization import Actor

_MEMBER = Prepared(
    select(user_account.c.first_name, user_account.c.last_name, user_account.c.email)
    .join(membership, membership.c.user_id == user_account.c.id)
    .where(membership.c.organization_id == bindparam("organization_id"), user_account.c.id == bindparam("id"))
)
_ROLE = Prepared(
    select(role.c.name).where(
        role.c.organization_id == bindparam("organization_id"), role.c.id == bindparam("id")
    )
)
_ANSWER = Prepared(
    select(user_account.c.first_name, user_account.c.last_name, user_account.c.email, comment.c.created_at)
    .join(user_account, user_account.c.id == comment.c.created_by)
    .where(
        comment.c.project_id == bindparam("project_id"),
        comment.c.ticket_id == bindparam("ticket_id"),
        comment.c.scope == MESSAGE_SCOPE,
        comment.c.deleted == false(),
        comment.c.is_private == false(),
        comment.c.created_by != bindparam("user_id"),
        comment.c.created_at > bindparam("since", type_=UtcDateTime),
    )
    .order_by(comment.c.created_at.desc())
    .limit(1)
)


async def answer_of_a_colleague(
    database: Database, actor: Actor, ticket_id: UUID, since: datetime
) -> tuple[str, datetime] | None:
    """Return who else of the team last answered on a ticket after a moment, and when (ix_comment_ticket)."""
    values = {"project_id": actor.project_id, "user_id": actor.user_id}
    rows = await database.read(_ANSWER, **values, ticket_id=ticket_id, since=since)
    return next(((user_name(first, last, email), at) for first, last, email, at in rows), None)


async def assignee_name(
    database: Database, organization_id: UUID, assignee: UserAssignee | RoleAssignee
) -> str | None:
    """Return what a member or a role is called; None for somebody outside of the organization (primary keys)."""
    values = {"organization_id": organization_id, "id": assignee.id}
    if isinstance(assignee, RoleAssignee):
        return next((name for (name,) in await database.read(_ROLE, **values)), None)
    rows = await database.read(_MEMBER, **values)
    return next((user_name(*one) for one in rows), None)
