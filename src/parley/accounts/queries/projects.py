"""Projects as requests need them: found by id or token, in one statement and without a transaction."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select

from parley.accounts.tables import membership, project
from parley.kernel.access import Project
from parley.kernel.db import Database, Db
from parley.kernel.prepared import Prepared
from parley.kernel.secrets import Vault

COLUMNS = (
    project.c.id,
    project.c.organization_id,
    project.c.name,
    project.c.timezone,
    project.c.conversations_enabled,
    project.c.conversations_settings,
    project.c.api_token,
    project.c.widget_public_token,
)

# Each is served by the primary key or by the unique index of its column.
BY_ID = Prepared(select(*COLUMNS).where(project.c.id == bindparam("id")))
BY_WIDGET_TOKEN = Prepared(select(*COLUMNS).where(project.c.widget_public_token == bindparam("token")))
BY_API_TOKEN = Prepared(select(*COLUMNS).where(project.c.api_token == bindparam("token")))
SECRETS = Prepared(
    select(project.c.secret_api_token, project.c.secret_api_token_backup).where(
        project.c.id == bindparam("id")
    )
)


def _project(rows: Sequence[Sequence[Any]]) -> Project | None:
    if not rows:
        return None
    project_id, organization_id, name, timezone, is_enabled, settings, api_token, widget_token = rows[0]
    return Project(
        id=project_id,
        organization_id=organization_id,
        name=name,
        timezone=timezone,
        conversations_enabled=is_enabled,
        settings=settings,
        api_token=api_token,
        widget_token=widget_token,
    )


async def project_by_id(database: Database, project_id: int) -> Project | None:
    """Return a project, whoever asks; the Authenticator decides who may enter it."""
    return _project(await database.read(BY_ID, id=project_id))


async def project_by_widget_token(database: Database, token: str) -> Project | None:
    """Return the project whose widget shows this token; a blank or unstorable token belongs to none."""
    return _project(await database.read(BY_WIDGET_TOKEN, token=token)) if _is_storable(token) else None


async def project_by_api_token(database: Database, token: str) -> Project | None:
    """Return the project whose SDK sends this token; a blank or unstorable token belongs to none."""
    return _project(await database.read(BY_API_TOKEN, token=token)) if _is_storable(token) else None


def _is_storable(token: str) -> bool:
    return token.isascii() and token.isprintable() and 0 < len(token.strip()) <= 200


async def secret_tokens(database: Database, vault: Vault, project_id: int) -> list[str]:
    """Return the project's secret tokens in plain text: the current one, then the kept one before it."""
    rows = await database.read(SECRETS, id=project_id)
    return [vault.decrypt(one) for one in rows[0] if one is not None] if rows else []


async def project_ids_of_user(db: Db, user_id: int) -> frozenset[int]:
    """Return the projects of the organizations that the user is in (index on membership.user_id)."""
    rows = await db.execute(
        select(project.c.id)
        .join(membership, membership.c.organization_id == project.c.organization_id)
        .where(membership.c.user_id == user_id)
    )
    return frozenset(rows.scalars())
