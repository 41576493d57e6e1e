"""Retention: who came back, as a table of shares whose colour is darker where more did."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from parley.analytics.charts.rules.chart import ChartTable, Frame, Spec
from parley.analytics.charts.rules.dates import long_date, moment
from parley.analytics.charts.rules.series import numeric
from parley.analytics.charts.rules.specs import framed, hints
from parley.analytics.charts.rules.texts import breakdown_text, distinct, label, number, percent

CELL = 28
NARROWEST, NAMES_WIDTH = 32, 130
"""Pixels in which a percentage fits, and the name of a cohort."""

ON_HEAT_FROM = 0.6
"""From this share on the words are in the other colour."""


class Cohort(msgspec.Struct, frozen=True, kw_only=True):
    """People who began in the same interval, and how many of them came in each interval from then on."""

    name: str
    counts: tuple[float, ...]


def cohorts_of(results: Sequence[Mapping[str, Any]]) -> list[Cohort]:
    """Return the rows of a retention table."""
    return [
        Cohort(
            name=_name(one), counts=tuple(numeric(value.get("count")) for value in one.get("values") or ())
        )
        for one in results
    ]


def _name(result: Mapping[str, Any]) -> str:
    date = str(result.get("date") or "")
    at = moment(date)
    has_time = at is not None and (at.hour, at.minute) != (0, 0)
    name = long_date(date if has_time else date[:10]) if at else str(result.get("label") or "")
    return f"{breakdown_text(result['breakdown_value'])}, {name}" if "breakdown_value" in result else name


def retention_chart(frame: Frame, cohorts: Sequence[Cohort], period: str) -> Spec:
    """Return the heat table: a row for each cohort, a column for each interval since it began."""
    names = distinct(
        f"{label(one.name, 30)} · {number(one.counts[0] if one.counts else 0)}" for one in cohorts
    )
    n_columns = max((len(one.counts) for one in cohorts), default=0)
    columns = [f"{period} {n}" if n_columns <= 6 else str(n) for n in range(n_columns)]
    values = [
        {"x": columns[n], "r": name, "y": count / one.counts[0] if one.counts[0] else 0, "v": number(count)}
        for name, one in zip(names, cohorts, strict=True)
        for n, count in enumerate(one.counts)
    ]
    values = [{**one, "t": percent(round(float(one["y"] or 0), 2))} for one in values]
    body: Spec = {
        "encoding": {
            "x": {
                "field": "x",
                "type": "ordinal",
                "sort": None,
                "axis": {
                    "title": None if n_columns <= 6 else f"{period}s since the first",
                    "orient": "top",
                    "domain": False,
                },
                "scale": {"domain": columns, "paddingInner": 0.06},
            },
            "y": {
                "field": "r",
                "type": "ordinal",
                "sort": None,
                "axis": {"title": None, "labelOverlap": False},
                "scale": {"domain": names, "paddingInner": 0.1},
            },
            "tooltip": hints(("r", "Began · people"), ("x", period), ("t", "Came back"), ("v", "People")),
        },
        "layer": [_cells(), *_words(values)],
    }
    least = NAMES_WIDTH + n_columns * NARROWEST
    return framed(frame, values, body, height=len(cohorts) * CELL + 50, least=least)


def _cells() -> Spec:
    scale = {"type": "linear", "domain": [0, ON_HEAT_FROM - 0.001, ON_HEAT_FROM, 1], "range": "heatmap"}
    shade = {"field": "y", "type": "quantitative", "scale": scale, "legend": None}
    return {"mark": {"type": "rect", "cornerRadius": 3}, "encoding": {"color": shade}}


def _words(values: Sequence[Mapping[str, Any]]) -> list[Spec]:
    text = {"text": {"field": "t", "type": "nominal"}}
    sides = (
        ("on-heat", [one for one in values if one["y"] >= ON_HEAT_FROM]),
        ("on-pale", [one for one in values if one["y"] < ON_HEAT_FROM]),
    )
    return [
        {"data": {"values": side}, "mark": {"type": "text", "style": style}, "encoding": text}
        for style, side in sides
        if side
    ]


def numbers_of_cohorts(cohorts: Sequence[Cohort], period: str) -> ChartTable:
    """Return the cohorts as rows with their counts."""
    n_columns = max((len(one.counts) for one in cohorts), default=0)
    rows = tuple((one.name, *one.counts, *[None] * (n_columns - len(one.counts))) for one in cohorts)
    return ChartTable(("Began", *(f"{period} {n}" for n in range(n_columns))), rows)


def retention_sentence(cohorts: Sequence[Cohort], period: str) -> str:
    """Return how many came back in the first interval after they began, all cohorts together."""
    whole = [one for one in cohorts if len(one.counts) > 1]
    began, back = sum(one.counts[0] for one in whole), sum(one.counts[1] for one in whole)
    share = (
        f" {percent(back / began)} of {number(began)} people came back in the {period.lower()} after."
        if began
        else ""
    )
    return f"Retention table of {len(cohorts)} groups.{share}"
