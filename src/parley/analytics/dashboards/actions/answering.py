"""The answers that a dashboard shows: those of its tiles under its filters."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec

from parley.analytics.dashboards.queries.tiles import tiles_of_dashboard
from parley.analytics.dashboards.rules.overrides import overridden
from parley.analytics.dashboards.schemas import StoredDashboard, StoredTile
from parley.analytics.event_source.room import LEFT_OUT, Room
from parley.analytics.insights.actions.running import kept_answers, run_insight
from parley.analytics.insights.queries.insights import insights_by_ids
from parley.analytics.insights.results import InsightResult
from parley.analytics.insights.rules.freshness import Mode
from parley.analytics.insights.schemas import StoredInsight
from parley.kernel.database.transaction import Db
from parley.kernel.errors import AppError
from parley.kernel.http.authorization import Actor, Project
from parley.kernel.services import Services

AT_ONCE = 4
"""How many tiles of a dashboard are answered side by side."""


class AnsweredTile(msgspec.Struct, frozen=True, kw_only=True):
    """A tile with its insight, the query under the dashboard's filters, and its answer, or why there is none."""

    tile: StoredTile
    insight: StoredInsight | None = None
    query: Any = None
    result: InsightResult | None = None
    problem: str | None = None


async def kept_tiles(
    db: Db, project: Project, found: StoredDashboard, *, actor: Actor | None = None
) -> list[AnsweredTile]:
    """Return the tiles of a dashboard in their order, with the answers that are kept, however old."""
    asked = await asked_tiles(db, project, found)
    kept = await kept_answers(db, project, [one.query for one in asked], actor)
    return [
        msgspec.structs.replace(
            one, result=result, problem=LEFT_OUT if result and result.is_left_out else None
        )
        for one, result in zip(asked, kept, strict=True)
    ]


async def answered_tiles(
    services: Services, project: Project, found: StoredDashboard, mode: Mode, *, actor: Actor | None = None
) -> list[AnsweredTile]:
    """Return the tiles of a dashboard in their order, answered; a tile that can't be answered says why.

    Without an actor the answers are for anybody to whom they are shown. Opens its own transactions: call it in none.
    """
    async with services.database.transaction(write=False) as db:
        if mode == "force_cache":
            return await kept_tiles(db, project, found, actor=actor)
        asked = await asked_tiles(db, project, found)
    return await answer_tiles(services, project, asked, mode, actor=actor)


async def answer_tiles(
    services: Services,
    project: Project,
    asked: Sequence[AnsweredTile],
    mode: Mode,
    *,
    actor: Actor | None = None,
) -> list[AnsweredTile]:
    """Return these tiles of a dashboard, answered as `answered_tiles` does it."""
    turns, room = asyncio.Semaphore(AT_ONCE), Room()

    async def answered(one: AnsweredTile) -> AnsweredTile:
        async with turns:
            return _within(room, await _answered(services, project, one, mode, actor))

    return await asyncio.gather(*map(answered, asked))


async def answered_tile(
    services: Services,
    project: Project,
    found: StoredDashboard,
    tile_id: int,
    mode: Mode,
    *,
    actor: Actor | None = None,
) -> AnsweredTile | None:
    """Return one tile of a dashboard, answered; None where it isn't there. Opens its own transactions: call it in none."""
    async with services.database.transaction(write=False) as db:
        asked = await asked_tiles(db, project, found)
    one = next((one for one in asked if one.tile.id == tile_id), None)
    return None if one is None else await _answered(services, project, one, mode, actor)


async def asked_tiles(db: Db, project: Project, found: StoredDashboard) -> list[AnsweredTile]:
    """Return the tiles of a dashboard in their order, with what they ask under its filters and no answer."""
    tiles = await tiles_of_dashboard(db, project.id, found.id)
    insights = await insights_by_ids(db, project.id, [one.insight_id for one in tiles if one.insight_id])
    there = [one for one in tiles if one.insight_id is None or one.insight_id in insights]
    return [_asked(one, insights, found) for one in there]


def _asked(tile: StoredTile, insights: dict[int, StoredInsight], found: StoredDashboard) -> AnsweredTile:
    insight = None if tile.insight_id is None else insights[tile.insight_id]
    query = insight and overridden(insight.question, found.filters)
    return AnsweredTile(tile=tile, insight=insight, query=query)


async def _answered(
    services: Services, project: Project, one: AnsweredTile, mode: Mode, actor: Actor | None
) -> AnsweredTile:
    if one.insight is None or one.query is None:
        return one
    try:
        result = await run_insight(services, project, one.query, mode, actor=actor, insight_id=one.insight.id)
    except AppError as error:
        return msgspec.structs.replace(one, problem=error.detail)
    return msgspec.structs.replace(one, result=result)


def _within(room: Room, one: AnsweredTile) -> AnsweredTile:
    """Return the tile, without its answer where there is no room for it beside those that were there before."""
    results = one.result.results if one.result else None
    if results is None or room.takes(len(bytes(results))):
        return one
    return msgspec.structs.replace(one, result=None, problem=LEFT_OUT)


def oldest_answer(tiles: Sequence[AnsweredTile]) -> Any:
    """Return when the oldest of the answers was computed; None without any."""
    moments = [one.result.last_refresh for one in tiles if one.result and one.result.last_refresh]
    return min(moments, default=None)
