"""Dashboards as the API shows them."""

from collections.abc import Mapping, Sequence
from typing import Any

from parley.analytics.dashboards.queries.dashboards import shared_dashboards
from parley.analytics.dashboards.queries.tiles import tiles_of_dashboard, tiles_of_insights
from parley.analytics.dashboards.schemas import (
    DashboardBasic,
    DashboardOut,
    StoredDashboard,
    StoredTile,
    TileOut,
    TileText,
)
from parley.analytics.insights.queries.insights import insights_by_ids
from parley.analytics.insights.queries.shown import MAY_EDIT, MAY_VIEW, shown_insight, shown_level
from parley.analytics.insights.schemas import InsightOut
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor


async def shown_dashboards(db: Db, actor: Actor, found: Sequence[StoredDashboard]) -> list[DashboardBasic]:
    """Return dashboards as a list shows them."""
    shared = await shared_dashboards(db, actor.project_id, [one.id for one in found])
    return [DashboardBasic(**_fields(one, actor, is_shared=str(one.id) in shared)) for one in found]


async def shown_dashboard(db: Db, actor: Actor, found: StoredDashboard) -> DashboardOut:
    """Return a dashboard with its tiles, without answers."""
    shared = await shared_dashboards(db, actor.project_id, [found.id])
    tiles = await tiles_of_dashboard(db, found.project_id, found.id)
    insights = await _insights_of(db, actor, tiles)
    shown = [_tile(one, insights) for one in tiles if one.insight_id is None or one.insight_id in insights]
    return DashboardOut(
        **_fields(found, actor, is_shared=bool(shared)),
        filters=found.filters,
        variables=found.variables,
        tiles=shown,
        last_refresh=min((one.last_refresh for one in shown if one.last_refresh), default=None),
    )


async def _insights_of(db: Db, actor: Actor, tiles: Sequence[StoredTile]) -> dict[int, InsightOut]:
    ids = [one.insight_id for one in tiles if one.insight_id is not None]
    places, level = await tiles_of_insights(db, actor.project_id, ids), shown_level(actor)
    found = await insights_by_ids(db, actor.project_id, ids)
    return {id: shown_insight(one, places.get(id, ()), level) for id, one in found.items()}


def _tile(one: StoredTile, insights: Mapping[int, InsightOut]) -> TileOut:
    insight = None if one.insight_id is None else insights[one.insight_id]
    return TileOut(
        id=one.id,
        dashboard_id=one.dashboard_id,
        insight=insight,
        text=TileText(**one.text) if one.text else None,
        layouts=one.layouts,
        color=one.color,
        order=one.position,
        last_refresh=insight.last_refresh if insight else None,
        is_cached=bool(insight and insight.is_cached),
    )


def _fields(found: StoredDashboard, actor: Actor, *, is_shared: bool) -> dict[str, Any]:
    same = (
        "id",
        "name",
        "description",
        "pinned",
        "created_at",
        "created_by",
        "deleted",
        "creation_mode",
        "tags",
    )
    level = shown_level(actor)
    return {
        **{name: getattr(found, name) for name in (*same, "restriction_level")},
        "is_shared": is_shared,
        "effective_restriction_level": found.restriction_level,
        "effective_privilege_level": MAY_VIEW if level == "viewer" else MAY_EDIT,
        "user_access_level": level,
        "team_id": found.project_id,
    }
