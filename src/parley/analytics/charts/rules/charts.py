"""The one way from an insight to its chart."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from parley.analytics.charts.rules.chart import Chart, ChartTable, Frame, Spec
from parley.analytics.charts.rules.dates import axis_labels, period_words
from parley.analytics.charts.rules.funnel_charts import (
    funnel_chart,
    funnel_sentence,
    funnels_of,
    is_without_people,
    numbers_of_steps,
    times_chart,
)
from parley.analytics.charts.rules.retention_charts import (
    cohorts_of,
    numbers_of_cohorts,
    retention_chart,
    retention_sentence,
)
from parley.analytics.charts.rules.rows import (
    numbers_by_days_active,
    numbers_in_total,
    numbers_over_time,
    rows_of_events,
)
from parley.analytics.charts.rules.series import Series, numeric, series_of
from parley.analytics.charts.rules.specs import fitted, sentence
from parley.analytics.charts.rules.texts import duration, label, number
from parley.analytics.charts.rules.themes import Theme
from parley.analytics.charts.rules.time_charts import bar_chart, lifecycle_chart, line_chart
from parley.analytics.charts.rules.total_charts import large_number, largest_first, ring, value_bars
from parley.analytics.charts.rules.units import Unit, unit_of

AREAS = ("ActionsAreaGraph",)
BARS = ("ActionsBar", "ActionsStackedBar", "ActionsUnstackedBar")
TOTALS = ("ActionsBarValue", "ActionsPie", "BoldNumber", "ActionsTable", "WorldMap")
CUMULATIVE = "ActionsLineGraphCumulative"
MOST_NAMED = 4
"""So many lines are named in the text beside a picture."""


def chart_of(
    query: Mapping[str, Any],
    results: Any,
    *,
    columns: Sequence[str] = (),
    title: str = "",
    width: int = 600,
    height: int = 300,
    theme: Theme = "light",
) -> Chart:
    """Return the chart of an insight's result, which has PostHog's shape for its kind of query.

    `query` is the stored JSON, with or without the node around its source. What the result holds of visitors is data of
    the description: it is never an expression, an address or HTML, and it is cut at 60 characters. A result without a
    number is a chart that says so.
    """
    source = _source(query)
    period = _period(source, results)
    frame = Frame(title=label(title, 80), width=width, height=height, period=period)
    made = _KINDS.get(str(source.get("kind")), _events)(frame, source, results or [], columns)
    if made.is_empty and made.spec is None and made.alt:
        made = Chart(spec=sentence(frame, made.alt), table=made.table, alt=made.alt, is_empty=True)
    if made.spec is not None:
        spec = fitted(
            {**made.spec, "description": made.alt}, max(width, made.spec["usermeta"]["least"]), theme
        )
        return msgspec.structs.replace(made, spec=spec)
    return made


def display_of(query: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `chart_of` reads of a query: how its answer is shown, and no event, property or filter."""
    source = _source(query)
    shown = {name: source[name] for name in ("kind", "interval") if source.get(name) is not None}
    for name, parts in _DISPLAYED.items():
        options = source.get(name)
        if isinstance(options, Mapping):
            shown[name] = {part: options[part] for part in parts if options.get(part) is not None}
    return shown


