"""Roles as groups."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from parley.accounts.domains.queries import Domain
from parley.accounts.memberships.tables import membership
from parley.accounts.roles.tables import role, role_membership
from parley.accounts.scim.tables import scim_group
from parley.accounts.scim_messages.errors import ResourceNotFound
from parley.accounts.scim_messages.rules.resources import FoundRole
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.ids import uuid_or_none

NOT_FOUND = "Group not found"
_ROLE = StructColumns(FoundRole, role, external_id=scim_group.c.external_id)


def _roles(domain: Domain) -> Select[Any]:
    is_named = (scim_group.c.domain_id == domain.id) & (scim_group.c.role_id == role.c.id)
    return (
        select(*_ROLE.columns)
        .select_from(role.outerjoin(scim_group, is_named))
        .where(role.c.organization_id == domain.organization_id)
    )


async def all_roles(db: Db, domain: Domain) -> Sequence[FoundRole]:
    """Return the roles of the organization by name, of which there are few (unique index on organization and name)."""
    rows = await db.execute(_roles(domain).order_by(role.c.name))
    return [_ROLE(row) for row in rows]


async def group_by_id(db: Db, domain: Domain, text: str) -> FoundRole:
    """Return a role by the id in a path (primary key); raises ResourceNotFound."""
    role_id = uuid_or_none(text)
    row = None
    if role_id is not None:
        row = (await db.execute(_roles(domain).where(role.c.id == role_id))).first()
    if row is None:
        raise ResourceNotFound(NOT_FOUND)
    return _ROLE(row)


async def group_by_name(db: Db, domain: Domain, name: str) -> FoundRole | None:
    """Return the role of exactly this name (unique index on organization and name)."""
    row = (await db.execute(_roles(domain).where(role.c.name == name))).first()
    return _ROLE(row) if row else None


async def members_of(db: Db, domain: Domain, role_ids: Sequence[UUID]) -> dict[UUID, list[int]]:
    """Return who has the roles, by id (unique index on role and user)."""
    found: dict[UUID, list[int]] = {id: [] for id in role_ids}
    rows = await db.execute(
        select(role_membership.c.role_id, role_membership.c.user_id)
        .join(role, role.c.id == role_membership.c.role_id)
        .join(
            membership,
            (membership.c.organization_id == role.c.organization_id)
            & (membership.c.user_id == role_membership.c.user_id),
        )
        .where(role_membership.c.role_id.in_(list(role_ids)))
        .order_by(role_membership.c.user_id)
    )
    for row in rows:
        found[row.role_id].append(row.user_id)
    return found
