"""Tiles are added, changed, taken away and brought back. Whoever does it holds the dashboard."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import structs
from sqlalchemy import insert, update

from parley.analytics.dashboards.actions.tile_values import insight_named, values_of_change
from parley.analytics.dashboards.queries.dashboards import dashboard_by_key
from parley.analytics.dashboards.queries.tiles import shown_on_dashboards, tiles_of_dashboard
from parley.analytics.dashboards.schemas import MOST_TILES, StoredDashboard, StoredTile, TileChange
from parley.analytics.dashboards.tables import dashboard_tile
from parley.analytics.insights.actions.insights import check_may_edit
from parley.analytics.insights.queries.insights import insights_by_ids
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid, NotFound, too_long
from parley.kernel.http.authorization import Actor
from parley.kernel.ids import new_number
from parley.kernel.services import Services


async def change_tiles(db: Db, found: StoredDashboard, changes: Sequence[TileChange]) -> None:
    """Apply changes to the tiles of a dashboard that is held; raises Invalid, and then the transaction must end.

    An insight that the dashboard has had before comes back where it was.
    """
    tiles = {one.id: one for one in await _all_tiles(db, found)}
    by_insight = {one.insight_id: one.id for one in tiles.values() if one.insight_id is not None}
    for index, change in enumerate(changes):
        attr = f"tiles__{index}"
        if change.id is not None:
            if change.id not in tiles:
                raise Invalid("The dashboard has no such tile.", code="does_not_exist", attr=f"{attr}__id")
            is_text = tiles[change.id].insight_id is None
            await _update(db, found.project_id, change.id, values_of_change(change, attr, is_text=is_text))
            continue
        wanted = insight_named(change, attr)
        values = values_of_change(change, attr, is_text=wanted is None)
        if wanted in by_insight:
            await _update(db, found.project_id, by_insight[wanted], {**values, "deleted": False})
            continue
        await _check_insight(db, found.project_id, wanted, attr)
        id = await _add(db, found, {"position": len(tiles) + index, **values, "insight_id": wanted})
        if wanted is not None:
            by_insight[wanted] = id
    if len(await tiles_of_dashboard(db, found.project_id, found.id)) > MOST_TILES:
        raise too_long(MOST_TILES, "tiles", "elements")


async def _all_tiles(db: Db, found: StoredDashboard) -> list[StoredTile]:
    return await tiles_of_dashboard(db, found.project_id, found.id, with_deleted=True)


async def _check_insight(db: Db, project_id: int, insight_id: int | None, attr: str) -> None:
    if insight_id is not None and not await insights_by_ids(db, project_id, [insight_id]):
        raise Invalid("The project has no such insight.", code="does_not_exist", attr=f"{attr}__insight")


async def _add(db: Db, found: StoredDashboard, values: Mapping[str, Any]) -> int:
    id = new_number()
    given = {"layouts": {}, "deleted": False, **values, "project_id": found.project_id}
    await db.execute(insert(dashboard_tile).values(**given, id=id, dashboard_id=found.id))
    return id


async def _update(db: Db, project_id: int, id: int, values: Mapping[str, Any]) -> None:
    if values:
        mine = (dashboard_tile.c.project_id == project_id, dashboard_tile.c.id == id)
        await db.execute(update(dashboard_tile).where(*mine).values(**values))


async def copy_tiles(
    db: Db, tiles: Sequence[StoredTile], to: StoredDashboard, copies: Mapping[int, int]
) -> None:
    """Put the same tiles onto another dashboard; `copies` has the numbers of those insights that were copied."""
    rows = [
        {
            **structs.asdict(one),
            "project_id": to.project_id,
            "id": new_number(),
            "dashboard_id": to.id,
            "insight_id": None if one.insight_id is None else copies.get(one.insight_id, one.insight_id),
        }
        for one in tiles
    ]
    if rows:
        await db.execute(insert(dashboard_tile), rows)


async def place_insight(
    db: Db, services: Services, actor: Actor, insight_id: int, dashboard_ids: Sequence[int]
) -> None:
    """Show an insight on these dashboards and on no other; raises Invalid for one that isn't there, PermissionDenied.

    Safe to repeat. Dashboards are held in the order of their numbers.
    """
    check_may_edit(actor)
    wanted = set(dashboard_ids)
    shown_on = await shown_on_dashboards(db, actor.project_id, insight_id)
    for id in sorted(wanted ^ set(shown_on)):
        try:
            found = await dashboard_by_key(db, actor.project_id, str(id), is_held=True)
        except NotFound as error:
            if id not in wanted:
                continue  # it is deleted, and keeps its tiles
            detail = f'Invalid pk "{id}" - object does not exist.'
            raise Invalid(detail, code="does_not_exist", attr="dashboards") from error
        if id in wanted:
            await change_tiles(db, found, [TileChange(insight=insight_id)])
        else:
            await _update(db, actor.project_id, shown_on[id], {"deleted": True})
