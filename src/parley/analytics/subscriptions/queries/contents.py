"""What subscriptions are about: insights and dashboards of the project."""

from collections.abc import Sequence

from sqlalchemy import select

from parley.analytics.dashboards.queries.tiles import tiles_of_dashboard
from parley.analytics.dashboards.tables import dashboard
from parley.analytics.insights.queries.insights import insights_by_ids
from parley.analytics.subscriptions.rules.contents import NOT_OURS, check_chosen
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid


async def check_contents(
    db: Db, project_id: int, insight_id: int | None, dashboard_id: int | None, chosen: Sequence[int] | None
) -> None:
    """Raise Invalid unless what a subscription is about is there, in this project (primary keys)."""
    if dashboard_id is not None:
        is_it = (dashboard.c.project_id == project_id, dashboard.c.id == dashboard_id)
        there = select(dashboard.c.id).where(*is_it, dashboard.c.deleted.is_(False))
        if (await db.execute(there)).first() is None:
            raise Invalid(NOT_OURS.format("dashboard"), attr="dashboard")
    if insight_id is not None and not await insights_by_ids(db, project_id, [insight_id]):
        raise Invalid(NOT_OURS.format("insight"), attr="insight")
    if chosen and dashboard_id is not None:
        of_project = await insights_by_ids(db, project_id, chosen)
        tiles = await tiles_of_dashboard(db, project_id, dashboard_id)
        check_chosen(chosen, list(of_project), [one.insight_id for one in tiles if one.insight_id])
