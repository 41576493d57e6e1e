"""An answer as pages of the team show it."""

from datetime import datetime
from typing import Any

import msgspec

from parley.analytics.charts.rules.chart import Chart
from parley.analytics.charts.rules.charts import chart_of
from parley.analytics.insights.results import InsightResult

EMPTY = "There is nothing in this time."


class ShownAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `insights/_shown.html`: a chart with its numbers, or why there is none."""

    title: str
    chart: Chart | None = None
    words: str = ""
    problem: str | None = None
    computed_at: datetime | None = None


def shown_answer(
    question: Any, result: InsightResult | None, title: str, problem: str | None = None
) -> ShownAnswer:
    """Return an answer for the template; `question` is the query as it was sent."""
    if problem is not None or result is None or result.results is None:
        return ShownAnswer(title=title, problem=problem, words=EMPTY)
    chart = chart_of(question, result.rows, columns=result.columns or ())
    return ShownAnswer(title=title, chart=chart, computed_at=result.last_refresh)
