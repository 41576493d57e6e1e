"""Entries of the audit log about what belongs to a project."""

from collections.abc import Mapping
from typing import Any

from parley.accounts.audit_log.actions import record
from parley.accounts.audit_log.schemas import Target
from parley.accounts.projects.queries.projects import organization_and_name_of_project
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services


async def record_in_project(
    db: Db,
    services: Services,
    project_id: int,
    action: str,
    *,
    target: Target | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write an entry into the audit log of the organization that owns the project; the project is the default target."""
    organization_id, name = await organization_and_name_of_project(db, project_id)
    await record(
        db,
        services,
        organization_id=organization_id,
        project=(project_id, name),
        action=action,
        target=target or ("project", str(project_id), name),
        before=before,
        after=after,
    )
