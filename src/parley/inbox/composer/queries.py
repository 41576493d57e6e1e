"""What the people and roles are called to whom a prepared change gives a ticket."""

from uuid import UUID

from sqlalchemy import bindparam, select

from parley.accounts.memberships.tables import membership
from parley.accounts.roles.tables import role
from parley.accounts.users.rules import user_name
from parley.accounts.users.tables import user_account
from parley.conversations.tickets.rules.assignees import RoleAssignee, UserAssignee
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared

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


async def assignee_name(
    database: Database, organization_id: UUID, assignee: UserAssignee | RoleAssignee
) -> str | None:
    """Return what a member or a role is called; None for somebody outside of the organization (primary keys)."""
    values = {"organization_id": organization_id, "id": assignee.id}
    if isinstance(assignee, RoleAssignee):
        return next((name for (name,) in await database.read(_ROLE, **values)), None)
    rows = await database.read(_MEMBER, **values)
    return next((user_name(*one) for one in rows), None)
