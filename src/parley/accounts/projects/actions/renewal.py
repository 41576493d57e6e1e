"""New secrets for projects after the server's key was lost."""

from parley.accounts.projects.actions.projects import (
    change_project,
    delete_secret_token_backup,
    new_signing_secret,
    rotate_secret_token,
)
from parley.accounts.projects.queries.encrypted import projects_with_unreadable_secrets
from parley.kernel.database.transaction import Db
from parley.kernel.idempotency import erase_answers
from parley.kernel.services import Services


async def renew_unreadable_secrets(db: Db, services: Services) -> list[int]:
    """Replace the secrets that can't be read any more; return the projects concerned. Safe to run twice."""
    projects = await projects_with_unreadable_secrets(db, services.vault)
    for project_id in projects:
        await rotate_secret_token(db, services, project_id)
        await delete_secret_token_backup(db, services, project_id)
        sealed = services.vault.encrypt(new_signing_secret())
        changes = {"webhook_signing_secret": sealed, "webhook_signing_secret_backup": None}
        await change_project(db, services, project_id, changes)
        # Stored answers that can be read stay.
        await erase_answers(db, services.vault, project_id, lambda _: False)
    return projects
