"""One number for each line: bars that lie, a ring, one large number."""

from collections.abc import Sequence

from parley.analytics.charts.rules.chart import Frame, Spec
from parley.analytics.charts.rules.series import Series, most_first, together
from parley.analytics.charts.rules.specs import WIDE_ENTRY, colour, framed, hints
from parley.analytics.charts.rules.texts import percent
from parley.analytics.charts.rules.themes import MOST_SERIES
from parley.analytics.charts.rules.units import Unit

MOST_BARS = 15
ROW = 34
"""The height of a bar with the space around it."""


def largest_first(lines: Sequence[Series]) -> list[Series]:
    """Return the lines of this period, the largest first."""
    return sorted((one for one in lines if not one.is_previous), key=lambda one: -one.total)


def value_bars(frame: Frame, lines: Sequence[Series], unit: Unit) -> Spec:
    """Return a bar for each line, the largest on top, with its number at the right."""
    drawn, others = largest_first(lines)[:MOST_BARS], largest_first(lines)[MOST_BARS:]
    shown = [*drawn, together(others)] if others else drawn
    values = [{"s": one.name, "y": one.total / unit.divisor, "v": unit.text(one.total)} for one in shown]
    bars: Spec = {
        "mark": {"type": "bar", "height": {"band": 0.62}},
        "encoding": {"x": {"field": "y", "type": "quantitative", "axis": None, "scale": {"zero": True}}},
    }
    numbers: Spec = {
        "mark": {"type": "text", "style": "value", "align": "left", "dx": 8},
        "encoding": {"x": {"value": "width"}, "text": {"field": "v", "type": "nominal"}},
    }
    body: Spec = {
        "encoding": {
            "y": _row_names([one.name for one in shown]),
            "tooltip": hints(("s", "What"), ("v", "Value")),
        },
        "layer": [bars, numbers],
    }
    return framed(frame, values, body, height=len(shown) * ROW + 24)


def _row_names(names: list[str]) -> dict[str, object]:
    axis = {"title": None, "labelOverlap": False}
    return {"field": "s", "type": "nominal", "sort": None, "axis": axis, "scale": {"domain": names}}


def ring(frame: Frame, lines: Sequence[Series], unit: Unit) -> Spec:
    """Return a ring whose legend has the numbers, so that no colour must be told from another to read it."""
    drawn, others = most_first([one for one in largest_first(lines) if one.total > 0], MOST_SERIES)
    shown = [*drawn, together(others)] if others else drawn
    whole = sum(one.total for one in shown) or 1
    values = [
        {
            "s": f"{one.name}: {unit.text(one.total)} ({percent(one.total / whole)})",
            "y": one.total,
            "v": unit.text(one.total),
            "o": n,
        }
        for n, one in enumerate(shown)
    ]
    names = [str(one["s"]) for one in values]
    encoding: Spec = {
        "theta": {"field": "y", "type": "quantitative", "stack": True},
        "order": {"field": "o", "type": "quantitative"},
        "tooltip": hints(("s", "What")),
    }
    encoding["color"] = colour(names) | {"legend": {}}
    radius = min(110, max(60, frame.height // 2 - 30))
    mark = {"type": "arc", "innerRadius": radius * 0.58, "outerRadius": radius}
    body = {"mark": mark, "encoding": encoding}
    return framed(frame, values, body, height=2 * radius + 50, entries=len(names), entry=WIDE_ENTRY)


def large_number(frame: Frame, value: str, below: str) -> Spec:
    """Return one number with a line that says what it is."""
    body: Spec = {
        "layer": [
            {
                "mark": {"type": "text", "style": "large", "dy": -12},
                "encoding": {"text": {"field": "v", "type": "nominal"}},
            },
            {
                "mark": {"type": "text", "style": "quiet", "dy": 28, "limit": frame.width - 30},
                "encoding": {"text": {"field": "t", "type": "nominal"}},
            },
        ]
    }
    return framed(frame, [{"v": value, "t": below}], body, height=150)
