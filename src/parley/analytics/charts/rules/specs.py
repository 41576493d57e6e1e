"""Pieces that several charts share. Fields have names of ours; texts of strangers stand in `values` and domains only."""

from collections.abc import Sequence
from typing import Any

from parley.analytics.charts.rules.chart import Frame, Spec
from parley.analytics.charts.rules.themes import Theme, config
from parley.analytics.charts.rules.units import Unit

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
ENTRY = 170
"""So wide is an entry of the legend, in pixels; `WIDE_ENTRY` is one with numbers in it."""

WIDE_ENTRY, ENTRY_HEIGHT, TITLE_HEIGHT, SUBTITLE_HEIGHT = 230, 20, 28, 16


def framed(
    frame: Frame,
    values: list[dict[str, Any]],
    body: Spec,
    *,
    height: int | None = None,
    entries: int = 0,
    entry: int = ENTRY,
    least: int = 0,
) -> Spec:
    """Return a description without what follows from its width; `usermeta` has what `fitted` and charts.js make it of.

    `entries` is how many names the legend has; below `least` pixels the chart can't be read.
    """
    return {
        "$schema": SCHEMA,
        "description": "",
        "usermeta": {
            "height": (height or frame.height) + (TITLE_HEIGHT if frame.title else 0),
            "entries": entries if entries > 1 else 0,
            "entry": entry,
            "least": least,
        },
        "autosize": {"type": "fit", "contains": "padding"},
        **({"title": {"text": frame.title, "limit": frame.width - 20}} if frame.title else {}),
        "data": {"values": values},
        **body,
    }


def fitted(spec: Spec, width: int, theme: Theme) -> Spec:
    """Return a description in a width and in the colours of a theme, as charts.js does it on pages."""
    layout = spec["usermeta"]
    colours = config(theme)
    columns = max(1, width // layout["entry"])
    rows = -(-layout["entries"] // columns)
    colours["legend"] |= {"columns": columns, "labelLimit": (width - 40) // columns - 30}
    colours["axisY"] |= {"labelLimit": round(width * 0.4)}
    return {**spec, "width": width, "height": layout["height"] + rows * ENTRY_HEIGHT, "config": colours}


def colour(names: list[str], range_name: str = "category") -> dict[str, Any]:
    """Return the encoding of the colour by the name of a line."""
    return {
        "field": "s",
        "type": "nominal",
        "sort": None,
        "scale": {"domain": names, "range": range_name},
        **({"legend": None} if len(names) < 2 else {}),
    }


def amount(unit: Unit, *, is_whole: bool = True, **more: Any) -> dict[str, Any]:
    """Return the encoding of a number on the upright axis, from zero on."""
    axis = {"format": unit.format, "title": unit.title, **({"tickMinStep": 1} if is_whole else {})}
    return {"field": "y", "type": "quantitative", "axis": axis, "scale": {"zero": True, "nice": True}, **more}


def hints(*pairs: tuple[str, str]) -> list[dict[str, Any]]:
    """Return what a pointer shows: pairs of a field and its title. All are texts already."""
    return [{"field": field, "type": "nominal", "title": title} for field, title in pairs]


def sentence(frame: Frame, text: str) -> Spec:
    """Return a chart that says why there is nothing to see."""
    body = {  # without a place the text stands in the middle
        "mark": {"type": "text", "style": "quiet", "limit": frame.width - 30},
        "encoding": {"text": {"field": "t", "type": "nominal"}},
    }
    return framed(frame, [{"t": text}], body, height=min(frame.height, 140))


def titled(spec: Spec, title: str, lines: Sequence[str], *, height: int | None = None) -> Spec:
    """Return a description under a title with lines below it, higher by what these take; for a picture that stands alone."""
    words = {"text": title, "subtitle": list(lines), "subtitlePadding": 4, "limit": spec["width"] - 20}
    taken = TITLE_HEIGHT + SUBTITLE_HEIGHT * len(lines)
    return {**spec, "title": words, "height": (height or spec["height"]) + taken}


LOADING = frozenset({"url", "href", "lookup"})


def loads_something(part: Any) -> bool:
    """Say whether a description names an address or a picture, at any depth; its data are values and are not looked at."""
    if isinstance(part, dict):
        if LOADING & part.keys() or part.get("mark") == "image" or part.get("type") == "image":
            return True
        return any(loads_something(one) for key, one in part.items() if key != "values")
    return isinstance(part, list) and any(loads_something(one) for one in part)
