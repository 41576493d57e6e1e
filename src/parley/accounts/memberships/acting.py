"""Members in whose name background work is done."""

from typing import Any

from sqlalchemy import Row

from parley.accounts.users.rules import full_name
from parley.kernel.http.authorization import Actor, Principal, Project


def acting(project: Project, row: Row[Any]) -> Actor:
    """Return a row of `active_members` as who acts in a project.

    By their level alone: of access controls it knows nothing.
    """
    principal = Principal(
        user_id=row.id,
        user_uuid=row.uuid,
        email=row.email,
        name=full_name(row.first_name, row.last_name),
        levels={project.organization_id: row.level},
        current_project_id=project.id,
    )
    return Actor(principal=principal, project=project, level=row.level)
