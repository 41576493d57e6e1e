"""Retention beside plain Python."""

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
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
from parley.analytics.query_schema.reading import read_query
from parley.analytics.retention.compute import compute_retention
from parley.analytics.retention.rules import cohort_period
from parley.analytics.retention.tests.retention_reference import retained
from parley.kernel.ids import new_uuid
from tests.effort import examples

NOW = datetime(2026, 4, 8, 12, tzinfo=UTC)
CASES = st.sampled_from(ZONES).flatmap(lambda zone: st.tuples(st.just(zone), worlds(zone)))


def asked(dates=None, **more):
    return read_query({"kind": "RetentionQuery", "dateRange": dates or {}, "retentionFilter": more})


async def test_retention_beside_plain_python(database, project):
    def check(wait):
        @settings(max_examples=examples(10))
        @given(CASES, st.sampled_from(["Day", "Week", "Month"]), st.booleans(), st.booleans())
        def compare(case, period, is_first_time, is_other):
            zone, world = case
            wait(compared(zone, world, period, is_first_time, is_other))

        compare()

    async def compared(zone, world, unit, is_first_time, is_other):
        target = {"id": "visit", "properties": [{"key": "s", "value": ["a"]}] if is_other else []}
        query = asked(
            {"date_to": "2026-04-06"},
            retentionType="retention_first_time" if is_first_time else "retention_recurring",
            period=unit,
            totalIntervals=8,
            targetEntity=target,
            returningEntity={"id": None if is_other else "visit"},
        )
        period = cohort_period(query, ZoneInfo(zone), NOW)

        def begins(one):
            return one.event == "visit" and (not is_other or one.properties.get("s") == "a")

        def returns(one):
            return not one.event.startswith("$conversation_") if is_other else one.event == "visit"

        expected = retained(world, period.edges, begins, returns, is_first_time=is_first_time)
        async with stored(database, project.id, world) as source:
            found = await compute_retention(source, in_zone(project.id, zone), query, NOW)
        assert [[one["count"] for one in row.values] for row in found.results] == expected

    await run_examples(check)


async def test_rows_say_when_they_begin_and_are_no_longer_than_asked_for(database, project):
    moments = [datetime(2026, 4, day, 9, tzinfo=UTC) for day in (1, 2, 4)]
    world = World({}, {}, [PlainEvent(new_uuid(), "$pageview", "anna", at, {}) for at in moments])
    async with stored(database, project.id, world) as source:
        here = in_zone(project.id, "Europe/Berlin")
        query = asked({"date_from": "2026-04-01", "date_to": "2026-04-04"}, totalIntervals=3)
        rows = (await compute_retention(source, here, query, NOW)).results
        assert (rows[1].label, rows[1].date) == ("Day 1", "2026-04-02T00:00:00+02:00")
        assert [[one["count"] for one in row.values] for row in rows] == [[1, 1, 0], [1, 0, 1], [0, 0], [1]]
        found = await compute_retention(source, here, asked({"date_from": "all"}), NOW)
        assert len(found.results) == 8 and found.results[0].date.startswith("2026-04-01")


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("unit", ["Hour", "Day", "Week", "Month"])
@pytest.mark.parametrize("date_to", [None, "2026-03-29", "2026-10-25T04:10", "2026-04-05T02:10"])
def test_there_are_as_many_periods_as_asked_for_and_the_last_has_the_end(zone, unit, date_to):
    period = cohort_period(asked({"date_to": date_to}, period=unit, totalIntervals=12), ZoneInfo(zone), NOW)
    assert len(period.edges) == 13 and period.edges[-1] == period.end
    assert all(sooner < later for sooner, later in pairwise(period.edges))
    if date_to is None:
        assert period.edges[-2] <= NOW < period.end