def _source(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the query inside its nodes."""
    found = query
    while isinstance(found.get("source"), Mapping):
        found = found["source"]
    return found


def _period(source: Mapping[str, Any], results: Any) -> str:
    first = results[0] if isinstance(results, list) and results and isinstance(results[0], Mapping) else {}
    return period_words(
        [str(day) for day in first.get("days") or ()],
        _interval(source),
        (source.get("dateRange") or {}).get("date_from"),
    )


def _interval(source: Mapping[str, Any]) -> str:
    return str(source.get("interval") or "day")


def _empty(table: ChartTable, text: str) -> Chart:
    return Chart(spec=None, table=table, alt=text, is_empty=True)


def _trends(frame: Frame, source: Mapping[str, Any], results: Any, columns: Sequence[str]) -> Chart:
    display = source.get("trendsFilter") or {}
    kind = str(display.get("display") or "ActionsLineGraph")
    lines = series_of(results)
    is_total = kind in TOTALS
    unit = unit_of(
        display,
        max(
            (abs(value) for one in lines for value in (*one.values, *([one.total] if is_total else []))),
            default=0,
        ),
    )
    days = [str(day) for day in results[0].get("days") or ()] if results else []
    table = numbers_in_total(lines, unit) if is_total else numbers_over_time(lines, days)
    if not any(one.total or any(one.values) for one in lines):
        return _empty(table, f"No events in {frame.period}")
    is_counted = is_total or (kind != CUMULATIVE and all(one.is_sum for one in lines))
    alt = _alt(lines, unit, frame) if is_counted else _alt_of_each(lines, unit, frame, _interval(source))
    if kind == "ActionsTable" or kind == "WorldMap":
        return Chart(spec=None, table=table, alt=f"Table. {alt}")
    if is_total:
        return Chart(spec=_total_spec(kind, frame, lines, unit), table=table, alt=alt)
    labels = axis_labels(days, _interval(source))
    if kind in BARS:
        spec = bar_chart(frame, lines, labels, unit, is_grouped=kind == "ActionsUnstackedBar")
        return Chart(spec=spec, table=table, alt=f"Bars over time. {alt}")
    spec = line_chart(frame, lines, labels, unit, is_area=kind in AREAS)
    return Chart(spec=spec, table=table, alt=f"Lines over time. {alt}")


def _total_spec(kind: str, frame: Frame, lines: Sequence[Series], unit: Unit) -> Spec:
    if kind == "BoldNumber":
        return large_number(frame, unit.text(lines[0].total), _number_words(lines, unit, frame))
    return ring(frame, lines, unit) if kind == "ActionsPie" else value_bars(frame, lines, unit)


def _number_words(lines: Sequence[Series], unit: Unit, frame: Frame) -> str:
    before = next((one for one in lines if one.is_previous), None)
    words = f"{lines[0].name}, {frame.period}"
    return f"{words} (before: {unit.text(before.total)})" if before else words


def _alt(lines: Sequence[Series], unit: Unit, frame: Frame) -> str:
    """Return the largest lines with their numbers in a sentence."""
    return f"In {frame.period}: {_named(lines, lambda one: unit.text(one.total))}."


def _alt_of_each(lines: Sequence[Series], unit: Unit, frame: Frame, interval: str) -> str:
    """Return the largest lines with their range: numbers such as people or averages have no sum."""
    ranges = _named(
        lines,
        lambda one: f"{unit.text(min(one.values, default=0))} to {unit.text(max(one.values, default=0))}",
    )
    return f"In each {interval} of {frame.period}: {ranges}."


def _named(lines: Sequence[Series], text: Callable[[Series], str]) -> str:
    ordered = largest_first(lines)
    named = ", ".join(f"{one.name} {text(one)}" for one in ordered[:MOST_NAMED])
    return f"{named}, and {len(ordered) - MOST_NAMED} more" if len(ordered) > MOST_NAMED else named


def _lifecycle(frame: Frame, source: Mapping[str, Any], results: Any, columns: Sequence[str]) -> Chart:
    order = ["new", "returning", "resurrecting", "dormant"]
    known = {str(one.get("status")): one for one in results}
    lines = [
        Series(
            name=status.capitalize(),
            full_name=status.capitalize(),
            values=tuple(numeric(value) for value in known[status].get("data") or ()),
            total=sum(numeric(value) for value in known[status].get("data") or ()),
        )
        for status in order
        if status in known
    ]
    days = [str(day) for day in results[0].get("days") or ()] if results else []
    table = numbers_over_time(lines, days)
    if not any(any(one.values) for one in lines):
        return _empty(table, f"Nobody was active in {frame.period}")
    spec = lifecycle_chart(frame, lines, axis_labels(days, _interval(source)), Unit())
    counts = ", ".join(f"{one.name.lower()} {number(abs(one.total))}" for one in lines)
    return Chart(
        spec=spec,
        table=table,
        alt=f"Bars over time. People in {frame.period}, summed over the {_interval(source)}s: {counts}.",
    )


def _stickiness(frame: Frame, source: Mapping[str, Any], results: Any, columns: Sequence[str]) -> Chart:
    lines = series_of(results)
    labels = (
        [str(one) for one in (results[0].get("labels") or results[0].get("days") or ())] if results else []
    )
    table = numbers_by_days_active(lines, labels, _interval(source))
    frame = _with_period(frame, source)
    if not any(any(one.values) for one in lines):
        return _empty(table, f"Nobody was active in {frame.period}")
    spec = bar_chart(frame, lines, labels, Unit(), is_grouped=True)
    most, often = max(zip(lines[0].values, labels, strict=False), default=(0, ""))
    alt = f"Bars. People by the number of {_interval(source)}s on which they were active, in {frame.period}."
    alt += f" Most often: {often} ({number(most)})."
    return Chart(spec=spec, table=table, alt=alt)


def _with_period(frame: Frame, source: Mapping[str, Any]) -> Frame:
    """Return the frame with a period that was asked for: the days of the result count something else."""
    words = period_words([], _interval(source), (source.get("dateRange") or {}).get("date_from"))
    return Frame(title=frame.title, width=frame.width, height=frame.height, period=words)


def _funnel(frame: Frame, source: Mapping[str, Any], results: Any, columns: Sequence[str]) -> Chart:
    kind = (source.get("funnelsFilter") or {}).get("funnelVizType") or "steps"
    if kind == "trends":
        as_lines = {
            **source,
            "trendsFilter": {"display": "ActionsLineGraph", "aggregationAxisFormat": "percentage"},
        }
        return _trends(frame, as_lines, results, columns)
    if kind == "time_to_convert":
        return _times(frame, results)
    funnels = funnels_of(results)
    table = numbers_of_steps(funnels)
    if is_without_people(funnels):
        return _empty(table, f"Nobody took the first step in {frame.period}")
    return Chart(spec=funnel_chart(frame, funnels), table=table, alt=funnel_sentence(funnels))


def _times(frame: Frame, results: Any) -> Chart:
    found = results if isinstance(results, Mapping) else {}
    bins = [(numeric(one[0]), numeric(one[1])) for one in found.get("bins") or ()]
    table = ChartTable(("From", "People"), tuple((duration(start), count) for start, count in bins))
    if not any(count for _, count in bins):
        return _empty(table, f"Nobody went through all steps in {frame.period}")
    average = duration(found.get("average_conversion_time"))
    return Chart(
        spec=times_chart(frame, bins),
        table=table,
        alt=f"Bars. How long people took to go through all steps; {average} on average.",
    )


def _retention(frame: Frame, source: Mapping[str, Any], results: Any, columns: Sequence[str]) -> Chart:
    period = str((source.get("retentionFilter") or {}).get("period") or "Day")
    cohorts = cohorts_of(results)
    table = numbers_of_cohorts(cohorts, period)
    if not any(any(one.counts) for one in cohorts):
        return _empty(table, f"Nobody began in {frame.period}")
    return Chart(
        spec=retention_chart(frame, cohorts, period), table=table, alt=retention_sentence(cohorts, period)
    )


def _events(frame: Frame, source: Mapping[str, Any], results: Any, columns: Sequence[str]) -> Chart:
    rows = results if isinstance(results, list) else []
    table = rows_of_events(columns, rows)
    if not table.rows:
        return _empty(table, f"No events in {frame.period}")
    return Chart(spec=None, table=table, alt=f"Table of {number(len(table.rows))} rows.")


_DISPLAYED = {
    "dateRange": ("date_from",),
    "trendsFilter": (
        "display",
        "aggregationAxisFormat",
        "aggregationAxisPrefix",
        "aggregationAxisPostfix",
    ),
    "funnelsFilter": ("funnelVizType",),
    "retentionFilter": ("period",),
}
_KINDS = {
    "TrendsQuery": _trends,
    "LifecycleQuery": _lifecycle,
    "StickinessQuery": _stickiness,
    "FunnelsQuery": _funnel,
    "RetentionQuery": _retention,
    "EventsQuery": _events,
}
