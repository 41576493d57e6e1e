"""A share as those who manage it see it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from parley.accounts.organizations.tables import organization
from parley.accounts.projects.tables import project
from parley.accounts.users.tables import user_account
from parley.analytics.sharing.rules.configurations import new_access_token
from parley.analytics.sharing.rules.passwords import MOST_PASSWORDS, NOBODY
from parley.analytics.sharing.schemas import (
    SharePassword,
    SharingConfiguration,
    StoredShare,
    StoredSharePassword,
)
from parley.analytics.sharing.tables import share_password, sharing_configuration
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.secrets import Vault

SHARE = StructColumns(StoredShare, sharing_configuration)
_PASSWORD = StructColumns(StoredSharePassword, share_password)


async def current_share(db: Db, project_id: int, target_type: str, target_id: str) -> StoredShare | None:
    """Return the share of a target, with the link that was made last (uq_sharing_configuration_target)."""
    found = select(*SHARE.columns).where(
        sharing_configuration.c.project_id == project_id,
        sharing_configuration.c.target_type == target_type,
        sharing_configuration.c.target_id == target_id,
        sharing_configuration.c.expires_at.is_(None),
    )
    row = (await db.execute(found)).first()
    return SHARE(row) if row is not None else None


async def may_share_publicly(db: Db, project_id: int) -> bool:
    """Say whether the organization of the project lets anything be shared (primary keys)."""
    allowed = (
        select(organization.c.allow_publicly_shared_resources)
        .join(project, project.c.organization_id == organization.c.id)
        .where(project.c.id == project_id)
    )
    return bool((await db.execute(allowed)).scalar())


async def shown_share(db: Db, vault: Vault, share: StoredShare | None) -> SharingConfiguration:
    """Return a share with its passwords, the newest first (ix_share_password_configuration)."""
    if share is None:
        return SharingConfiguration(
            created_at=None,
            enabled=False,
            access_token=new_access_token(),
            settings=None,
            password_required=False,
            share_passwords=[],
            link_expires_at=None,
        )
    return SharingConfiguration(
        created_at=share.created_at,
        enabled=share.enabled,
        access_token=vault.decrypt(share.access_token),
        settings=share.settings,
        password_required=share.password_required,
        share_passwords=await _shown_passwords(db, share),
        link_expires_at=share.link_expires_at,
    )


async def _shown_passwords(db: Db, share: StoredShare) -> list[SharePassword]:
    rows = await db.execute(
        select(
            share_password.c.id,
            share_password.c.created_at,
            share_password.c.note,
            func.coalesce(user_account.c.email, NOBODY).label("created_by_email"),
            share_password.c.is_active,
        )
        .outerjoin_from(share_password, user_account, user_account.c.id == share_password.c.created_by)
        .where(*_active(share.project_id, share.id))
        .order_by(share_password.c.created_at.desc(), share_password.c.id)
        .limit(MOST_PASSWORDS)
    )
    return [SharePassword(**row._mapping) for row in rows]


def _active(project_id: int, configuration_id: UUID) -> tuple[Any, ...]:
    return (
        share_password.c.project_id == project_id,
        share_password.c.configuration_id == configuration_id,
        share_password.c.is_active,
    )


async def active_passwords(db: Db, project_id: int, configuration_id: UUID) -> list[StoredSharePassword]:
    """Return the passwords that open a share, the oldest first (ix_share_password_configuration)."""
    found: Select[Any] = select(*_PASSWORD.columns).where(*_active(project_id, configuration_id))
    oldest = found.order_by(share_password.c.created_at, share_password.c.id).limit(MOST_PASSWORDS)
    return [_PASSWORD(row) for row in await db.execute(oldest)]


async def password_by_hash(db: Db, share: StoredShare, hashed: str) -> StoredSharePassword | None:
    """Return the active password of a share with this hash (ix_share_password_configuration)."""
    found = select(*_PASSWORD.columns).where(
        *_active(share.project_id, share.id), share_password.c.password_hash == hashed
    )
    row = (await db.execute(found.limit(1))).first()
    return _PASSWORD(row) if row is not None else None


async def password_by_id(db: Db, share: StoredShare, id: int, now: datetime) -> StoredSharePassword | None:
    """Return an active password of a share, or of a link before that still goes on (primary keys)."""
    link = sharing_configuration.c
    found = select(*_PASSWORD.columns).where(
        share_password.c.project_id == share.project_id,
        share_password.c.id == id,
        share_password.c.is_active,
        link.project_id == share_password.c.project_id,
        link.id == share_password.c.configuration_id,
        link.target_type == share.target_type,
        link.target_id == share.target_id,
        link.expires_at.is_(None) | (link.expires_at > now),
    )
    row = (await db.execute(found)).first()
    return _PASSWORD(row) if row is not None else None


async def active_password_count(db: Db, share: StoredShare) -> int:
    """Return how many passwords open a share (ix_share_password_configuration)."""
    count = select(func.count()).select_from(share_password).where(*_active(share.project_id, share.id))
    found: int = (await db.execute(count)).scalar_one()
    return found


def replaced_links(now: datetime, limit: int) -> Select[Any]:
    """Select the ids of links that were replaced and are over (ix_sharing_configuration_expires)."""
    over = select(sharing_configuration.c.id).where(sharing_configuration.c.expires_at <= now)
    return over.order_by(sharing_configuration.c.expires_at).limit(limit)


async def all_links(db: Db) -> list[tuple[int, UUID, str]]:
    """Return the project, the id and the encrypted secret of every link of every project (reads the whole table)."""
    columns = sharing_configuration.c
    rows = await db.execute(select(columns.project_id, columns.id, columns.access_token))
    return [(row.project_id, row.id, row.access_token) for row in rows]
