"""The workspace of a project."""

from sqlalchemy import and_, or_, select

from parley.integrations.connections.queries.connected import connected_of_kind, connected_outside
from parley.integrations.connections.schemas import Connected
from parley.integrations.connections.tables import integration
from parley.integrations.slack.errors import no_workspace
from parley.integrations.slack.rules import app_of
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


async def workspace_of_app(db: Db, services: Services, team_id: str, app_id: str) -> Connected | None:
    """Return the workspace that is connected by an app, whichever project has it: for what Slack has signed for the app."""
    found = await connected_outside(db, services.vault, KIND_NAME, team_id)
    return next((one for one in found if app_of(one.config) == app_id), None)


async def others_of(db: Db, project_id: int, team_id: str) -> list[tuple[int, str | None]]:
    """Return project and app of the same workspace elsewhere, and of others in this project (ix_integration_outside)."""
    c = integration.c
    is_other_project = and_(c.integration_id == team_id, c.project_id != project_id)
    is_other_workspace = and_(c.integration_id != team_id, c.project_id == project_id)
    wanted = (c.kind == KIND_NAME, or_(is_other_project, is_other_workspace))
    found = await db.execute(select(c.project_id, c.config).where(*wanted))
    return [(row.project_id, app_of(row.config)) for row in found]
