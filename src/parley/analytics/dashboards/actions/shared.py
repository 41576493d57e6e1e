"""A dashboard as those see it who have a link to it: its tiles with their answers, and nothing of the team."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from parley.accounts.projects.queries.projects import project_by_id
from parley.analytics.dashboards.actions.answering import AnsweredTile, answered_tiles
from parley.analytics.dashboards.queries.dashboards import dashboard_by_key
from parley.analytics.insights.actions.insights import check_may_edit
from parley.analytics.insights.actions.shared import public_answer, public_fields
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound, PermissionDenied
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services

NOT_FOUND = "Dashboard not found."
MAY_NOT_EDIT = "You don't have edit permissions for this dashboard."


async def public_dashboard(db: Db, project_id: int, id: str, now: datetime) -> Mapping[str, Any] | None:
    """Return what everybody with a link may know before the answers; None once the dashboard is deleted."""
    try:
        found = await dashboard_by_key(db, project_id, id)
    except NotFound:
        return None
    return {"id": found.id, "name": found.title, "description": found.description}


async def answered_dashboard(
    services: Services, project_id: int, id: str, public: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Add the tiles with their answers, computed anew once they are old."""
    async with services.database.transaction(write=False) as db:
        found = await dashboard_by_key(db, project_id, id)
    project = await project_by_id(services.database, project_id)
    tiles = [] if project is None else await answered_tiles(services, project, found, "blocking")
    return {**public, "filters": found.filters, "tiles": list(map(_public_tile, tiles))}


def _public_tile(one: AnsweredTile) -> dict[str, Any]:
    shown = {"id": one.tile.id, "layouts": one.tile.layouts, "color": one.tile.color, "text": one.tile.text}
    if one.insight is None:
        return {**shown, "insight": None}
    return {
        **shown,
        "insight": {**public_fields(one.insight), **public_answer(one.query, one.result, one.problem)},
    }


async def check_may_share_dashboard(db: Db, actor: Actor, id: str) -> None:
    """Raise NotFound or PermissionDenied unless the caller may share it."""
    await dashboard_to_share(db, actor.project_id, id)
    try:
        check_may_edit(actor)
    except PermissionDenied as error:
        raise PermissionDenied(MAY_NOT_EDIT) from error


async def dashboard_to_share(db: Db, project_id: int, name: str) -> str:
    """Return the number of a dashboard that a path names, as text; raises NotFound."""
    try:
        return str((await dashboard_by_key(db, project_id, name)).id)
    except NotFound as error:
        raise NotFound(NOT_FOUND) from error
