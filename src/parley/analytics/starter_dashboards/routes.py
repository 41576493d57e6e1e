"""The API of starter dashboards (docs/dashboards.md#starter-dashboards)."""

from typing import Any

from litestar import post

from parley.analytics.dashboards.queries.dashboards import dashboard_by_key
from parley.analytics.dashboards.queries.shown import shown_dashboards
from parley.analytics.dashboards.schemas import DashboardBasic
from parley.analytics.starter_dashboards import STARTERS
from parley.analytics.starter_dashboards.actions import add_starter_dashboards
from parley.analytics.starter_dashboards.queries import dashboard_ids
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import needs


@post(STARTERS, guards=[needs("dashboard:write")], status_code=200)
async def restore_starter_dashboards(
    db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> list[DashboardBasic]:
    """Make those of the dashboards "Support" and "Customers" that the project doesn't have; return both."""
    await add_starter_dashboards(db, services, actor, with_deleted=True)
    ids = await dashboard_ids(db, actor.project_id)
    found = [await dashboard_by_key(db, actor.project_id, str(id)) for id in ids.values()]
    return await shown_dashboards(db, actor, found)


handlers: list[Any] = [restore_starter_dashboards]
