"""The starter dashboards are made, with the actions by which anybody makes insights and dashboards."""

from sqlalchemy import update

from parley.analytics.dashboards.actions.dashboards import create_dashboard
from parley.analytics.dashboards.schemas import NewDashboard, TileChange
from parley.analytics.insights.actions.insights import check_may_edit, create_insight
from parley.analytics.insights.schemas import NewInsight
from parley.analytics.starter_dashboards.queries import is_there
from parley.analytics.starter_dashboards.rules.customers import CUSTOMERS
from parley.analytics.starter_dashboards.rules.starters import Starter, StarterTile, layouts_of
from parley.analytics.starter_dashboards.rules.support import SUPPORT
from parley.analytics.starter_dashboards.tables import starter_dashboard
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services

STARTERS = (SUPPORT, CUSTOMERS)


async def add_starter_dashboards(
    db: Db, services: Services, actor: Actor, *, with_deleted: bool = False
) -> None:
    """Make the dashboards that the project never had; with `with_deleted` also those that somebody has deleted.

    Safe to repeat, also by two at the same time. Raises PermissionDenied.
    """
    check_may_edit(actor)
    for starter in STARTERS:
        is_first = await _claim(db, services, actor.project_id, starter.name)
        if is_first or (with_deleted and not await is_there(db, actor.project_id, starter.name)):
            await _make(db, services, actor, starter)


async def _claim(db: Db, services: Services, project_id: int, name: str) -> bool:
    """Say whether the project never had this dashboard. Whoever asks at the same time waits for the other."""
    row = {"project_id": project_id, "name": name, "made_at": services.clock.now()}
    claimed = insert_for(db.dialect, starter_dashboard).values(**row).on_conflict_do_nothing()
    return (await db.execute(claimed)).rowcount == 1


async def _make(db: Db, services: Services, actor: Actor, starter: Starter) -> None:
    insights = [await _insight(db, services, actor, tile) for tile in starter.tiles]
    tiles = [
        TileChange(insight=id, layouts=layouts, order=n)
        for n, (id, layouts) in enumerate(zip(insights, layouts_of(starter.tiles), strict=True))
    ]
    new = NewDashboard(name=starter.title, description=starter.description, pinned=True, tiles=tiles)
    made = await create_dashboard(db, services, actor, new, "template")
    mine = (starter_dashboard.c.project_id == actor.project_id, starter_dashboard.c.name == starter.name)
    values = {"dashboard_id": made.id, "made_at": services.clock.now()}
    await db.execute(update(starter_dashboard).where(*mine).values(**values))


async def _insight(db: Db, services: Services, actor: Actor, tile: StarterTile) -> int:
    new = NewInsight(name=tile.name, description=tile.description, query=tile.query)
    return (await create_insight(db, services, actor, new)).id
