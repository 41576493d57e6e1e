"""Tiles of dashboards."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from parley.analytics.dashboards.schemas import StoredTile
from parley.analytics.dashboards.tables import dashboard, dashboard_tile
from parley.analytics.insights.schemas import TileOfInsight
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db

_TILE = StructColumns(StoredTile, dashboard_tile)


async def tiles_of_dashboard(
    db: Db, project_id: int, dashboard_id: int, *, with_deleted: bool = False
) -> list[StoredTile]:
    """Return the tiles of a dashboard in their order (uq_dashboard_tile_insight)."""
    mine = (dashboard_tile.c.project_id == project_id, dashboard_tile.c.dashboard_id == dashboard_id)
    found = select(*_TILE.columns).where(*mine).order_by(dashboard_tile.c.position, dashboard_tile.c.id)
    if not with_deleted:
        found = found.where(dashboard_tile.c.deleted.is_(False))
    return [_TILE(row) for row in await db.execute(found)]


async def tiles_of_insights(
    db: Db, project_id: int, insight_ids: Sequence[int]
) -> Mapping[int, Sequence[TileOfInsight]]:
    """Return where dashboards that are not deleted show these insights (ix_dashboard_tile_insight)."""
    tiles: dict[int, list[TileOfInsight]] = {}
    if not insight_ids:
        return tiles
    tile = dashboard_tile.c
    found = (
        select(tile.insight_id, tile.id, tile.dashboard_id, tile.deleted)
        .join(
            dashboard,
            (dashboard.c.project_id == tile.project_id) & (dashboard.c.id == tile.dashboard_id),
        )
        .where(
            tile.project_id == project_id,
            is_one_of(tile.insight_id, listed("ids", tile.insight_id)),
            dashboard.c.deleted.is_(False),
        )
        .order_by(tile.dashboard_id)
    )
    for row in await db.execute(found, {"ids": list(insight_ids)}):
        one = TileOfInsight(id=row.id, dashboard_id=row.dashboard_id, deleted=row.deleted)
        tiles.setdefault(row.insight_id, []).append(one)
    return tiles


async def shown_on_dashboards(db: Db, project_id: int, insight_id: int) -> dict[int, int]:
    """Return the tile of an insight for each dashboard that has one (ix_dashboard_tile_insight)."""
    tile = dashboard_tile.c
    mine = (tile.project_id == project_id, tile.insight_id == insight_id, tile.deleted.is_(False))
    rows = await db.execute(select(tile.dashboard_id, tile.id).where(*mine))
    return {row.dashboard_id: row.id for row in rows}
