"""The projects that a caller may name in a tool."""

from typing import Any
from uuid import UUID

import msgspec

from parley.accounts.projects.queries.projects import visible_projects
from parley.accounts.projects.tables import project
from parley.kernel.database.database import Database
from parley.kernel.http.authorization import Principal

MOST_PROJECTS = 500


class ChosenProject(msgspec.Struct, frozen=True):
    """A project, as a caller chooses it."""

    id: int
    name: str
    organization_id: UUID
    timezone: str
    is_current: bool


async def projects_of(database: Database, principal: Principal) -> list[ChosenProject]:
    """Return the projects in which the caller's token lets them work, oldest first (primary key)."""
    columns: tuple[Any, ...] = (project.c.id, project.c.name, project.c.organization_id, project.c.timezone)
    rows = visible_projects(principal).with_only_columns(*columns).order_by(project.c.id).limit(MOST_PROJECTS)
    if principal.scoped_projects:
        rows = rows.where(project.c.id.in_(principal.scoped_projects))
    async with database.transaction(write=False) as db:
        found = (await db.execute(rows)).all()
    return [
        ChosenProject(
            row.id, row.name, row.organization_id, row.timezone, row.id == principal.current_project_id
        )
        for row in found
    ]
