"""The files of a report: numbers as CSV, and all charts as one PDF."""

import asyncio
from collections.abc import Sequence

from parley.analytics.charts.drawing import pictures
from parley.analytics.charts.errors import ChartNotDrawn
from parley.analytics.charts.rules.chart import Frame, Spec
from parley.analytics.charts.rules.specs import fitted, sentence, titled
from parley.analytics.reports.rules.csv_files import csv_of, file_names
from parley.analytics.reports.rules.panels import Panel
from parley.analytics.reports.rules.pdf_pages import pdf_of
from parley.analytics.reports.rules.sizes import MOST_FILE_BYTES, within
from parley.analytics.reports.schemas import Wanted
from parley.kernel.network.mail import MailFile
from parley.kernel.services import Services

WIDTH = 460


async def files_of(
    services: Services, heading: str, notes: Sequence[str], panels: Sequence[Panel], wanted: Sequence[Wanted]
) -> tuple[list[MailFile], list[str]]:
    """Return the files that are wanted, and what is said of those that would make the mail too large."""
    files = []
    if "pdf" in wanted:
        [name] = file_names([heading], "pdf")
        content = await _pdf(services, heading, notes, panels)
        files.append(MailFile(name=name, content_type="application/pdf", content=content))
    if "csv" in wanted:
        files += _csv_files(panels)
    kept = within([len(one.content) for one in files], MOST_FILE_BYTES)
    left_out = [one.name for one, is_kept in zip(files, kept, strict=True) if not is_kept]
    said = [f"Left out, since the mail would be too large: {', '.join(left_out)}."] if left_out else []
    return [one for one, is_kept in zip(files, kept, strict=True) if is_kept], said


def _csv_files(panels: Sequence[Panel]) -> list[MailFile]:
    found = [(one.name, one.chart.table) for one in panels if one.chart and one.chart.table.rows]
    names = file_names([name for name, _ in found], "csv")
    return [
        MailFile(name=name, content_type="text/csv", content=csv_of(table))
        for name, (_, table) in zip(names, found, strict=True)
    ]


async def _pdf(services: Services, heading: str, notes: Sequence[str], panels: Sequence[Panel]) -> bytes:
    head = titled(_words(""), heading, notes, height=20)
    specs = [head, *(titled(_spec(one), one.name, one.about) for one in panels)]
    drawings = await asyncio.gather(*(_drawing(services, one) for one in specs))
    return await asyncio.to_thread(pdf_of, [one for one in drawings if one], heading)


def _spec(panel: Panel) -> Spec:
    if panel.problem:
        return _words(f"There is no answer: {panel.problem}")
    if panel.chart is None:
        return _words("There is no answer.")
    return panel.chart.spec or _words(panel.chart.alt)


def _words(text: str) -> Spec:
    frame = Frame(title="", width=WIDTH, height=60, period="")
    return fitted(sentence(frame, text), WIDTH, "light")


async def _drawing(services: Services, spec: Spec) -> bytes | None:
    try:
        return (await pictures(services, spec, "pdf"))[0]
    except ChartNotDrawn:
        return None
