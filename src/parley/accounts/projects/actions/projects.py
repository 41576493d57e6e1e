"""Making and changing projects and their tokens."""

from base64 import b64encode
from datetime import timedelta
from secrets import token_bytes
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import delete, insert, update

from parley.accounts.caller_cache import invalidate_callers
from parley.accounts.projects.actions.audit import record_in_project
from parley.accounts.projects.tables import project
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_token, new_uuid, token_hash
from parley.kernel.jobs import emit
from parley.kernel.services import Services

PUBLIC_PREFIX, SECRET_PREFIX, SIGNING_PREFIX = "phc_", "phs_", "whsec_"
SIGNS_ALONG = timedelta(hours=24)
"""How long the webhook secret before the current one is good for, so that receivers can change over."""


class CreatedProject(msgspec.Struct, frozen=True, kw_only=True):
    """A project just made, with its tokens in plain text."""

    id: int
    organization_id: UUID
    api_token: str
    secret_api_token: str
    widget_token: str | None


def new_widget_token() -> str:
    """Return a token that pages may show: 256 random bits."""
    return new_token()


def new_signing_secret() -> str:
    """Return a key for webhook signatures in the form of Standard Webhooks: 256 random bits in base64."""
    return SIGNING_PREFIX + b64encode(token_bytes(32)).decode()


async def create_project(
    db: Db,
    services: Services,
    *,
    organization_id: UUID,
    name: str,
    made_by: int,
    conversations_enabled: bool = False,
    settings: dict[str, Any] | None = None,
) -> CreatedProject:
    """Make a project in the organization; one with conversations gets its widget token at once.

    `made_by` is the user who makes it, whether or not they are a member yet.
    """
    api_token, secret, now = new_token(PUBLIC_PREFIX), new_token(SECRET_PREFIX), services.clock.now()
    widget_token = new_widget_token() if conversations_enabled else None
    made = await db.execute(
        insert(project)
        .values(
            uuid=new_uuid(),
            organization_id=organization_id,
            name=name,
            api_token=api_token,
            **_secret_columns(services, secret),
            webhook_signing_secret=services.vault.encrypt(new_signing_secret()),
            conversations_enabled=conversations_enabled,
            conversations_settings=settings or {},
            widget_public_token=widget_token,
            created_at=now,
            updated_at=now,
        )
        .returning(project.c.id)
    )
    project_id = made.scalar_one()
    await record_in_project(db, services, project_id, "project.made")
    await emit(db, "project.created", {"user_id": made_by}, project_id=project_id)
    invalidate_callers(db, services)
    return CreatedProject(
        id=project_id,
        organization_id=organization_id,
        api_token=api_token,
        secret_api_token=secret,
        widget_token=widget_token,
    )


def _secret_columns(services: Services, secret: str) -> dict[str, str]:
    return {
        "secret_api_token": services.vault.encrypt(secret),
        "secret_api_token_hash": token_hash(secret),
    }


async def change_project(db: Db, services: Services, project_id: int, changes: dict[str, Any]) -> None:
    """Write checked columns."""
    if changes:
        values = {**changes, "updated_at": services.clock.now()}
        await db.execute(update(project).where(project.c.id == project_id).values(**values))
        invalidate_callers(db, services)


async def delete_project(db: Db, services: Services, project_id: int) -> None:
    """Delete a project; foreign keys take everything in it along. What is stored elsewhere goes when this is heard of."""
    await record_in_project(db, services, project_id, "project.deleted")
    await db.execute(delete(project).where(project.c.id == project_id))
    await emit(db, "project.deleted", {"project_id": project_id}, project_id=0)
    invalidate_callers(db, services)


async def rotate_widget_token(db: Db, services: Services, project_id: int) -> str:
    """Give the project a new public token for its widget; the old one stops to work."""
    token = new_widget_token()
    await change_project(db, services, project_id, {"widget_public_token": token})
    await record_in_project(db, services, project_id, "project.widget_token_rotated")
    return token


async def rotate_secret_token(db: Db, services: Services, project_id: int) -> str:
    """Give the project a new secret token; the one before stays valid until its backup is deleted."""
    secret = new_token(SECRET_PREFIX)
    await change_project(
        db,
        services,
        project_id,
        {
            "secret_api_token_backup": project.c.secret_api_token,
            "secret_api_token_backup_hash": project.c.secret_api_token_hash,
            **_secret_columns(services, secret),
        },
    )
    await record_in_project(db, services, project_id, "project.secret_token_rotated")
    return secret


async def delete_secret_token_backup(db: Db, services: Services, project_id: int) -> None:
    """End the validity of the secret token before the current one."""
    await change_project(
        db, services, project_id, {"secret_api_token_backup": None, "secret_api_token_backup_hash": None}
    )
    await record_in_project(db, services, project_id, "project.former_secret_token_ended")


async def rotate_signing_secret(db: Db, services: Services, project_id: int) -> None:
    """Give the project a new key for webhook signatures; the one before signs along for a day."""
    changes = {
        "webhook_signing_secret_backup": project.c.webhook_signing_secret,
        "webhook_signing_secret_backup_until": services.clock.now() + SIGNS_ALONG,
        "webhook_signing_secret": services.vault.encrypt(new_signing_secret()),
    }
    await change_project(db, services, project_id, changes)
    await record_in_project(db, services, project_id, "project.signing_secret_rotated")
