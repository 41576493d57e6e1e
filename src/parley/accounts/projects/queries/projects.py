"""Projects as requests need them: found by id or token, in one statement and without a transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, Select, bindparam, func, or_, select

from parley.accounts.memberships.tables import membership
from parley.accounts.projects.recording_settings import recording_settings_of
from parley.accounts.projects.schemas import ProjectBasic, ProjectOut
from parley.accounts.projects.tables import project
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import (
    ADMIN,
    MEMBER,
    Principal,
    Project,
)
from parley.kernel.http.paging import PageRequest
from parley.kernel.secrets import Vault

_PROJECT = StructColumns(
    Project,
    project,
    settings=project.c.conversations_settings,
    widget_token=project.c.widget_public_token,
)
COLUMNS = _PROJECT.columns

# Each is served by the primary key or by the unique index of its column.
BY_ID = Prepared(select(*COLUMNS).where(project.c.id == bindparam("id")))
BY_WIDGET_TOKEN = Prepared(select(*COLUMNS).where(project.c.widget_public_token == bindparam("token")))
BY_API_TOKEN = Prepared(select(*COLUMNS).where(project.c.api_token == bindparam("token")))
BY_SECRET_HASH = Prepared(
    select(*COLUMNS).where(
        or_(
            project.c.secret_api_token_hash == bindparam("hashed"),
            project.c.secret_api_token_backup_hash == bindparam("hashed"),
        )
    )
)
SECRETS = Prepared(
    select(project.c.secret_api_token, project.c.secret_api_token_backup).where(
        project.c.id == bindparam("id")
    )
)


def _project(rows: Sequence[Sequence[Any]]) -> Project | None:
    return _PROJECT(rows[0]) if rows else None


async def project_by_id(database: Database, project_id: int) -> Project | None:
    """Return a project without checking rights; the authenticator decides who may enter it."""
    return _project(await database.read(BY_ID, id=project_id))


async def projects_by_ids(db: Db, ids: Sequence[int]) -> dict[int, Project]:
    """Return projects by id, for work that belongs to no request (primary key)."""
    rows = await db.execute(select(*COLUMNS).where(project.c.id.in_(ids)))
    found = [_project([row]) for row in rows.all()]
    return {one.id: one for one in found if one is not None}


async def project_by_widget_token(database: Database, token: str) -> Project | None:
    """Return the project whose widget shows this token; a blank or unstorable token belongs to none."""
    return _project(await database.read(BY_WIDGET_TOKEN, token=token)) if _is_storable(token) else None


async def project_by_api_token(database: Database, token: str) -> Project | None:
    """Return the project whose SDK sends this token; a blank or unstorable token belongs to none."""
    return _project(await database.read(BY_API_TOKEN, token=token)) if _is_storable(token) else None


async def project_by_secret_hash(database: Database, hashed: str) -> Project | None:
    """Return the project whose secret token, or the kept one before it, has this hash."""
    return _project(await database.read(BY_SECRET_HASH, hashed=hashed))


def _is_storable(token: str) -> bool:
    return token.isascii() and token.isprintable() and 0 < len(token.strip()) <= 200


async def secret_tokens(database: Database, vault: Vault, project_id: int) -> list[str]:
    """Return the project's secret tokens in plain text: the current one, then the kept one before it."""
    rows = await database.read(SECRETS, id=project_id)
    return [vault.decrypt(one) for one in rows[0] if one is not None] if rows else []


async def signing_secrets(db: Db, vault: Vault, project_id: int, now: datetime) -> list[str]:
    """Return the keys that sign the project's webhooks now: the current one, then one replaced less than a day ago."""
    columns = (
        project.c.webhook_signing_secret,
        project.c.webhook_signing_secret_backup,
        project.c.webhook_signing_secret_backup_until,
    )
    row: Any = (await db.execute(select(*columns).where(project.c.id == project_id))).first()
    if row is None:
        return []
    current, backup, until = row
    return [vault.decrypt(one) for one in (current, backup if backup and until > now else None) if one]


_BASIC = StructColumns(ProjectBasic, project, organization=project.c.organization_id)
BASIC: Select[Any] = select(*_BASIC.columns)


async def projects_of_organizations(db: Db, organization_ids: Sequence[UUID]) -> list[ProjectBasic]:
    """Return the projects of these organizations, oldest first (index on organization_id)."""
    rows = await db.execute(
        BASIC.where(project.c.organization_id.in_(organization_ids)).order_by(project.c.id)
    )
    return [_BASIC(row) for row in rows]


async def project_of_user(db: Db, user_id: int, project_id: int) -> ProjectBasic | None:
    """Return the project if it is in an organization of the user (primary key)."""
    row = (await db.execute(BASIC.where(project.c.id == project_id, _of_user(user_id)))).first()
    return _BASIC(row) if row else None


def _of_user(user_id: int) -> ColumnElement[bool]:
    mine = select(membership.c.organization_id).where(membership.c.user_id == user_id)
    return project.c.organization_id.in_(mine)


