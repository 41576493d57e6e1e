"""Funnels: one statement each, over the events of the steps (ix_event_named), or over all for strict ones."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, BigInteger, ColumnElement, Integer, and_, case, func, literal, select

from parley.analytics.event_source.computed import Computed, computed
from parley.analytics.event_source.conditions import AsOf
from parley.analytics.event_source.queries import earliest_of
from parley.analytics.event_source.source import EventSource
from parley.analytics.funnels.functions import whole_part
from parley.analytics.funnels.queries.best_ways import best
from parley.analytics.funnels.queries.steps import steps_of, value_names
from parley.analytics.funnels.rules import (
    MAX_BINS,
    OTHER,
    SECOND_US,
    path_of,
    rate,
    step_rows,
    steps_between,
)
from parley.analytics.query_schema.kinds import FunnelsQuery
from parley.analytics.query_schema.period import Period, period_of
from parley.kernel.http.authorization import Project
from parley.kernel.sql_functions.aggregates import percentile
from parley.kernel.text.time_zones import zone


async def compute(source: EventSource, project: Project, query: FunnelsQuery, now: datetime) -> Computed:
    """Answer a funnel: rows of steps (a list of them for each value of a breakdown), bins of times, or rates by interval."""
    period, as_of = await funnel_period(source, project, query, now), AsOf(zone(project.timezone), now)
    kind = query.funnels_filter.funnel_viz_type
    if kind == "steps":
        results: Any = await _steps(source, project.id, query, period, as_of)
    elif kind == "trends":
        results = await _rates(source, project.id, query, period, as_of)
    else:
        results = await _times(source, project.id, query, period, as_of)
    return computed(results, period)


async def funnel_period(source: EventSource, project: Project, query: FunnelsQuery, now: datetime) -> Period:
    """Return the period of a funnel; only where rates are shown by intervals does it matter how many there are."""
    interval = query.interval if query.funnels_filter.funnel_viz_type == "trends" else "month"
    earliest = await earliest_of(source, project.id, query.date_range)
    return period_of(query.date_range, interval, zone(project.timezone), now, earliest=earliest)


async def _steps(
    source: EventSource, project_id: int, query: FunnelsQuery, period: Period, as_of: AsOf
) -> list[Any]:
    found, values = _winners(project_id, query, period, as_of)
    numbers: list[ColumnElement[Any]] = [func.count(found.c.t1).label("people1")]
    for step in range(2, len(query.series) + 1):
        took = found.c[f"t{step}"] - found.c[f"t{step - 1}"]
        numbers += [
            func.count(found.c[f"t{step}"]).label(f"people{step}"),
            func.avg(took).label(f"average{step}"),
            percentile(0.5, took).label(f"median{step}"),
        ]
    rows = await source.rows(_by_value(found, values, query, numbers))
    if not values:
        return step_rows(query.series, rows[0]._mapping)
    return [
        [
            {**one, "breakdown": list(row[: len(values)]), "breakdown_value": list(row[: len(values)])}
            for one in steps
        ]
        for row in _most_first(rows, len(values))
        for steps in [step_rows(query.series, row._mapping)]
    ]


async def _times(
    source: EventSource, project_id: int, query: FunnelsQuery, period: Period, as_of: AsOf
) -> dict[str, Any]:
    """Return bins of whole seconds, each with where it begins; nothing said, as many as the cube root of the persons."""
    first, last = steps_between(query.funnels_filter, len(query.series))
    found = best(steps_of(project_id, query, period, as_of), path_of(query))
    took = whole_part(found.c[f"t{last}"] - found.c[f"t{first}"], literal(SECOND_US, BigInteger))
    times = select(took.label("s")).where(found.c[f"t{last}"].is_not(None)).cte("times")
    of_all = select(
        func.min(times.c.s).label("least"), func.max(times.c.s).label("most"), func.count().label("n")
    ).cte("of_all")
    wanted: Any = query.funnels_filter.bin_count
    n_bins = (
        literal(wanted, Integer)
        if wanted
        else case(*((of_all.c.n <= root**3, root) for root in range(1, MAX_BINS)), else_=MAX_BINS)
    )
    sized = select(of_all, n_bins.label("n_bins")).where(of_all.c.n > 0).cte("sized")
    width = whole_part(sized.c.most - sized.c.least + sized.c.n_bins, sized.c.n_bins)
    bins = select(sized.c.least, sized.c.n_bins, width.label("width")).cte("bins")
    nth = whole_part(times.c.s - bins.c.least, bins.c.width)
    counted = select(nth.label("nth"), func.count(), func.sum(times.c.s), *bins.c)
    rows = await source.rows(
        counted.select_from(times.join(bins, literal(1, Integer) == 1)).group_by(nth, *bins.c)
    )
    if not rows:
        return {"bins": [], "average_conversion_time": None}
    least, n, width_s = rows[0][3:]
    counts = {row[0]: row[1] for row in rows}
    average = sum(int(row[2]) for row in rows) / sum(counts.values())
    return {
        "bins": [[least + width_s * nth, counts.get(nth, 0)] for nth in range(n)],
        "average_conversion_time": round(average),
    }


async def _rates(
    source: EventSource, project_id: int, query: FunnelsQuery, period: Period, as_of: AsOf
) -> list[dict[str, Any]]:
    """Return how many percent went on, by the interval in which they began: each actor counts once in each."""
    first, last = steps_between(query.funnels_filter, len(query.series))
    found, values = _winners(project_id, query, period, as_of, with_bucket=True)
    numbers = [
        func.count(found.c[f"t{first}"]).label("began"),
        func.count(found.c[f"t{last}"]).label("went_on"),
    ]
    rows = await source.rows(_by_value(found, values, query, numbers, found.c.bucket.label("nth")))
    lines: dict[tuple[str, ...], dict[int, float]] = defaultdict(dict)
    for row in rows:
        lines[tuple(row[: len(values)])][row.nth] = rate(row.began, row.went_on)
    totals: dict[tuple[str, ...], int] = defaultdict(int)
    for row in rows:
        totals[tuple(row[: len(values)])] += row.began
    if not values:
        return [_line(lines[()], period)]
    order = sorted(lines, key=lambda value: (OTHER in value, -totals[value], value))
    return [{**_line(lines[value], period), "breakdown_value": list(value)} for value in order]


def _line(rates: dict[int, float], period: Period) -> dict[str, Any]:
    n = len(period.edges) - 1
    data = [rates.get(nth, 0.0) for nth in range(n)]
    return {"count": n, "data": data, "days": period.days, "labels": period.labels}


def _winners(
    project_id: int, query: FunnelsQuery, period: Period, as_of: AsOf, *, with_bucket: bool = False
) -> tuple[CTE, list[str]]:
    """Return how far each actor came, and the columns that hold the values of the breakdown."""
    values = value_names(query)
    is_apart = query.funnels_filter.breakdown_attribution_type == "all_events"
    each = ("bucket",) if with_bucket else ()
    path = path_of(query, apart=values if is_apart else (), carried=[*([] if is_apart else values), *each])
    steps = steps_of(project_id, query, period, as_of, with_bucket=with_bucket)
    return best(steps, path, each=each), values


def _by_value(
    found: CTE, values: Sequence[str], query: FunnelsQuery, numbers: Sequence[Any], *more: Any
) -> Any:
    """Count by the most frequent values of the breakdown; what is not among them is OTHER, or left out if that is wished."""
    counted = select(*more, *numbers).group_by(*more) if more else select(*numbers)
    if not values:
        return counted
    columns = [found.c[name] for name in values]
    most = (
        select(*columns)
        .group_by(*columns)
        .order_by(func.count(found.c.t1).desc(), func.min(found.c.t1), *columns)
        .limit(query.breakdown_filter.breakdown_limit)
        .cte("most")
    )
    is_same = and_(*(most.c[name] == found.c[name] for name in values))
    is_inner = query.breakdown_filter.breakdown_hide_other_aggregation
    shown = [func.coalesce(most.c[name], OTHER).label(f"value{n}") for n, name in enumerate(values)]
    joined = found.join(most, is_same, isouter=not is_inner)
    return select(*shown, *more, *numbers).select_from(joined).group_by(*shown, *more)


def _most_first(rows: Sequence[Any], n_values: int) -> list[Any]:
    return sorted(rows, key=lambda row: (OTHER in row[:n_values], -row.people1, tuple(row[:n_values])))
