"""What subscriptions are handed down: the workspace of a project, and its channels."""

from parley.analytics.subscriptions.workspaces import OfferedWorkspace
from parley.integrations.connections.queries.connected import connected_or_none
from parley.integrations.slack.actions import channels_of
from parley.integrations.slack.queries import workspace_or_none
from parley.kernel.errors import AppError
from parley.kernel.services import Services


async def kind_of(services: Services, project_id: int, integration_id: int) -> str | None:
    """Return of what kind an integration of the project is."""
    async with services.database.transaction(write=False) as db:
        found = await connected_or_none(db, services.vault, project_id, integration_id)
    return found.kind if found else None


async def offered(services: Services, project_id: int) -> OfferedWorkspace | None:
    """Return the workspace of the project, with its channels as they were at most an hour ago."""
    workspace = await workspace_or_none(services, project_id)
    if workspace is None:
        return None
    try:
        found = await channels_of(services, workspace)
    except AppError as error:
        return OfferedWorkspace(integration_id=workspace.id, problem=error.detail)
    return OfferedWorkspace(
        integration_id=workspace.id, channels={one.id: one.name for one in found.channels}
    )
