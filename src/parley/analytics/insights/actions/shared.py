"""An insight as those see it who have a link to it: its name, its description and its answer, and nothing of the team."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from parley.accounts.projects.queries.projects import project_by_id
from parley.analytics.charts.rules.chart import Chart
from parley.analytics.charts.rules.charts import chart_of, display_of
from parley.analytics.insights.actions.insights import check_may_edit
from parley.analytics.insights.actions.running import run_insight
from parley.analytics.insights.queries.insights import insight_by_key
from parley.analytics.insights.results import InsightResult
from parley.analytics.insights.schemas import StoredInsight
from parley.kernel.database.transaction import Db
from parley.kernel.errors import AppError, NotFound, PermissionDenied
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services

NOT_FOUND = "Insight not found."
MAY_NOT_EDIT = "You don't have edit permissions for this insight."


async def public_insight(db: Db, project_id: int, id: str, now: datetime) -> Mapping[str, Any] | None:
    """Return what everybody with a link may know before the answer; None once the insight is deleted."""
    try:
        return public_fields(await insight_by_key(db, project_id, id))
    except NotFound:
        return None


def public_fields(found: StoredInsight) -> dict[str, Any]:
    """Return what everybody may know of an insight to which they have a link."""
    return {
        "id": found.id,
        "short_id": found.short_id,
        "name": found.title,
        "description": found.description,
        "kind": found.kind,
    }


def public_answer(query: Any, result: InsightResult | None, problem: str | None = None) -> dict[str, Any]:
    """Return what everybody may know of an answer to which they have a link, and of the query how it is shown."""
    if result is None:
        return {"result": None, "error": problem}
    return {
        "display": display_of(query),
        "result": result.rows,
        "columns": result.columns,
        "hasMore": result.has_more,
        "timezone": result.timezone,
        "resolved_date_range": result.resolved_date_range,
        "last_refresh": msgspec.to_builtins(result.last_refresh),
        "error": problem,
    }


def shared_chart(public: Mapping[str, Any]) -> Chart | None:
    """Return the chart of an insight from what everybody may know of it; None where it has no answer."""
    if public["result"] is None:
        return None
    return chart_of(public["display"], public["result"], columns=public["columns"] or ())


async def answered_insight(
    services: Services, project_id: int, id: str, public: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Add the answer, computed anew once it is old. Rows of events leave out those about tickets."""
    async with services.database.transaction(write=False) as db:
        found = await insight_by_key(db, project_id, id)
    project = await project_by_id(services.database, project_id)
    if project is None or found.query is None:
        return {**public, **public_answer(None, None)}
    try:
        answer = public_answer(found.question, await run_insight(services, project, found.question))
    except AppError as error:
        answer = public_answer(None, None, error.detail)
    return {**public, **answer}


async def check_may_share_insight(db: Db, actor: Actor, id: str) -> None:
    """Raise NotFound or PermissionDenied unless the caller may share it."""
    await insight_to_share(db, actor.project_id, id)
    try:
        check_may_edit(actor)
    except PermissionDenied as error:
        raise PermissionDenied(MAY_NOT_EDIT) from error


async def insight_to_share(db: Db, project_id: int, name: str) -> str:
    """Return the number of an insight that a path names, as text; raises NotFound."""
    try:
        return str((await insight_by_key(db, project_id, name)).id)
    except NotFound as error:
        raise NotFound(NOT_FOUND) from error
