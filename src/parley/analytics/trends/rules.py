"""How the numbers of trends are told, as PostHog tells them."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

import msgspec

from parley.analytics.query_schema.dates import ALL_TIME
from parley.analytics.query_schema.formulas import evaluate_each
from parley.analytics.query_schema.kinds import TrendsQuery
from parley.analytics.query_schema.period import Period, instant
from parley.analytics.query_schema.schemas import EventsNode, FormulaNode, Interval

OTHER, NOT_SET = "$$_posthog_breakdown_other_$$", "$$_posthog_breakdown_null_$$"
ROLLING = {"weekly_active": 7, "monthly_active": 30}
"""Over how many days persons are counted, whatever the interval is."""
SHARES = {"median": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95, "p99": 0.99}

Values = tuple[str, ...]
Numbers = dict[Values, list[float]]
"""By the values of the breakdown, () where there is none: a number for each interval, or one for all of the time."""


def interval_of(query: TrendsQuery) -> Interval:
    """Return the interval of a query; one number for all of the time needs none, so no time has too many of them."""
    is_whole = query.trends_filter.is_total and query.date_range.date_from == ALL_TIME
    return "month" if is_whole else query.interval


class Windows(msgspec.Struct, frozen=True):
    """Times that overlap, in order: each from one edge of cells, which don't, to before another one."""

    edges: tuple[datetime, ...]
    spans: tuple[tuple[int, int], ...]


def windows_of(edges: Sequence[datetime], days: int, period: Period) -> Windows:
    """Return the time of so many days on the wall before each edge but the first."""
    walls = [edge.astimezone(period.zone).replace(tzinfo=None) for edge in edges[1:]]
    starts = [instant(wall - timedelta(days=days), period.zone).astimezone(UTC) for wall in walls]
    cells = sorted({*starts, *edges[1:]})
    at = {edge: n for n, edge in enumerate(cells)}
    spans = tuple((at[start], at[end]) for start, end in zip(starts, edges[1:], strict=True))
    return Windows(tuple(cells), spans)


def in_windows(counts: Iterable[tuple[int, int | None, int]], windows: Windows) -> list[float]:
    """Return how many persons were active in each window.

    Each count is of persons who were active in one cell, and after it for the first time in another one (None: never).
    """
    firsts, ends = [span[0] for span in windows.spans], [span[1] for span in windows.spans]
    changes = [0] * (len(ends) + 1)
    for cell, following, count in counts:
        first, after = bisect_right(ends, cell), bisect_right(firsts, cell)
        if following is not None:  # those windows count the persons there
            after = min(after, bisect_right(ends, following))
        if first < after:
            changes[first] += count
            changes[after] -= count
    return [float(one) for one in accumulate(changes[:-1])]


def most_first(numbers: Numbers) -> Numbers:
    """Return the largest first; then what has no value, and all others at last."""
    return dict(
        sorted(numbers.items(), key=lambda one: (OTHER in one[0], NOT_SET in one[0], -sum(one[1]), one[0]))
    )


def n_numbers(query: TrendsQuery, periods: Sequence[Period], answers: Sequence[Sequence[Numbers]]) -> int:
    """Return how many numbers the rows of a query will have together."""
    n_formulas, found = len(query.trends_filter.every_formula), 0
    for period, series in zip(periods, answers, strict=True):
        n_intervals = 1 if query.trends_filter.is_total else len(period.edges) - 1
        n_rows = n_formulas * len(set().union(*series)) if n_formulas else sum(map(len, series))
        found += n_rows * n_intervals
    return found


def result_rows(
    query: TrendsQuery, periods: Sequence[Period], answers: Sequence[Sequence[Numbers]]
) -> list[dict[str, Any]]:
    """Return the rows of a query; `answers` has the numbers of each series in each of the periods."""
    formulas = query.trends_filter.every_formula
    labels = [{"compare": True, "compare_label": one} for one in ("current", "previous")]
    told = list(zip(periods, answers, labels if len(periods) > 1 else [{}], strict=True))
    if not formulas:
        return [
            _row(query, period, values, data, _of_series(query, n, period) | compared)
            for n in range(len(query.series))
            for period, numbers, compared in told
            for values, data in numbers[n].items()
        ]
    return [
        _row(query, period, values, data, _of_formula(one, n) | compared)
        for n, one in enumerate(formulas)
        for period, numbers, compared in told
        for values, data in _computed(one.formula, numbers).items()
    ]


def _computed(formula: str, series: Sequence[Numbers]) -> Numbers:
    every = {values: len(data) for one in series for values, data in one.items()}
    return most_first(
        {
            values: evaluate_each(formula, [one.get(values) or [0.0] * n for one in series])
            for values, n in every.items()
        }
    )


def _of_series(query: TrendsQuery, n: int, period: Period) -> dict[str, Any]:
    node = query.series[n]
    return {"label": node.event or "All events", "order": n, "action": _action(node, n, period)}


def _of_formula(one: FormulaNode, n: int) -> dict[str, Any]:
    return {"label": one.custom_name or f"Formula ({one.formula})", "order": n}


def _action(node: EventsNode, n: int, period: Period) -> dict[str, Any]:
    return {
        "id": node.event,
        "type": "events",
        "order": n,
        "name": node.name or node.event or "All events",
        "custom_name": node.custom_name,
        "math": node.math,
        "math_property": node.math_property,
        "days": period.days,
    }


def _row(
    query: TrendsQuery, period: Period, values: Values, data: Sequence[float], about: Mapping[str, Any]
) -> dict[str, Any]:
    row: dict[str, Any] = {"action": None, **about}
    if values:
        is_alone = len(query.trends_filter.every_formula or query.series) == 1
        shown = "::".join(values)
        row["label"] = shown if is_alone else f"{about['label']} - {shown}"
        row["breakdown_value"] = list(values) if query.breakdown_filter.is_multiple else values[0]
    if query.trends_filter.is_total:
        return {**row, "aggregated_value": _plain(data[0]), "count": 0, "data": [], "labels": [], "days": []}
    is_cumulative = query.trends_filter.display == "ActionsLineGraphCumulative"
    shown_data = list(accumulate(data)) if is_cumulative else list(data)
    return {
        **row,
        "aggregated_value": None,
        "count": _plain(shown_data[-1] if is_cumulative else sum(data)),
        "data": [_plain(one) for one in shown_data],
        "labels": period.labels,
        "days": period.days,
    }


def _plain(number: float) -> float | int:
    return int(number) if number.is_integer() and abs(number) < 2**53 else number
