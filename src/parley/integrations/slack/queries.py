"""The workspace of a project."""

from sqlalchemy import and_, or_, select

from parley.integrations.connections.queries.connected import connected_of_kind, connected_outside
from parley.integrations.connections.schemas import Connected
from parley.integrations.connections.tables import integration
from parley.integrations.slack.errors import no_workspace
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services

KIND_NAME = "slack"


async def workspace_or_none(services: Services, project_id: int) -> Connected | None:
    """Return the workspace that a project is connected to. Has a transaction of its own."""
    async with services.database.transaction(write=False) as db:
        found = await connected_of_kind(db, services.vault, project_id, KIND_NAME)
    return found[0] if found else None


async def workspace_of(services: Services, project_id: int) -> Connected:
    """Return the same; raises Invalid where there is none."""
    found = await workspace_or_none(services, project_id)
    if found is None:
        raise no_workspace()
    return found


async def workspace_by_team(db: Db, services: Services, team_id: str) -> Connected | None:
    """Return the workspace with Slack's id of it, whichever project has it: for what Slack has signed."""
    found = await connected_outside(db, services.vault, KIND_NAME, team_id)
    return found[0] if found else None


async def others_of(db: Db, project_id: int, team_id: str) -> list[tuple[int, str]]:
    """Return project and id of the workspaces that stand in the way of connecting this one (ix_integration_outside)."""
    c = integration.c
    is_other_project = and_(c.integration_id == team_id, c.project_id != project_id)
    is_other_workspace = and_(c.integration_id != team_id, c.project_id == project_id)
    wanted = (c.kind == KIND_NAME, or_(is_other_project, is_other_workspace))
    found = await db.execute(select(c.project_id, c.integration_id).where(*wanted).limit(2))
    return [(row.project_id, row.integration_id) for row in found]
