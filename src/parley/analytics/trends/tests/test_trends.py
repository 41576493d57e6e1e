"""Trends beside plain Python (trends_reference.py), on worlds that hypothesis makes."""

import math
from datetime import UTC, datetime
from itertools import accumulate, pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from parley.analytics.event_source.tests.events_world import PlainEvent, World, run_examples, stored, worlds
from parley.analytics.query_schema.formulas import evaluate
from parley.analytics.query_schema.kinds import TrendsQuery
from parley.analytics.query_schema.period import period_of, previous
from parley.analytics.query_schema.reading import read_query
from parley.analytics.trends.queries.answers import compute
from parley.analytics.trends.rules import NOT_SET, in_windows, interval_of, windows_of
from parley.analytics.trends.tests.trends_reference import DAYS, OTHER, before, numbers
from parley.kernel.http.authorization import Project
from parley.kernel.ids import new_uuid
from tests.effort import examples

NOW = datetime(2026, 4, 9, 12, tzinfo=UTC)
MATHS = ("total", "dau", "weekly_active", "monthly_active", "unique_session")
OF_NUMBERS = ("sum", "avg", "min", "max", "median", "p75", "p90", "p95", "p99")
TICKET = "$conversation_ticket_created"
CONDITIONS: tuple[list[dict[str, Any]], ...] = (
    [],
    [],
    [{"key": "s", "value": ["a"]}],
    [{"key": "s", "value": ["a"], "type": "person"}],
)


@st.composite
def nodes(draw: st.DrawFn) -> dict[str, Any]:
    event = draw(st.sampled_from(("visit", "visit", "sign up", None, TICKET)))
    is_ticket = event == TICKET
    math_ = draw(st.sampled_from(MATHS if is_ticket else (*MATHS, *OF_NUMBERS)))
    made = {"kind": "EventsNode", "event": event, "math": math_}
    if math_ in OF_NUMBERS:
        made["math_property"] = "n"
    return made | ({} if is_ticket else {"properties": draw(st.sampled_from(CONDITIONS))})


BREAKDOWNS: tuple[dict[str, Any], ...] = (
    {},
    {},
    {"breakdown": "s"},
    {"breakdown": "s", "breakdown_limit": 1},
    {"breakdown": "n", "breakdown_limit": 2},
    {"breakdown": "n", "breakdown_type": "person"},
    {"breakdown": "s", "breakdown_limit": 1, "breakdown_hide_other_aggregation": True},
    {"breakdowns": [{"property": "s"}, {"property": "s", "type": "person"}], "breakdown_limit": 2},
)
FILTERS: tuple[dict[str, Any], ...] = (
    {},
    {},
    {"display": "BoldNumber"},
    {"display": "ActionsLineGraphCumulative"},
    {"formula": "A / B * 100 - 1"},
    {"formulas": ["A + B", "B / (A - 1)"], "display": "ActionsBarValue"},
)


@st.composite
def queries(draw: st.DrawFn) -> dict[str, Any]:
    series = draw(st.lists(nodes(), min_size=2, max_size=2))
    divided = draw(st.sampled_from(BREAKDOWNS))
    if any(one["event"] == TICKET for one in series):
        divided = {}
    return {
        "kind": "TrendsQuery",
        "series": series,
        "interval": draw(st.sampled_from(("day", "day", "day", "hour", "week", "month"))),
        "dateRange": {"date_from": "2026-03-27", "date_to": "2026-04-07"},
        "breakdownFilter": divided,
        "compareFilter": draw(
            st.sampled_from(({}, {}, {"compare": True}, {"compare": True, "compare_to": "-9d"}))
        ),
        "trendsFilter": draw(st.sampled_from(FILTERS)),
    }


def project_of(project: Any, zone: str) -> Project:
    return Project(
        id=project.id,
        organization_id=project.id,
        name="",
        timezone=zone,
        conversations_enabled=True,
        settings={},
        api_token="",
        widget_token=None,
    )


def trends(raw: Any) -> TrendsQuery:
    found = read_query(raw)
    assert isinstance(found, TrendsQuery)
    return found


def expected(world: World, query: TrendsQuery, zone: str) -> dict[tuple[Any, ...], list[float]]:
    """By series or formula, period and values: the numbers."""
    period = period_of(query.date_range, query.interval, ZoneInfo(zone), NOW)
    periods = [period]
    if query.compare_filter.compare:
        periods.append(previous(period, query.compare_filter))
    parts, limit = query.breakdown_filter.parts, query.breakdown_filter.breakdown_limit
    of_series: dict[tuple[Any, ...], list[float]] = {}
    for n, node in enumerate(query.series):
        chosen = None
        for nth, one in enumerate(periods):
            edges = (one.start, one.end) if query.trends_filter.is_total else one.edges
            spans = list(pairwise(edges))
            if node.math in DAYS:
                spans = [(before(end, DAYS[node.math], ZoneInfo(zone)), end) for _, end in spans]
            found = numbers(world, node, parts, spans, limit, chosen)
            if chosen is None:
                chosen = [values for values in found if OTHER not in values]
                shown = list(found)
            for values in (*shown, *found):
                of_series[n, nth, values] = found.get(values, [0.0] * len(spans))
    if query.breakdown_filter.breakdown_hide_other_aggregation:
        of_series = {key: data for key, data in of_series.items() if OTHER not in key[2]}
    formulas = query.trends_filter.every_formula
    if not formulas:
        return of_series
    return {
        (n, nth, values): [
            evaluate(one.formula, [0 if at is None else at[i] for at in both]) for i in range(len(data))
        ]
        for n, one in enumerate(formulas)
        for (_, nth, values), data in of_series.items()
        for both in [[of_series.get((series, nth, values)) for series in range(len(query.series))]]
    }


