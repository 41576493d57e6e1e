"""The colours of charts. Tests hold their contrast and that colour-blind people can tell them apart."""

from typing import Any, Literal

import msgspec

Theme = Literal["light", "dark"]
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
"""The first is part of vl-convert, so that pictures look the same on a machine without fonts."""


class Colours(msgspec.Struct, frozen=True, kw_only=True):
    """One theme. The last of the series is for what stands for all others.

    The heat jumps in its middle, so that words can be read on every shade: in `ink` before, in `ink_on_heat` after.
    """

    background: str
    ink: str
    quiet: str
    grid: str
    track: str
    series: tuple[str, ...]
    lifecycle: tuple[str, ...]
    heat: tuple[str, str, str, str]
    ink_on_heat: str


COLOURS: dict[Theme, Colours] = {
    "light": Colours(
        background="#ffffff",
        ink="#1c2030",
        quiet="#565d6d",
        grid="#e6e8ee",
        track="#eef0f6",
        series=("#3a4bcb", "#de6a1c", "#0a5c55", "#b93c8c", "#2a97d4", "#6a4a00", "#1d2335", "#7b8494"),
        lifecycle=("#3a4bcb", "#0a5c55", "#2a97d4", "#de6a1c"),
        heat=("#eef0fb", "#a9b2ee", "#5865d8", "#2f3fb8"),
        ink_on_heat="#ffffff",
    ),
    "dark": Colours(
        background="#1b1e27",
        ink="#eceef4",
        quiet="#aab1c0",
        grid="#333846",
        track="#2a2f3c",
        series=("#8fa2ff", "#f08a4b", "#7fe3cf", "#e0609f", "#3b8fdc", "#f2dc8a", "#bd4a33", "#8d96a8"),
        lifecycle=("#8fa2ff", "#7fe3cf", "#3b8fdc", "#f08a4b"),
        heat=("#272c3d", "#48507c", "#8494f2", "#b3c0ff"),
        ink_on_heat="#14161d",
    ),
}
MOST_SERIES = len(COLOURS["light"].series) - 1
"""So many series have a colour of their own."""


def config(theme: Theme, font: str = FONT) -> dict[str, Any]:
    """Return the `config` of a description: all of its colours, fonts and sizes of letters."""
    of = COLOURS[theme]
    return {
        "background": of.background,
        "font": font,
        "padding": 10,
        "view": {"stroke": None},
        "title": {"color": of.ink, "fontSize": 14, "fontWeight": "bold", "anchor": "start", "offset": 12},
        "range": {"category": list(of.series), "heatmap": list(of.heat), "lifecycle": list(of.lifecycle)},
        **_guides(of),
        **_marks(of),
    }


def _guides(of: Colours) -> dict[str, Any]:
    """Return how axes and legends look."""
    words = {"labelColor": of.quiet, "titleColor": of.ink, "labelFontSize": 12, "titleFontSize": 12}
    axis = {"titleFontWeight": "normal", "gridColor": of.grid, "labelPadding": 6, "ticks": False}
    along = {"labelAngle": 0, "labelOverlap": "greedy", "labelSeparation": 10}
    legend = {"title": None, "orient": "bottom", "symbolType": "circle", "symbolSize": 90}
    return {
        "axis": {**words, **axis},
        "axisX": {"grid": False, "domainColor": of.grid, **along},
        "axisY": {"domain": False, "tickCount": 4},
        "legend": {**words, **legend, "columnPadding": 16},
    }


def _marks(of: Colours) -> dict[str, Any]:
    """Return how shapes and words look; `style` has those that a chart names."""
    return {
        "bar": {"color": of.series[0], "cornerRadiusEnd": 2},
        "line": {"color": of.series[0], "strokeWidth": 2.5, "strokeJoin": "round", "strokeCap": "round"},
        "area": {"color": of.series[0]},
        "point": {"color": of.series[0]},
        "arc": {"stroke": of.background, "strokeWidth": 2},
        "text": {"color": of.ink},
        "style": {
            "value": {"color": of.ink, "fontSize": 12},
            "piece": {"cornerRadiusEnd": 0},
            "track": {"color": of.track},
            "quiet": {"color": of.quiet, "fontSize": 13},
            "large": {"color": of.ink, "fontSize": 44, "fontWeight": "bold"},
            "on-heat": {"color": of.ink_on_heat, "fontSize": 11},
            "on-pale": {"color": of.ink, "fontSize": 11},
        },
    }
