"""Organizations."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select

from parley.accounts.memberships.tables import membership
from parley.accounts.organizations.schemas import OrganizationBasic, OrganizationOut, OrganizationPatch
from parley.accounts.organizations.tables import organization
from parley.accounts.projects.queries.projects import projects_of_organizations
from parley.accounts.projects.schemas import ProjectBasic
from parley.kernel.database.database import Database
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Principal


def visible_organizations(principal: Principal) -> Select[Any]:
    """Organizations that the caller is in, and that the caller's key is not kept out of."""
    mine = select(membership.c.organization_id).where(membership.c.user_id == principal.user_id)
    rows = select(organization).where(organization.c.id.in_(mine))
    if principal.is_key:
        rows = rows.where(organization.c.id.in_(list(principal.levels)))
    if principal.scoped_organizations:
        rows = rows.where(organization.c.id.in_(principal.scoped_organizations))
    if closed := principal.closed_organizations:
        rows = rows.where(organization.c.id.not_in(closed))
    return rows


async def organization_exists(db: Db, organization_id: UUID) -> bool:
    """Say whether there is such an organization (primary key)."""
    found = await db.execute(select(organization.c.id).where(organization.c.id == organization_id))
    return found.first() is not None


async def settings_of(db: Db, organization_id: UUID) -> dict[str, Any]:
    """Return what admins can change of an organization, held until the transaction ends (primary key); raises NotFound."""
    columns = [organization.c[name] for name in OrganizationPatch.__struct_fields__]
    statement = select(*columns).where(organization.c.id == organization_id).with_for_update(key_share=True)
    row = (await db.execute(statement)).mappings().first()
    if row is None:
        raise NotFound("Organization not found.")
    return dict(row)


async def is_ai_data_processing_approved(database: Database, organization_id: UUID) -> bool:
    """Say whether an admin has approved that models outside read what the organization stores (primary key)."""
    wanted = select(organization.c.is_ai_data_processing_approved).where(organization.c.id == organization_id)
    async with database.transaction(write=False) as db:
        return bool((await db.execute(wanted)).scalar())


async def is_only_organization(db: Db, organization_id: UUID) -> bool:
    """Say whether nobody else uses this installation."""
    found = (await db.execute(select(organization.c.id).limit(2))).scalars().all()
    return found == [organization_id]


async def is_organization(database: Database, organization_id: UUID) -> bool:
    """The same outside a transaction."""
    async with database.transaction(write=False) as db:
        return await organization_exists(db, organization_id)


async def n_organizations(db: Db, principal: Principal) -> int:
    """Count the visible organizations."""
    statement = visible_organizations(principal).with_only_columns(func.count(), maintain_column_froms=True)
    count: int = (await db.execute(statement)).scalar_one()
    return count


async def organization_page(db: Db, principal: Principal, limit: int, offset: int) -> list[OrganizationOut]:
    """Return a page of the visible organizations, by name (index on membership.user_id)."""
    statement = visible_organizations(principal).order_by(organization.c.name, organization.c.id)
    rows = (await db.execute(statement.limit(limit).offset(offset))).all()
    return await _shown(db, principal.levels, rows)


async def organization_by_id(db: Db, organization_id: UUID, level: int) -> OrganizationOut:
    """Return one organization as a member of this level sees it; raises NotFound."""
    statement = select(organization).where(organization.c.id == organization_id)
    rows = (await db.execute(statement)).all()
    if not rows:
        raise NotFound("Organization not found.")
    return (await _shown(db, {organization_id: level}, rows))[0]


async def _shown(db: Db, levels: Mapping[UUID, int], rows: Sequence[Row[Any]]) -> list[OrganizationOut]:
    """Add members' count and projects, in two statements for all rows (indexes on organization_id)."""
    ids = [row.id for row in rows]
    counting: Select[Any] = (
        select(membership.c.organization_id, func.count().label("n"))
        .where(membership.c.organization_id.in_(ids))
        .group_by(membership.c.organization_id)
    )
    counts = {row.organization_id: row.n for row in await db.execute(counting)}
    projects = await projects_of_organizations(db, ids)
    return [
        _organization(row, levels, counts, [one for one in projects if one.organization == row.id])
        for row in rows
    ]


def _organization(
    row: Row[Any], levels: Mapping[UUID, int], counts: dict[UUID, int], projects: list[ProjectBasic]
) -> OrganizationOut:
    return OrganizationOut(
        id=row.id,
        name=row.name,
        slug=row.slug,
        created_at=row.created_at,
        updated_at=row.updated_at,
        membership_level=levels.get(row.id, 0),
        member_count=counts.get(row.id, 0),
        allow_publicly_shared_resources=row.allow_publicly_shared_resources,
        is_ai_data_processing_approved=row.is_ai_data_processing_approved,
        members_can_use_personal_api_keys=row.members_can_use_personal_api_keys,
        enforce_2fa=row.enforce_2fa,
        teams=projects,
        projects=projects,
    )


_BASIC = StructColumns(OrganizationBasic, organization, membership_level=membership.c.level)


async def organizations_of_user(db: Db, user_id: int) -> list[OrganizationBasic]:
    """Return the organizations of a user with the level there, by name (index on membership.user_id)."""
    rows = await db.execute(
        select(*_BASIC.columns)
        .join(membership, membership.c.organization_id == organization.c.id)
        .where(membership.c.user_id == user_id)
        .order_by(organization.c.name, organization.c.id)
    )
    return [_BASIC(row) for row in rows]


async def hold_organization(db: Db, organization_id: UUID) -> None:
    """Have others who hold the organization wait until the transaction ends (on PostgreSQL; SQLite has one writer anyway).

    What belongs to it can be stored by others meanwhile. Nothing happens for one that is gone.
    """
    mine = organization.c.id == organization_id
    await db.execute(select(organization.c.id).where(mine).with_for_update(key_share=True))
