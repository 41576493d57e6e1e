"""The page "Reports"."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get

from parley.accounts.access_levels.queries.visibility import sees_any_ticket
from parley.analytics.charts.rules.chart import Chart
from parley.conversations.support_reports import EXPORT
from parley.conversations.support_reports.queries.report import asked_range, support_report
from parley.conversations.support_reports.rules import MOST_DAYS
from parley.conversations.support_reports.schemas import SupportReport
from parley.inbox.report_pages.rules import (
    ReportFigure,
    ReportTable,
    chart_over_time,
    figures_in_words,
    tables_in_words,
)
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.request import ParleyRequest
from parley.web.guards import page_session
from parley.web.rendering import page, redirect

PATH, ACCESS = "/reports", "/settings/access"
PRESETS = (7, 30, 90)


class ReportPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `report_pages/report.html`; `days` is the preset that is shown, `file_path` lacks the name of a table."""

    report: SupportReport
    figures: Sequence[ReportFigure]
    chart: Chart
    tables: Sequence[ReportTable]
    days: int | None
    presets: Sequence[int]
    file_path: str
    today: date
    problem: str
    most_days: int = MOST_DAYS


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_reports(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the report of the days that are asked for; of the usual ones, with a word, where these can't be read."""
    if not sees_any_ticket(actor):
        return redirect(ACCESS)
    problem, usual = "", asked_range(services, actor, {})
    try:
        chosen = asked_range(services, actor, request.query_params)
    except Invalid as error:
        chosen, problem = usual, error.detail
    report = await support_report(services, actor, chosen)
    return page(request, "report_pages/report.html", _shown(report, actor.project_id, usual.last, problem))


def _shown(report: SupportReport, project_id: int, today: date, problem: str) -> ReportPage:
    days = (report.date_to - report.date_from).days + 1
    asked = urlencode({"date_from": report.date_from.isoformat(), "date_to": report.date_to.isoformat()})
    export = EXPORT.replace("{project_id:str}", str(project_id))
    return ReportPage(
        report=report,
        figures=figures_in_words(report),
        chart=chart_over_time(report),
        tables=tables_in_words(report),
        days=days if report.date_to == today and days in PRESETS else None,
        presets=PRESETS,
        file_path=f"{export}/?{asked}&table=",
        today=today,
        problem=problem,
    )


handlers: list[Any] = [show_reports]
