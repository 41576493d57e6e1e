"""Which projects have the same owner, for work of which an organization has one share (indexes of project)."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select

from parley.accounts.projects.tables import project


def owners_of(project_ids: Collection[int]) -> Select[Any]:
    """Select these projects with their organizations."""
    return select(project.c.id, project.c.organization_id).where(project.c.id.in_(project_ids))


def siblings_of(project_ids: Collection[int]) -> Select[Any]:
    """Select the ids of all projects of the organizations of these."""
    theirs = select(project.c.organization_id).where(project.c.id.in_(project_ids))
    return select(project.c.id).where(project.c.organization_id.in_(theirs))