def visible_projects(principal: Principal, organization_id: UUID | None = None) -> Select[Any]:
    """Projects that the caller can see, that the caller's key is not kept out of; all, or those of one organization."""
    rows = select(project).where(_of_user(principal.user_id))
    if principal.is_key:
        rows = rows.where(project.c.organization_id.in_(list(principal.levels)))
    if organization_id is not None:
        rows = rows.where(project.c.organization_id == organization_id)
    if principal.scoped_organizations:
        rows = rows.where(project.c.organization_id.in_(principal.scoped_organizations))
    if closed := principal.closed_organizations:
        rows = rows.where(project.c.organization_id.not_in(closed))
    return rows


async def n_projects(db: Db, principal: Principal, organization_id: UUID | None) -> int:
    """Count the visible projects."""
    statement = visible_projects(principal, organization_id).with_only_columns(
        func.count(), maintain_column_froms=True
    )
    count: int = (await db.execute(statement)).scalar_one()
    return count


async def project_row(db: Db, project_id: int, *, for_change: bool = False) -> Row[Any]:
    """Return a project (primary key), held until the transaction ends when it is to be changed; raises NotFound."""
    statement = select(project).where(project.c.id == project_id)
    row = (await db.execute(statement.with_for_update() if for_change else statement)).first()
    if row is None:
        raise NotFound("Project not found.")
    return row


async def organization_and_name_of_project(db: Db, project_id: int) -> tuple[UUID, str]:
    """Return whose project this is, and what it is called (primary key); raises NotFound."""
    found = await db.execute(
        select(project.c.organization_id, project.c.name).where(project.c.id == project_id)
    )
    row = found.first()
    if row is None:
        raise NotFound("Project not found.")
    return row.organization_id, row.name


async def webhooks_locked(db: Db, project_id: int) -> bool:
    """Return whether webhooks listen to the project, which is held until the transaction ends (primary key)."""
    statement = select(project.c.has_webhooks).where(project.c.id == project_id)
    found: bool = (await db.execute(statement.with_for_update(key_share=True))).scalar_one()
    return found


async def access_controls_locked(db: Db, project_id: int) -> bool:
    """Return whether levels may be set in the project, which is held until the transaction ends (primary key)."""
    statement = select(project.c.has_access_controls).where(project.c.id == project_id)
    found: bool = (await db.execute(statement.with_for_update(key_share=True))).scalar_one()
    return found


def first_project_of(organization_id: UUID | ColumnElement[UUID | None]) -> ColumnElement[int | None]:
    """The organization's oldest project, for use inside another statement."""
    return (
        select(func.min(project.c.id)).where(project.c.organization_id == organization_id).scalar_subquery()
    )


async def project_ids_of_user(db: Db, user_id: int) -> frozenset[int]:
    """Return the projects of the organizations that the user is in (index on membership.user_id)."""
    rows = await db.execute(select(project.c.id).where(_of_user(user_id)))
    return frozenset(rows.scalars())


async def project_ids_of_organization(db: Db, organization_id: UUID) -> Sequence[int]:
    """Return the ids of the organization's projects (index on project.organization_id)."""
    found = await db.execute(select(project.c.id).where(project.c.organization_id == organization_id))
    return found.scalars().all()


async def project_page(
    db: Db, vault: Vault, principal: Principal, organization_id: UUID | None, asked: PageRequest
) -> list[ProjectOut]:
    """Return a page of the visible projects, oldest first (index on organization_id)."""
    statement = visible_projects(principal, organization_id).order_by(project.c.id)
    rows = await db.execute(statement.limit(asked.limit).offset(asked.offset))
    return [_out(row, vault, principal) for row in rows]


async def project_out(db: Db, vault: Vault, project_id: int, principal: Principal) -> ProjectOut:
    """Return a project as the caller, who is in its organization, sees it; raises NotFound."""
    return _out(await project_row(db, project_id), vault, principal)


def _out(row: Row[Any], vault: Vault, principal: Principal) -> ProjectOut:
    level = principal.levels.get(row.organization_id, MEMBER)
    is_admin = level >= ADMIN
    # Who can replace a secret may see it: a key that only reads must not sign in the project's name.
    shows_secrets = is_admin and principal.has("project:write")
    backup = row.secret_api_token_backup if shows_secrets else None
    recording = recording_settings_of(row.recording_settings)
    settings = {**row.conversations_settings, "widget_public_token": row.widget_public_token}
    return ProjectOut(
        **msgspec.structs.asdict(recording),
        id=row.id,
        uuid=row.uuid,
        organization=row.organization_id,
        project_id=row.id,
        name=row.name,
        api_token=row.api_token,
        secret_api_token=vault.decrypt(row.secret_api_token) if shows_secrets else None,
        secret_api_token_backup=vault.decrypt(backup) if backup else None,
        webhook_signing_secret=vault.decrypt(row.webhook_signing_secret) if shows_secrets else None,
        timezone=row.timezone,
        conversations_enabled=row.conversations_enabled,
        conversations_settings=settings,
        effective_membership_level=level,
        user_access_level="admin" if is_admin else "member",
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
