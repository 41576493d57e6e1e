"""Trends of a project, as results of PostHog's form."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import msgspec

from parley.analytics.event_source.computed import Computed, computed
from parley.analytics.event_source.conditions import AsOf
from parley.analytics.event_source.errors import AnswerTooLarge
from parley.analytics.event_source.queries import earliest_of
from parley.analytics.event_source.source import EventSource
from parley.analytics.query_schema.kinds import TrendsQuery
from parley.analytics.query_schema.period import Period, period_of, previous
from parley.analytics.trends.queries.counting import Counted, counting
from parley.analytics.trends.rules import (
    OTHER,
    ROLLING,
    Numbers,
    Values,
    in_windows,
    interval_of,
    most_first,
    n_numbers,
    result_rows,
    windows_of,
)
from parley.kernel.http.authorization import Project
from parley.kernel.text.time_zones import zone

MOST_NUMBERS = 300_000
"""Of an answer: with the days that they are of, more never fit into it."""
MOST_COUNTED = 1_000_000
"""Numbers of all series together, which formulas may make fewer of."""


async def compute(source: EventSource, project: Project, query: TrendsQuery, now: datetime) -> Computed:
    """Answer trends: a row for each series, value of the breakdown and period; formulas take the place of the series.

    What is compared with has the values that are shown for the period itself.
    """
    as_of = AsOf(zone(project.timezone), now)
    earliest = await earliest_of(source, project.id, query.date_range)
    period = period_of(query.date_range, interval_of(query), as_of.zone, now, earliest=earliest)
    periods, answers = [period], [await _numbers_of_all(source, project.id, query, period, as_of)]
    if query.compare_filter.compare:
        periods.append(previous(period, query.compare_filter))
        answers.append(await _numbers_of_all(source, project.id, query, periods[1], as_of, chosen=answers[0]))
    has_more = any(OTHER in values for numbers in answers[0] for values in numbers)
    if query.breakdown_filter.breakdown_hide_other_aggregation:
        answers = [[_without_others(numbers) for numbers in one] for one in answers]
    if n_numbers(query, periods, answers) > MOST_NUMBERS:
        raise AnswerTooLarge
    # In a thread, since it may take a second.
    found = computed(await asyncio.to_thread(result_rows, query, periods, answers), period)
    return msgspec.structs.replace(found, has_more=has_more)


def _without_others(numbers: Numbers) -> Numbers:
    return {values: data for values, data in numbers.items() if OTHER not in values}


async def _numbers_of_all(
    source: EventSource,
    project_id: int,
    query: TrendsQuery,
    period: Period,
    as_of: AsOf,
    *,
    chosen: Sequence[Numbers] | None = None,
) -> list[Numbers]:
    """Return the numbers of each series, with those of the chosen values apart, or of the most frequent ones."""
    edges = (period.start, period.end) if query.trends_filter.is_total else period.edges
    found = []
    for n, node in enumerate(query.series):
        counted = Counted(
            project_id=project_id,
            node=node,
            groups=(query.properties, node.properties),
            edges=edges,
            as_of=as_of,
            breakdown=query.breakdown_filter,
            chosen=None if chosen is None else tuple(values for values in chosen[n] if OTHER not in values),
            joins_each=source.joins_fast,
        )
        numbers = await _numbers(source, counted, period)
        if not query.breakdown_filter.parts:
            numbers = numbers or {(): [0.0] * (len(edges) - 1)}
        found.append(numbers if chosen is None else _in_order_of(chosen[n], numbers, len(edges) - 1))
        if sum(map(len, found)) * (len(edges) - 1) > MOST_COUNTED:
            raise AnswerTooLarge
    return found


async def _numbers(source: EventSource, counted: Counted, period: Period) -> Numbers:
    days = ROLLING.get(counted.node.math)
    if days:
        windows = windows_of(counted.edges, days, period)
        rows = await source.rows(counting(msgspec.structs.replace(counted, edges=windows.edges)))
        pairs: defaultdict[Values, list[tuple[int, int | None, int]]] = defaultdict(list)
        for cell, following, *values, count in rows:
            pairs[tuple(values)].append((cell, following - 1 if following else None, count))
        return most_first({values: in_windows(one, windows) for values, one in pairs.items()})
    numbers: defaultdict[Values, list[float]] = defaultdict(lambda: [0.0] * (len(counted.edges) - 1))
    for n, *values, number in await source.rows(counting(counted)):
        numbers[tuple(values)][n] = float(number or 0)
    return most_first(numbers)


def _in_order_of(first: Numbers, numbers: Numbers, length: int) -> Numbers:
    """Return the numbers in the order of others, nothing where there are none, and what is only here at last."""
    return {values: numbers.get(values, [0.0] * length) for values in (*first, *numbers)}