def told(query: TrendsQuery, rows: Any) -> dict[tuple[Any, ...], list[float]]:
    found = {}
    for row in rows:
        values = row.get("breakdown_value", ())
        values = (values,) if isinstance(values, str) else tuple(values)
        key = (row["order"], int(row.get("compare_label") == "previous"), values)
        found[key] = [row["aggregated_value"]] if query.trends_filter.is_total else row["data"]
        assert len(row["data"]) == len(row["days"]) == len(row["labels"])
    assert len(found) == len(rows)
    return found


def check_same(got: dict[Any, list[float]], wanted: dict[Any, list[float]]) -> None:
    assert got.keys() == wanted.keys()
    for key, data in got.items():
        same = [
            math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-9) for x, y in zip(data, wanted[key], strict=True)
        ]
        assert all(same), (key, data, wanted[key])


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe"])
async def test_trends_beside_plain_python(database, project, zone):
    async def compared(world, raw):
        query = trends(raw)
        wanted = expected(world, query, zone)
        if query.trends_filter.display == "ActionsLineGraphCumulative":
            wanted = {key: list(accumulate(data)) for key, data in wanted.items()}
        async with stored(database, project.id, world) as source:
            found = await compute(source, project_of(project, zone), query, NOW)
        check_same(told(query, found.results), wanted)

    def check(wait):
        @settings(max_examples=examples(6), phases=[Phase.generate])
        @given(worlds(zone), queries())
        def compare(world, raw):
            wait(compared(world, raw))

        compare()

    await run_examples(check)


def happened(distinct_id: str, day: int, **properties: Any) -> PlainEvent:
    return PlainEvent(new_uuid(), "visit", distinct_id, datetime(2026, 3, day, 9, tzinfo=UTC), properties)


RANGE = {"dateRange": {"date_from": "2026-03-01", "date_to": "2026-03-03"}}


async def test_rows_are_told_as_posthog_tells_them(database, project):
    world = World(
        {}, {}, [happened("anna", 1, plan="pro"), happened("bert", 3, plan="pro"), happened("bert", 3)]
    )
    raw = {
        "kind": "TrendsQuery",
        "series": [{"kind": "EventsNode", "event": "visit", "custom_name": "Visits"}],
        "breakdownFilter": {"breakdown": "plan"},
        **RANGE,
    }
    async with stored(database, project.id, world) as source:
        found = await compute(source, project_of(project, "UTC"), trends(raw), NOW)
    assert [(row["label"], row["breakdown_value"], row["data"]) for row in found.results] == [
        ("pro", "pro", [1, 0, 1]),
        (NOT_SET, NOT_SET, [0, 0, 1]),
    ]
    first = found.results[0]
    assert first["days"] == ["2026-03-01", "2026-03-02", "2026-03-03"]
    assert first["labels"] == ["1-Mar-2026", "2-Mar-2026", "3-Mar-2026"]
    assert first["count"] == 2
    assert first["action"] == {
        "id": "visit",
        "type": "events",
        "order": 0,
        "name": "visit",
        "custom_name": "Visits",
        "math": "total",
        "math_property": None,
        "days": first["days"],
    }
    assert found.has_more is False
    assert found.timezone == "UTC"


async def test_persons_of_another_project_make_nobody_the_same(database, project, mallory):
    same = new_uuid()
    theirs = World({same: {}}, {"anna": same, "anna-phone": same}, [])
    world = World({}, {}, [happened("anna", 1), happened("anna-phone", 1)])
    raw = {
        "kind": "TrendsQuery",
        "series": [{"kind": "EventsNode", "event": "visit", "math": "dau"}],
        **RANGE,
    }
    async with stored(database, project.id, world) as source:
        await theirs.store(source._db, mallory.project_id)  # type: ignore[attr-defined]
        found = await compute(source, project_of(project, "UTC"), trends(raw), NOW)
    assert found.results[0]["data"] == [2, 0, 0]


@pytest.mark.parametrize("days", [1, 7, 30])
def test_windows_count_each_person_once_wherever_they_were_active(days):
    period = period_of(
        trends({"kind": "TrendsQuery", "series": [{}], **RANGE}).date_range, "day", ZoneInfo("UTC"), NOW
    )
    windows = windows_of(period.edges, days, period)
    counts = [(0, 1, 2), (1, None, 5), (len(windows.edges) - 2, None, 5)]
    active = [({0, 1}, 2), ({1}, 3), ({len(windows.edges) - 2}, 5)]
    assert in_windows(counts, windows) == [
        sum(count for cells, count in active if any(first <= cell < last for cell in cells))
        for first, last in windows.spans
    ]


@pytest.mark.parametrize(
    ("date_from", "display", "interval"),
    [("all", "BoldNumber", "month"), ("all", "ActionsLineGraph", "day"), ("-7d", "BoldNumber", "day")],
)
def test_one_number_for_all_of_the_time_needs_no_days(date_from, display, interval):
    series = [{"kind": "EventsNode", "event": "visit"}]
    asked = {"dateRange": {"date_from": date_from}, "trendsFilter": {"display": display}}
    assert interval_of(trends({"kind": "TrendsQuery", "series": series, **asked})) == interval
