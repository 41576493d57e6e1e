"""Funnels: how many people went from step to step, how long they took, and how that changes."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from parley.analytics.charts.rules.chart import ChartTable, Frame, Spec
from parley.analytics.charts.rules.series import Series, most_first, numeric
from parley.analytics.charts.rules.specs import colour, framed, hints
from parley.analytics.charts.rules.texts import (
    breakdown_text,
    distinct,
    duration,
    label,
    number,
    percent,
)
from parley.analytics.charts.rules.themes import MOST_SERIES
from parley.analytics.charts.rules.total_charts import ROW
from parley.web.event_names import event_words

GROUP_ROW = 16
"""The height of one bar of a group, of which a step has one for each value."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of one funnel: how many people reached it, of how many at the start and at the step before."""

    name: str
    count: float
    of_first: float
    of_before: float
    median_s: float | None


class Funnel(msgspec.Struct, frozen=True, kw_only=True):
    """A funnel, of everybody or of those with one value of the breakdown."""

    name: str
    steps: tuple[Step, ...]


def funnels_of(results: Sequence[Any]) -> list[Funnel]:
    """Return the funnels of a result: one, or one for each value of a breakdown."""
    groups = [one for one in results if isinstance(one, list)] or ([list(results)] if results else [])
    named = [
        (breakdown_text(one[0].get("breakdown_value")) if "breakdown_value" in one[0] else "", one)
        for one in groups
        if one
    ]
    return [Funnel(name=name, steps=_steps(steps)) for name, steps in named]


def _steps(results: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    counts = [numeric(one.get("count")) for one in results]
    return tuple(
        Step(
            name=f"{n + 1}. {one.get('custom_name') or event_words(str(one.get('name') or 'All events'))}",
            count=counts[n],
            of_first=counts[n] / counts[0] if counts[0] else 0,
            of_before=counts[n] / counts[n - 1] if n and counts[n - 1] else float(counts[n] > 0),
            median_s=one.get("median_conversion_time"),
        )
        for n, one in enumerate(results)
    )


def is_without_people(funnels: Sequence[Funnel]) -> bool:
    """Say whether nobody took the first step."""
    return not any(one.steps and one.steps[0].count for one in funnels)


def funnel_chart(frame: Frame, funnels: Sequence[Funnel]) -> Spec:
    """Return a bar for each step, with its number and its share of the first step at the right."""
    return (
        _grouped(frame, funnels) if len(funnels) > 1 or funnels[0].name else _plain(frame, funnels[0].steps)
    )


def _step_names(steps: Sequence[Step]) -> list[str]:
    return distinct(label(step.name) for step in steps)


def _row(steps: Sequence[Step]) -> dict[str, Any]:
    axis = {"title": None, "labelOverlap": False}
    return {
        "field": "x",
        "type": "nominal",
        "sort": None,
        "axis": axis,
        "scale": {"domain": _step_names(steps)},
    }


SHARE = {"field": "y", "type": "quantitative", "axis": None, "scale": {"domain": [0, 1]}}
STEP_HINTS = hints(("x", "Step"), ("v", "People"), ("b", "Of the step before"), ("m", "Median time"))


def _plain(frame: Frame, steps: Sequence[Step]) -> Spec:
    values = [
        {"x": name, "y": step.of_first, "e": 1, **_words(step)}
        for name, step in zip(_step_names(steps), steps, strict=True)
    ]
    track = {**SHARE, "field": "e"}
    body: Spec = {
        "encoding": {"y": _row(steps), "tooltip": STEP_HINTS},
        "layer": [
            {"mark": {"type": "bar", "style": "track", "height": {"band": 0.66}}, "encoding": {"x": track}},
            {"mark": {"type": "bar", "height": {"band": 0.66}}, "encoding": {"x": SHARE}},
            {
                "mark": {"type": "text", "style": "value", "align": "left", "dx": 8},
                "encoding": {"x": {"value": "width"}, "text": {"field": "v", "type": "nominal"}},
            },
        ],
    }
    return framed(frame, values, body, height=len(steps) * (ROW + 8) + 24)


def _words(step: Step) -> dict[str, str]:
    return {
        "v": f"{number(step.count)} ({percent(step.of_first)})",
        "b": percent(step.of_before),
        "m": duration(step.median_s),
    }


def _grouped(frame: Frame, funnels: Sequence[Funnel]) -> Spec:
    sizes = [
        Series(name=name, full_name=one.name, values=(), total=one.steps[0].count if one.steps else 0)
        for name, one in zip(distinct(label(one.name) for one in funnels), funnels, strict=True)
    ]
    names = [one.name for one in most_first(sizes, MOST_SERIES)[0]]
    shown = [(size.name, one) for size, one in zip(sizes, funnels, strict=True) if size.name in names]
    values = [
        {"x": x, "s": name, "y": step.of_first, **_words(step)}
        for name, one in shown
        for x, step in zip(_step_names(one.steps), one.steps, strict=True)
    ]
    encoding = {
        "y": _row(funnels[0].steps),
        "yOffset": {"field": "s", "type": "nominal", "scale": {"domain": names}},
        "x": {
            **SHARE,
            "axis": {"format": ".0~%", "title": "Of the first step", "grid": True, "tickCount": 4},
        },
        "color": colour(names),
        "tooltip": [*hints(("s", "Who")), *STEP_HINTS],
    }
    height = len(funnels[0].steps) * (len(names) * GROUP_ROW + 22) + 90
    return framed(
        frame, values, {"mark": {"type": "bar"}, "encoding": encoding}, height=height, entries=len(names)
    )


def times_chart(frame: Frame, bins: Sequence[Sequence[float]]) -> Spec:
    """Return how many people took how long; `bins` are pairs of the shortest time, in seconds, and a number."""
    starts = [duration(one[0]) for one in bins]
    values = [
        {"x": x, "y": one[1], "v": number(one[1])} for x, one in zip(distinct(starts), bins, strict=True)
    ]
    encoding = {
        "x": {
            "field": "x",
            "type": "ordinal",
            "sort": None,
            "axis": {"title": "Time to convert, from"},
        },
        "y": {
            "field": "y",
            "type": "quantitative",
            "axis": {"title": "People", "format": ",~r", "tickMinStep": 1},
        },
        "tooltip": hints(("x", "From"), ("v", "People")),
    }
    return framed(frame, values, {"mark": {"type": "bar"}, "encoding": encoding})


def numbers_of_steps(funnels: Sequence[Funnel]) -> ChartTable:
    """Return the steps as rows."""
    has_names = len(funnels) > 1 or bool(funnels and funnels[0].name)
    rows = tuple(
        (
            *((one.name,) if has_names else ()),
            step.name,
            step.count,
            percent(step.of_first),
            percent(step.of_before),
            duration(step.median_s),
        )
        for one in funnels
        for step in one.steps
    )
    columns = ("Step", "People", "Of the first step", "Of the step before", "Median time")
    return ChartTable((("Value", *columns) if has_names else columns), rows)


def funnel_sentence(funnels: Sequence[Funnel]) -> str:
    """Return the whole of the first funnels in a sentence."""
    parts = [
        f"{f'{label(one.name)}: ' if one.name else ''}{number(one.steps[-1].count)} of {number(one.steps[0].count)} people "
        f"({percent(one.steps[-1].of_first)}) went through {len(one.steps)} steps"
        for one in funnels[:3]
        if one.steps
    ]
    return f"Funnel. {'; '.join(parts)}."
