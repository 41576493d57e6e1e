"""What subscriptions are about: insights and dashboards of the project."""

from collections.abc import Sequence

from sqlalchemy import Table, select

from parley.analytics.dashboards.queries.tiles import tiles_of_dashboard
from parley.analytics.dashboards.tables import dashboard
from parley.analytics.insights.queries.insights import insights_by_ids
from parley.analytics.insights.tables import insight
from parley.analytics.subscriptions.rules.contents import BEYOND_NUMBERS, NOT_OURS, NOT_THERE, check_chosen
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid


async def check_contents(
    db: Db, project_id: int, insight_id: int | None, dashboard_id: int | None, chosen: Sequence[int] | None
) -> None:
    """Raise Invalid unless what a subscription is about is there, in this project (primary keys)."""
    if dashboard_id is not None:
        await _check(db, project_id, dashboard, dashboard_id)
    if insight_id is not None:
        await _check(db, project_id, insight, insight_id)
    if chosen and dashboard_id is not None:
        of_project = await insights_by_ids(db, project_id, chosen)
        tiles = await tiles_of_dashboard(db, project_id, dashboard_id)
        check_chosen(chosen, list(of_project), [one.insight_id for one in tiles if one.insight_id])


async def _check(db: Db, project_id: int, table: Table, id: int) -> None:
    """Raise Invalid unless an insight or dashboard is there; one of another project is refused in other words."""
    c, attr = table.c, table.name
    found = select(c.project_id).where(c.id == id, c.deleted.is_(False))
    owner = (await db.execute(found)).scalar() if 0 < id < BEYOND_NUMBERS else None
    if owner is None:
        raise Invalid(NOT_THERE.format(id), code="does_not_exist", attr=attr)
    if owner != project_id:
        raise Invalid(NOT_OURS.format(attr), attr=attr)
