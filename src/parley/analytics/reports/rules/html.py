"""A report as HTML that mail programs show: tables and styles in place, no script, nothing from the network."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from parley.analytics.reports.rules.panels import Panel, rows_shown, shown_table

SHOWN_WIDTH = 600
"""Pixels of a picture at most; on a phone it is as wide as the screen, so it is drawn for a width between."""


@cache
def _template(name: str) -> Template:
    folder = Path(__file__).parents[1] / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def html_of(heading: str, link: str, notes: Sequence[str], panels: Sequence[Panel]) -> str:
    """Return what stands in a mail, without its frame. Pictures are named by their Content-ID (RFC 2392)."""
    most_rows = rows_shown(len(panels))
    shown = [(one, one.chart and shown_table(one.chart, most_rows)) for one in panels]
    return _template("letter.html").render(
        heading=heading, link=link, notes=notes, panels=shown, width=SHOWN_WIDTH
    )


def framed(html: str, title: str, ends: Sequence[tuple[str, str]]) -> str:
    """Return a whole document around what `html_of` made; `ends` are links at the end, words and address."""
    return _template("frame.html").render(body=html, title=title, ends=ends)
