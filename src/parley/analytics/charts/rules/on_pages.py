"""What templates need of charts; `main` makes filters of these functions."""

from typing import Any

from parley.analytics.charts.rules.chart import Cell, Chart
from parley.analytics.charts.rules.texts import number
from parley.analytics.charts.rules.themes import COLOURS, config


def chart_data(chart: Chart) -> dict[str, Any]:
    """Return what charts.js draws: the description without colours and size, and the colours of each theme."""
    sized = ("width", "height", "config")
    spec = {name: value for name, value in (chart.spec or {}).items() if name not in sized}
    return {"spec": spec, "themes": {theme: config(theme) for theme in COLOURS}}


def chart_cell(value: Cell) -> str:
    """Return a value of a table for people."""
    if value is None:
        return ""
    return value if isinstance(value, str) else number(value)
