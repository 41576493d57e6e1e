"""Members in whose name background work is done."""

from typing import Any

from sqlalchemy import Row, Select, select

from parley.accounts.memberships.tables import membership
from parley.accounts.users.tables import user_account
from parley.kernel.http.authorization import Actor, Principal, Project

_u = user_account.c


def active_members(project: Project) -> Select[Any]:
    """Select the active members of a project's organization, as `acting` takes them."""
    joined = membership.join(user_account, _u.id == membership.c.user_id)
    found = select(_u.id, _u.uuid, _u.email, _u.first_name, _u.last_name, membership.c.level)
    mine = membership.c.organization_id == project.organization_id
    return found.select_from(joined).where(mine, _u.is_active.is_(True))


def acting(project: Project, row: Row[Any]) -> Actor:
    """Return a member as who acts in a project, by their level alone: of access controls it knows nothing."""
    principal = Principal(
        user_id=row.id,
        user_uuid=row.uuid,
        email=row.email,
        name=f"{row.first_name} {row.last_name}".strip(),
        levels={project.organization_id: row.level},
        current_project_id=project.id,
    )
    return Actor(principal=principal, project=project, level=row.level)
