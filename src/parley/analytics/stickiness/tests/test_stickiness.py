"""Stickiness beside plain Python."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from parley.analytics.event_source.tests.events_world import (
    ZONES,
    PlainEvent,
    World,
    in_zone,
    run_examples,
    stored,
    worlds,
)
from parley.analytics.query_schema.period import period_of, previous
from parley.analytics.query_schema.reading import read_query
from parley.analytics.stickiness.compute import compute_stickiness
from parley.analytics.stickiness.tests.stickiness_reference import faithful
from parley.kernel.ids import new_uuid
from tests.effort import examples

NOW = datetime(2026, 4, 8, 12, tzinfo=UTC)
CASES = st.sampled_from(ZONES).flatmap(lambda zone: st.tuples(st.just(zone), worlds(zone)))
DATES = {"date_from": "2026-03-05", "date_to": "2026-04-06"}
VISIT = {"kind": "EventsNode", "event": "visit"}


def asked(**more):
    return read_query({"kind": "StickinessQuery", "series": [VISIT], "dateRange": DATES, **more})


async def test_stickiness_beside_plain_python(database, project):
    def check(wait):
        @settings(max_examples=examples(8))
        @given(CASES, st.sampled_from(["day", "week", "month"]))
        def compare(case, interval):
            zone, world = case
            wait(compared(zone, world, interval))

        compare()

    async def compared(zone, world, interval):
        condition = [{"key": "s", "value": ["a"]}]
        series = [VISIT, {**VISIT, "properties": condition}, {"kind": "EventsNode", "event": None}]
        query = asked(series=series, interval=interval, compareFilter={"compare": True})
        now = period_of(query.date_range, interval, ZoneInfo(zone), NOW)
        ways = (
            lambda one: one.event == "visit",
            lambda one: one.event == "visit" and one.properties.get("s") == "a",
            lambda one: not one.event.startswith("$conversation_"),
        )
        expected = [
            faithful(world, period, is_active)
            for period in (now, previous(now, query.compare_filter))
            for is_active in ways
        ]
        async with stored(database, project.id, world) as source:
            found = await compute_stickiness(source, in_zone(project.id, zone), query, NOW)
        assert [row["data"] for row in found.results] == expected

    await run_examples(check)


async def test_a_row_counts_its_intervals_and_may_add_them_up(database, project):
    async with stored(database, project.id, some_world()) as source:
        here = in_zone(project.id, "UTC")
        query = asked(dateRange={"date_from": "2026-03-01", "date_to": "2026-03-03"})
        [row] = (await compute_stickiness(source, here, query, NOW)).results
        assert (row["days"], row["labels"]) == ([1, 2, 3], ["1 day", "2 days", "3 days"])
        assert (row["label"], row["count"], row["data"]) == ("visit", 3, [2, 0, 1])
        query = asked(dateRange={"date_from": "2026-03-01"}, stickinessFilter={"computedAs": "cumulative"})
        [row] = (await compute_stickiness(source, here, query, NOW)).results
        assert (row["count"], row["data"][:4]) == (3, [3, 1, 1, 0])
        query = asked(dateRange={"date_from": "all"})
        assert (await compute_stickiness(source, here, query, NOW)).results[0]["data"][:3] == [2, 0, 1]


def some_world():
    days = {"anna": (1, 1, 2, 3), "bert": (2,), "nobody": (3,)}
    events = [
        PlainEvent(new_uuid(), "visit", who, datetime(2026, 3, day, 9, tzinfo=UTC), {})
        for who, found in days.items()
        for day in found
    ]
    return World({}, {}, events)
