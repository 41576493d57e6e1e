"""A dashboard with its tiles as the page shows them."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import msgspec
from markupsafe import Markup
from msgspec.structs import replace

from parley.analytics.dashboard_pages.rules.arranging import WIDTHS, in_order, width_of
from parley.analytics.dashboards.actions.answering import AnsweredTile, kept_tiles
from parley.analytics.dashboards.queries.dashboards import dashboard_by_key
from parley.analytics.dashboards.rules.overrides import DATES, checked_filters
from parley.analytics.dashboards.schemas import MAX_BODY, StoredDashboard
from parley.analytics.insights.queries.insights import insight_page
from parley.analytics.insights.queries.shown import shown_level
from parley.analytics.insights.rules.filters import InsightFilters
from parley.analytics.insights.schemas import StoredInsight
from parley.analytics.insights.shown_answers import ShownAnswer, shown_answer
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.paging import PageRequest
from parley.kernel.services import Services
from parley.kernel.text.markdown import html_of
from parley.kernel.text.time_zones import zone

MOST_INSIGHTS = 200
PERIODS = {
    "": "As each tile says",
    "-24h": "The last 24 hours",
    "-7d": "The last 7 days",
    "-14d": "The last 14 days",
    "-30d": "The last 30 days",
    "-90d": "The last 90 days",
    "-180d": "The last 180 days",
    "mStart": "This month",
    "yStart": "This year",
    "all": "All time",
}


class TileView(msgspec.Struct, frozen=True, kw_only=True):
    """A tile for `dashboard_pages/_tile.html`. `is_due` says that a script is to ask for its answer at `path`."""

    id: int
    path: str
    width: int
    insight: StoredInsight | None = None
    html: Markup | None = None
    body: str = ""
    answer: ShownAnswer | None = None
    is_due: bool = False


class DashboardView(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `dashboard_pages/dashboard.html`; `dates` are those that the tiles are shown for."""

    dashboard: StoredDashboard
    path: str
    tiles: Sequence[TileView]
    dates: dict[str, str]
    is_kept: bool
    insights: Sequence[StoredInsight]
    may_change: bool
    problem: str | None = None
    notice: str | None = None
    periods: dict[str, str]
    widths: dict[int, str]
    max_body: int = MAX_BODY


def dates_of(query: Mapping[str, str]) -> dict[str, str] | None:
    """Return the dates that an address asks for in place of the dashboard's own; None where it asks for none."""
    if not any(name in query for name in DATES):
        return None
    return {name: query[name].strip()[:40] for name in DATES if query.get(name, "").strip()}


async def dashboard_view(
    services: Services, actor: Actor, key: str, query: Mapping[str, str]
) -> DashboardView:
    """Return a dashboard with the answers that are kept; raises NotFound. Dates that can't be read are told of."""
    async with services.database.transaction(write=False) as db:
        found = await dashboard_by_key(db, actor.project_id, key)
        shown, problem = _filtered(services, actor, found, query)
        tiles = await kept_tiles(db, actor.project, shown, actor=actor)
        may_change = shown_level(actor) != "viewer"
        insights = await _others(db, actor, tiles) if may_change else []
    path = f"/dashboards/{found.id}"
    dates = {name: str(shown.filters[name]) for name in DATES if shown.filters.get(name)}
    return DashboardView(
        dashboard=found,
        path=path,
        tiles=[tile_view(services, one, tile_path(found, one.tile.id, query)) for one in _ordered(tiles)],
        dates=dates,
        is_kept=shown.filters == found.filters,
        insights=insights,
        may_change=may_change,
        problem=problem,
        periods=PERIODS,
        widths=WIDTHS,
    )


def tile_path(found: StoredDashboard, tile_id: int, query: Mapping[str, str]) -> str:
    """Return where a tile is answered, under the dates of an address."""
    dates = dates_of(query)
    more = "" if dates is None else "?" + urlencode({"date_from": "", **dates})
    return f"/dashboards/{found.id}/tiles/{tile_id}{more}"


def _filtered(
    services: Services, actor: Actor, found: StoredDashboard, query: Mapping[str, str]
) -> tuple[StoredDashboard, str | None]:
    """Return the dashboard under the dates of the address, and what is wrong with these."""
    try:
        return under_dates(services, actor, found, query), None
    except Invalid as error:
        return found, error.detail


def under_dates(
    services: Services, actor: Actor, found: StoredDashboard, query: Mapping[str, str]
) -> StoredDashboard:
    """Return the dashboard under the dates of the address, where it has any; raises Invalid."""
    dates = dates_of(query)
    if dates is None:
        return found
    kept = {name: value for name, value in found.filters.items() if name not in DATES}
    now = services.clock.now()
    return replace(found, filters=checked_filters({**kept, **dates}, zone(actor.project.timezone), now))


def _ordered(tiles: Sequence[AnsweredTile]) -> list[AnsweredTile]:
    by_id = {one.tile.id: one for one in tiles}
    return [by_id[one.id] for one in in_order([one.tile for one in tiles])]


async def _others(db: Db, actor: Actor, tiles: Sequence[AnsweredTile]) -> list[StoredInsight]:
    """Return insights that aren't on the dashboard yet, by name."""
    there = {one.insight.id for one in tiles if one.insight is not None}
    first = PageRequest(limit=MOST_INSIGHTS, offset=0)
    _, found = await insight_page(db, actor.project_id, InsightFilters(), first)
    return sorted((one for one in found if one.id not in there), key=lambda one: one.title.casefold())


def tile_view(services: Services, one: AnsweredTile, path: str) -> TileView:
    """Return a tile with its answer, as far as there is one."""
    tile, insight, result = one.tile, one.insight, one.result
    width = width_of(tile)
    if insight is None:
        body = str((tile.text or {}).get("body", ""))
        return TileView(id=tile.id, path=path, width=width, html=html_of(body), body=body)
    answer = shown_answer(one.query, result, insight.title, one.problem)
    if one.query is None:
        return TileView(id=tile.id, path=path, width=width, insight=insight, answer=answer)
    due_at = None if result is None else result.cache_target_age
    is_due = one.problem is None and (due_at is None or due_at < services.clock.now())
    return TileView(id=tile.id, path=path, width=width, insight=insight, answer=answer, is_due=is_due)
