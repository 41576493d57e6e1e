"""A report is made of answers: each is drawn, its numbers are beside it, and what it is about."""

import asyncio
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from parley.analytics.charts.drawing import SHARP, letter_picture
from parley.analytics.charts.errors import ChartNotDrawn
from parley.analytics.charts.rules.charts import chart_of
from parley.analytics.insights.actions.shared import public_answer, public_fields
from parley.analytics.reports.actions.attaching import files_of
from parley.analytics.reports.actions.collecting import AnsweredInsight, Collected, collected, insight_path
from parley.analytics.reports.rules.conditions import conditions_of
from parley.analytics.reports.rules.html import html_of
from parley.analytics.reports.rules.links import report_link
from parley.analytics.reports.rules.panels import Panel
from parley.analytics.reports.rules.plain_text import text_of
from parley.analytics.reports.rules.sizes import (
    MANY,
    MOST_PICTURE_BYTES,
    NOT_DRAWN,
    TOO_LARGE,
    within,
)
from parley.analytics.reports.schemas import Report, ReportAbout, ReportForm
from parley.kernel.http.authorization import Project
from parley.kernel.ids import new_token
from parley.kernel.network.mail import MailFile, one_line
from parley.kernel.services import Services

WIDTH, HEIGHT = 460, 230
"""Of a drawing. It is shown on screens from 300 to 600 pixels wide."""


async def report_of(services: Services, project: Project, about: ReportAbout, form: ReportForm) -> Report:
    """Make the report of an insight or a dashboard; raises NotFound once that is deleted.

    An insight that can't be answered or drawn says so, and its numbers are there without a picture. Opens its own
    transactions: call it in none. Takes what the queries take, and about 60 ms for each picture.
    """
    found = await collected(services, project, about)
    zone = ZoneInfo(project.timezone)
    panels = [_panel(services, one, form, zone) for one in found.answers]
    panels, drawn = await _drawn(services, panels)
    link = report_link(services.settings.site_url, found.path, form.medium)
    heading, notes = one_line(form.title or found.name), _notes(found, form)
    files, left_out = await files_of(services, heading, notes, panels, form.files)
    notes += left_out
    return Report(
        subject=f"Parley {found.kind} report - {heading}",
        text=text_of(heading, link, notes, panels),
        html=html_of(heading, link, notes, panels) if form.medium == "email" else "",
        pictures=drawn,
        picture_names=[one.name for one in panels if one.content_id],
        files=files,
        answers=[_answer(one) for one in found.answers],
        is_empty=all(one.chart is None or one.chart.is_empty for one in panels)
        and not any(one.problem for one in panels),
    )


def _panel(services: Services, one: AnsweredInsight, form: ReportForm, zone: ZoneInfo) -> Panel:
    link = report_link(services.settings.site_url, insight_path(one.insight), form.medium)
    panel = Panel(name=one_line(one.insight.title), link=link)
    if one.result is None or not isinstance(one.question, dict):
        problem = one_line(one.problem, 500) if one.problem else None
        return msgspec.structs.replace(panel, problem=problem)
    chart = chart_of(
        one.question, one.result.rows, columns=one.result.columns or (), width=WIDTH, height=HEIGHT
    )
    conditions = conditions_of(one.question, one.result.resolved_date_range, zone)
    return msgspec.structs.replace(panel, chart=chart, about=conditions)


def _notes(found: Collected, form: ReportForm) -> list[str]:
    notes = [one_line(found.name)] if form.title and form.title != found.name else []
    if len(found.answers) < found.total:
        notes.append(f"Showing {len(found.answers)} of {found.total} insights.")
    return notes


def _answer(one: AnsweredInsight) -> dict[str, Any]:
    return public_fields(one.insight) | public_answer(one.question, one.result, one.problem)


async def _drawn(services: Services, panels: Sequence[Panel]) -> tuple[list[Panel], list[MailFile]]:
    """Return the panels with the names of their pictures, and the pictures."""
    scale = SHARP if len(panels) <= MANY else SHARP / 2
    pngs = await asyncio.gather(*(_png(services, one, scale) for one in panels))
    kept = within([len(png or b"") for png in pngs], MOST_PICTURE_BYTES)
    shown, files, report_id = [], [], new_token(length=16)
    for n, (panel, png, is_kept) in enumerate(zip(panels, pngs, kept, strict=True), 1):
        if png and is_kept:
            id = f"chart{n}.{report_id}@parley"
            files.append(
                MailFile(name=f"chart-{n}.png", content_type="image/png", content=png, content_id=id)
            )
            shown.append(msgspec.structs.replace(panel, content_id=id))
        else:
            note = TOO_LARGE if png else NOT_DRAWN if panel.chart and panel.chart.spec else None
            shown.append(msgspec.structs.replace(panel, note=note))
    return shown, files


async def _png(services: Services, panel: Panel, scale: float) -> bytes | None:
    if panel.chart is None or panel.chart.spec is None:
        return None
    try:
        return await letter_picture(services, panel.chart.spec, scale)
    except ChartNotDrawn:
        return None
