"""Support reports in the API (docs/support-reports.md)."""

from typing import Any

from litestar import Response, get

from parley.conversations.support_reports import EXPORT, REPORT
from parley.conversations.support_reports.exports import asked_table, csv_of_report
from parley.conversations.support_reports.queries.report import asked_range, support_report
from parley.conversations.support_reports.schemas import SupportReport
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.http.authorization import needs
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import DocumentedAnswer, Query, documented

QUERY = [
    Query("days", "So many days up to today, 400 at most; 30 unless said.", int),
    Query("date_from", "The first day, such as `2026-01-31`, in the project's time zone; instead of `days`."),
    Query("date_to", "The last day, which is part of the report; today unless said."),
]
TABLE = Query(
    "table", "`figures`, `intervals`, `channels`, `tags`, `agents` or `backlog`; the first unless said."
)
FILE = DocumentedAnswer("The table as a file to be saved.", (str,), text_type="text/csv")


@get(REPORT, guards=[needs("ticket:read")], opt=documented(query=QUERY))
async def show_support_report(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> SupportReport:
    """Report on the tickets that the caller sees: times, volume, due times, agents and backlog, with the time before."""
    return await support_report(services, actor, asked_range(services, actor, request.query_params))


@get(
    EXPORT,
    guards=[needs("ticket:read")],
    opt=documented(query=[TABLE, *QUERY], answers={200: FILE}),
)
async def export_support_report(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[bytes]:
    """Export one table of the report as CSV."""
    table = asked_table(request.query_params)
    chosen = asked_range(services, actor, request.query_params)
    name = f"support-{table}-{chosen.first}-{chosen.last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    report = await support_report(services, actor, chosen)
    return Response(csv_of_report(report, table), media_type="text/csv", headers=headers)


handlers: list[Any] = [show_support_report, export_support_report]
