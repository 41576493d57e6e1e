"""The answers of a report. None of them has rows about tickets, since nobody in particular asks."""

from collections.abc import Sequence

import msgspec

from parley.analytics.dashboards.actions.answering import AnsweredTile, answer_tiles, asked_tiles
from parley.analytics.dashboards.queries.dashboards import dashboard_by_key
from parley.analytics.insights.actions.running import run_insight
from parley.analytics.insights.queries.insights import insight_by_key
from parley.analytics.insights.results import InsightResult
from parley.analytics.insights.schemas import StoredInsight
from parley.analytics.reports.rules.sizes import FIRST_TILES, MOST_TILES
from parley.analytics.reports.schemas import ReportAbout
from parley.kernel.errors import AppError
from parley.kernel.http.authorization import Project
from parley.kernel.services import Services


class AnsweredInsight(msgspec.Struct, frozen=True, kw_only=True):
    """An insight with what was asked in the end, and its answer or why there is none."""

    insight: StoredInsight
    question: object
    result: InsightResult | None = None
    problem: str | None = None


class Collected(msgspec.Struct, frozen=True, kw_only=True):
    """What a report is made of; `total` is how many insights a dashboard has, `path` that of its page."""

    kind: str
    name: str
    path: str
    answers: Sequence[AnsweredInsight]
    total: int


async def collected(services: Services, project: Project, about: ReportAbout) -> Collected:
    """Return the answers; raises NotFound once the thing is deleted. Opens its own transactions: call it in none."""
    if about.insight_id is not None:
        return await _of_insight(services, project, about.insight_id)
    async with services.database.transaction(write=False) as db:
        dashboard = await dashboard_by_key(db, project.id, str(about.dashboard_id))
        tiles = [one for one in await asked_tiles(db, project, dashboard) if one.insight]
    answered = await answer_tiles(services, project, _chosen(tiles, about), "blocking")
    return Collected(
        kind="Dashboard",
        name=dashboard.title,
        path=f"/dashboards/{dashboard.id}",
        answers=[_of_tile(one) for one in answered],
        total=len(tiles),
    )


def _chosen(tiles: Sequence[AnsweredTile], about: ReportAbout) -> Sequence[AnsweredTile]:
    if about.is_whole:
        return tiles[:MOST_TILES]
    if about.chosen is None:
        return tiles[:FIRST_TILES]
    return [one for one in tiles if one.insight and one.insight.id in about.chosen]


def _of_tile(one: AnsweredTile) -> AnsweredInsight:
    assert one.insight is not None
    return AnsweredInsight(insight=one.insight, question=one.query, result=one.result, problem=one.problem)


async def _of_insight(services: Services, project: Project, id: int) -> Collected:
    async with services.database.transaction(write=False) as db:
        insight = await insight_by_key(db, project.id, str(id))
    answer = AnsweredInsight(insight=insight, question=insight.question)
    if insight.query is not None:
        try:
            result = await run_insight(services, project, insight.question, insight_id=insight.id)
            answer = msgspec.structs.replace(answer, result=result)
        except AppError as error:
            answer = msgspec.structs.replace(answer, problem=error.detail)
    return Collected(
        kind="Insight", name=insight.title, path=insight_path(insight), answers=[answer], total=1
    )


def insight_path(insight: StoredInsight) -> str:
    """Return the path of the page of an insight."""
    return f"/insights/{insight.short_id}"
