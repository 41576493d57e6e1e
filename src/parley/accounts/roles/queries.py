"""Roles and who has them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from parley.accounts.memberships.tables import membership
from parley.accounts.roles.schemas import Role, RoleMembershipOut
from parley.accounts.roles.tables import role, role_membership
from parley.accounts.users.queries import USER
from parley.accounts.users.tables import user_account
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound

_ROLE = StructColumns(Role, role, created_by=USER.or_none())
ROLES: Select[Any] = select(*_ROLE.columns).outerjoin(user_account, user_account.c.id == role.c.created_by)
_ROLE_MEMBERSHIP = StructColumns(
    RoleMembershipOut, role_membership, organization_member=membership.c.id, user=USER
)
ROLE_MEMBERSHIPS: Select[Any] = (
    select(*_ROLE_MEMBERSHIP.columns)
    .join(role, role.c.id == role_membership.c.role_id)
    .join(
        membership,
        (membership.c.organization_id == role.c.organization_id)
        & (membership.c.user_id == role_membership.c.user_id),
    )
    .join(user_account, user_account.c.id == role_membership.c.user_id)
)


async def role_page(db: Db, organization_id: UUID, limit: int, offset: int) -> list[Role]:
    """Return a page of an organization's roles by name (unique index on organization and name)."""
    rows = await db.execute(
        ROLES.where(role.c.organization_id == organization_id)
        .order_by(role.c.name)
        .limit(limit)
        .offset(offset)
    )
    return [_ROLE(row) for row in rows]


async def n_roles(db: Db, organization_id: UUID) -> int:
    """Count an organization's roles (unique index on organization and name)."""
    statement = select(func.count()).where(role.c.organization_id == organization_id)
    count: int = (await db.execute(statement)).scalar_one()
    return count


async def role_by_id(db: Db, organization_id: UUID, role_id: UUID) -> Role:
    """Return a role of the organization (primary key); raises NotFound."""
    statement = ROLES.where(role.c.organization_id == organization_id, role.c.id == role_id)
    row = (await db.execute(statement)).first()
    if row is None:
        raise NotFound
    return _ROLE(row)


async def organization_and_name_of(db: Db, role_id: UUID) -> tuple[UUID, str]:
    """Return whose role this is, and what it is called (primary key); raises NotFound."""
    found = await db.execute(select(role.c.organization_id, role.c.name).where(role.c.id == role_id))
    row = found.first()
    if row is None:
        raise NotFound
    return row.organization_id, row.name


async def is_role_of(db: Db, organization_id: UUID, role_id: UUID) -> bool:
    """Say whether a role is one of the organization's (primary key)."""
    mine = (role.c.id == role_id, role.c.organization_id == organization_id)
    return (await db.execute(select(role.c.id).where(*mine))).first() is not None


async def role_id_by_name(db: Db, organization_id: UUID, name: str) -> UUID:
    """Return the id of the role of exactly this name, which there must be (unique index)."""
    found = await db.execute(
        select(role.c.id).where(role.c.organization_id == organization_id, role.c.name == name)
    )
    role_id: UUID = found.scalar_one()
    return role_id


async def is_role_name_taken(db: Db, organization_id: UUID, name: str, *, but_by: UUID) -> bool:
    """Say whether another role of the organization has this name (unique index)."""
    found = await db.execute(
        select(role.c.id).where(
            role.c.organization_id == organization_id, role.c.name == name, role.c.id != but_by
        )
    )
    return found.first() is not None


async def members_with_roles(db: Db, role_ids: Sequence[UUID]) -> list[RoleMembershipOut]:
    """Return everybody who has one of the roles, in the order they got it (unique index on role and user)."""
    rows = await db.execute(
        ROLE_MEMBERSHIPS.where(role_membership.c.role_id.in_(role_ids)).order_by(
            role_membership.c.joined_at, role_membership.c.id
        )
    )
    return [_ROLE_MEMBERSHIP(row) for row in rows]


async def members_of_role(db: Db, role_id: UUID, limit: int) -> list[RoleMembershipOut]:
    """Return the first who have the role, in the order they got it (unique index on role and user)."""
    mine = ROLE_MEMBERSHIPS.where(role_membership.c.role_id == role_id)
    rows = await db.execute(mine.order_by(role_membership.c.joined_at, role_membership.c.id).limit(limit))
    return [_ROLE_MEMBERSHIP(row) for row in rows]


async def ids_with_role(db: Db, role_id: UUID) -> frozenset[int]:
    """Return the ids of all users who have the role (unique index on role and user)."""
    rows = await db.execute(select(role_membership.c.user_id).where(role_membership.c.role_id == role_id))
    return frozenset(rows.scalars())


async def n_members_of(db: Db, role_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Count who has each of the roles; those that nobody has are absent (unique index on role and user)."""
    counted = select(role_membership.c.role_id, func.count().label("n")).group_by(role_membership.c.role_id)
    rows = await db.execute(counted.where(role_membership.c.role_id.in_(role_ids)))
    return {row.role_id: row.n for row in rows}


async def role_membership_by_id(db: Db, role_id: UUID, role_membership_id: UUID) -> RoleMembershipOut:
    """Return one of those who have the role; raises NotFound."""
    statement = ROLE_MEMBERSHIPS.where(
        role_membership.c.role_id == role_id, role_membership.c.id == role_membership_id
    )
    row = (await db.execute(statement)).first()
    if row is None:
        raise NotFound
    return _ROLE_MEMBERSHIP(row)


def role_ids_of(organization_id: UUID) -> Select[tuple[UUID]]:
    """The organization's roles, for use inside another statement."""
    return select(role.c.id).where(role.c.organization_id == organization_id)


async def user_ids_with_role(db: Db, role_id: UUID) -> frozenset[int]:
    """Return who has a role (unique index on role and user)."""
    rows = await db.execute(select(role_membership.c.user_id).where(role_membership.c.role_id == role_id))
    return frozenset(rows.scalars())
