"""Tokens of a project: the widget's public one, and the secret ones that sign identities and webhooks."""

from collections.abc import Sequence
from typing import Any, Literal

from litestar import route

from parley.accounts.projects.actions import projects as actions
from parley.accounts.projects.queries.projects import project_out
from parley.accounts.projects.schemas import ProjectOut
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import needs
from parley.kernel.http.organizations import admins_of_project_only

ONE = "/api/projects/{project_id:str}"
GUARDS = [needs("project:write"), admins_of_project_only]
METHODS: Sequence[Literal["POST", "PATCH"]] = ("POST", "PATCH")  # PostHog's clients use both


@route(f"{ONE}/generate_conversations_public_token", http_method=METHODS, guards=GUARDS, status_code=200)
async def generate_conversations_public_token(
    actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> ProjectOut:
    """Replace the widget's public token; on pages with the old one, the widget stops working. For admins."""
    await actions.rotate_widget_token(db, services, actor.project_id)
    return await project_out(db, services.vault, actor.project_id, actor.principal)


@route(f"{ONE}/rotate_secret_token", http_method=METHODS, guards=GUARDS, status_code=200)
async def rotate_secret_token(
    actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> ProjectOut:
    """Replace the secret token; the old one stays valid as the backup until that is deleted. For admins."""
    await actions.rotate_secret_token(db, services, actor.project_id)
    return await project_out(db, services.vault, actor.project_id, actor.principal)


@route(f"{ONE}/delete_secret_token_backup", http_method=METHODS, guards=GUARDS, status_code=200)
async def delete_secret_token_backup(
    actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> ProjectOut:
    """Delete the previous secret token, so that only the current one is valid. For admins."""
    await actions.delete_secret_token_backup(db, services, actor.project_id)
    return await project_out(db, services.vault, actor.project_id, actor.principal)


@route(f"{ONE}/rotate_webhook_signing_secret", http_method=METHODS, guards=GUARDS, status_code=200)
async def rotate_webhook_signing_secret(
    actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> ProjectOut:
    """Replace the secret that signs webhooks; for 24 hours messages are signed with both. For admins."""
    await actions.rotate_signing_secret(db, services, actor.project_id)
    return await project_out(db, services.vault, actor.project_id, actor.principal)


handlers: list[Any] = [
    generate_conversations_public_token,
    rotate_secret_token,
    delete_secret_token_backup,
    rotate_webhook_signing_secret,
]
