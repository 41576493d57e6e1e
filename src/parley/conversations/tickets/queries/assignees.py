"""Who may take care of tickets."""

from uuid import UUID

from sqlalchemy import select

from parley.accounts.memberships.tables import membership
from parley.accounts.roles.tables import role
from parley.kernel.database.transaction import Db


async def is_member(db: Db, organization_id: UUID, user_id: int) -> bool:
    """Say whether the user is in the organization (unique index on organization and user)."""
    mine = (membership.c.organization_id == organization_id, membership.c.user_id == user_id)
    return (await db.execute(select(membership.c.id).where(*mine))).first() is not None


async def is_role_of(db: Db, organization_id: UUID, role_id: UUID) -> bool:
    """Say whether the role belongs to the organization (primary key)."""
    mine = (role.c.id == role_id, role.c.organization_id == organization_id)
    return (await db.execute(select(role.c.id).where(*mine))).first() is not None
