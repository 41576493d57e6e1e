"""Lines and bars over time: trends, lifecycle, stickiness."""

from collections.abc import Sequence
from typing import Any

from parley.analytics.charts.rules.chart import Frame, Spec
from parley.analytics.charts.rules.series import PREVIOUS, Series, most_first, together
from parley.analytics.charts.rules.specs import amount, colour, framed, hints
from parley.analytics.charts.rules.themes import MOST_SERIES
from parley.analytics.charts.rules.units import Unit

POINTS_UP_TO = 31
"""With more buckets a line has no dots."""

LONG_LABEL = 8
"""Longer labels would reach beyond the picture at its ends."""

POINT = {"filled": True, "size": 34}
PERIODS = ("This period", "The period before")
HINTS = (("x", "When"), ("s", "What"), ("v", "Value"))


def _values(lines: Sequence[Series], labels: Sequence[str], unit: Unit) -> list[dict[str, Any]]:
    """Return a row for each point. Where periods are compared, the one before stands under the same moments."""
    return [
        {
            "x": x,
            "s": line.name.removesuffix(PREVIOUS) if line.is_previous else line.name,
            "p": PERIODS[line.is_previous],
            "y": value / unit.divisor,
            "v": unit.text(value) + (PREVIOUS if line.is_previous else ""),
        }
        for line in lines
        for x, value in zip(labels, line.values, strict=False)
    ]


def _is_whole(values: Sequence[dict[str, Any]]) -> bool:
    return all(float(one["y"]).is_integer() for one in values)


def _x(labels: Sequence[str], kind: str) -> dict[str, Any]:
    scale = {"type": kind, "domain": list(labels)}
    axis = {"title": None, **({"labelFlush": 30} if any(len(one) > LONG_LABEL for one in labels) else {})}
    return {"field": "x", "type": "ordinal", "sort": None, "axis": axis, "scale": scale}


def line_chart(
    frame: Frame, lines: Sequence[Series], labels: Sequence[str], unit: Unit, *, is_area: bool
) -> Spec:
    """Return lines, the largest of them; areas one upon the other where `is_area`."""
    if is_area:
        return _stacked(frame, lines, labels, unit, {"type": "area", "opacity": 0.85}, "point")
    current, left_out = most_first([one for one in lines if not one.is_previous], MOST_SERIES)
    gone = {one.name for one in left_out}
    shown = [
        one
        for one in lines
        if one.name.removesuffix(PREVIOUS) not in gone or (not one.is_previous and one in current)
    ]
    values = _values(shown, labels, unit)
    names = [one.name for one in current]
    body: Spec = {
        "encoding": {
            "x": _x(labels, "point"),
            "y": amount(unit, is_whole=_is_whole(values), stack=None),
            "color": colour(names),
        },
        "layer": _line_layers(
            is_alone=len(shown) == 1, has_previous=len(shown) > len(current), n_buckets=len(labels)
        ),
    }
    return framed(frame, values, body, entries=2 if len(shown) > len(current) else len(names))


def _line_layers(*, is_alone: bool, has_previous: bool, n_buckets: int) -> list[Spec]:
    line: Spec = {"mark": {"type": "line"}, "encoding": {"tooltip": hints(*HINTS)}}
    if has_previous:
        scale = {"domain": list(PERIODS), "range": [[1, 0], [3, 4]]}
        dash = {"field": "p", "type": "nominal", "sort": None, "scale": scale}
        line["encoding"]["strokeDash"] = {**dash, "legend": {"symbolType": "stroke", "symbolSize": 400}}
        return [line]
    dots: list[Spec] = []
    if n_buckets <= POINTS_UP_TO:
        dots = [{"mark": {"type": "point", **POINT}, "encoding": {"tooltip": hints(*HINTS)}}]
    fill: list[Spec] = [{"mark": {"type": "area", "opacity": 0.12}}] if is_alone else []
    return [*fill, line, *dots]


def bar_chart(
    frame: Frame, lines: Sequence[Series], labels: Sequence[str], unit: Unit, *, is_grouped: bool
) -> Spec:
    """Return bars over time, one upon the other or side by side."""
    mark = {"type": "bar"}
    if not is_grouped:
        return _stacked(frame, lines, labels, unit, {**mark, "style": "piece"}, "band")
    current = [one for one in lines if not one.is_previous]
    drawn, _ = most_first(current, MOST_SERIES)
    values = _values(drawn, labels, unit)
    names = [one.name for one in drawn]
    encoding = {
        "x": _x(labels, "band"),
        "xOffset": {"field": "s", "type": "nominal", "scale": {"domain": names}},
        "y": amount(unit, is_whole=_is_whole(values)),
        "color": colour(names),
        "tooltip": hints(*HINTS),
    }
    return framed(frame, values, {"mark": mark, "encoding": encoding}, entries=len(names))


def _stacked(
    frame: Frame, lines: Sequence[Series], labels: Sequence[str], unit: Unit, mark: Spec, scale: str
) -> Spec:
    drawn, others = most_first([one for one in lines if not one.is_previous], MOST_SERIES)
    shown = [*drawn, together(others)] if others else drawn
    values = _values(shown, labels, unit)
    encoding = {
        "x": _x(labels, scale),
        "y": amount(unit, is_whole=_is_whole(values), stack="zero"),
        "color": colour([one.name for one in shown]),
        "order": {"field": "o", "type": "quantitative"},
        "tooltip": hints(*HINTS),
    }
    order = {one.name: n for n, one in enumerate(shown)}
    values = [{**one, "o": order[one["s"]]} for one in values]
    return framed(frame, values, {"mark": mark, "encoding": encoding}, entries=len(shown))


def lifecycle_chart(frame: Frame, lines: Sequence[Series], labels: Sequence[str], unit: Unit) -> Spec:
    """Return the bars of new, returning and resurrecting people above zero, and of dormant ones below."""
    values = _values(lines, labels, unit)
    encoding = {
        "x": _x(labels, "band"),
        "y": amount(unit, stack="zero"),
        "color": colour([one.name for one in lines], "lifecycle"),
        "tooltip": hints(*HINTS),
    }
    return framed(
        frame, values, {"mark": {"type": "bar", "style": "piece"}, "encoding": encoding}, entries=len(lines)
    )
