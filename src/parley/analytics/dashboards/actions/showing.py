"""A dashboard as the API shows it, with its tiles and their answers."""

from collections.abc import Mapping, Sequence

from parley.analytics.dashboards.actions.answering import AnsweredTile, kept_tiles, oldest_answer
from parley.analytics.dashboards.queries.dashboards import shared_dashboards
from parley.analytics.dashboards.queries.shown import fields_of
from parley.analytics.dashboards.queries.tiles import tiles_of_insights
from parley.analytics.dashboards.schemas import DashboardOut, StoredDashboard, TileOut, TileText
from parley.analytics.insights.queries.answers import with_answer
from parley.analytics.insights.queries.shown import shown_insight, shown_level
from parley.analytics.insights.schemas import TileOfInsight
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor


async def shown_dashboard(
    db: Db, actor: Actor, found: StoredDashboard, tiles: Sequence[AnsweredTile] | None = None
) -> DashboardOut:
    """Return a dashboard with its tiles, answered by what is kept unless answers are given."""
    if tiles is None:
        tiles = await kept_tiles(db, actor.project, found, actor=actor)
    ids = [one.insight.id for one in tiles if one.insight is not None]
    shared = await shared_dashboards(db, actor.project_id, [found.id])
    places = await tiles_of_insights(db, actor.project_id, ids)
    return DashboardOut(
        **fields_of(found, actor, is_shared=bool(shared)),
        filters=found.filters,
        variables=found.variables,
        tiles=[_shown(one, places, actor) for one in tiles],
        last_refresh=oldest_answer(tiles),
    )


def _shown(one: AnsweredTile, places: Mapping[int, Sequence[TileOfInsight]], actor: Actor) -> TileOut:
    tile, insight = one.tile, None
    if one.insight is not None:
        shown = shown_insight(one.insight, places.get(one.insight.id, ()), shown_level(actor))
        insight = with_answer(shown, one.result)
    return TileOut(
        id=tile.id,
        dashboard_id=tile.dashboard_id,
        insight=insight,
        text=TileText(**tile.text) if tile.text else None,
        layouts=tile.layouts,
        color=tile.color,
        order=tile.position,
        last_refresh=one.result.last_refresh if one.result else None,
        is_cached=one.result is not None and one.result.is_cached,
        error=one.problem,
    )
