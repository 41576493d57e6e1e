"""Lifecycle beside plain Python."""

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
from parley.analytics.lifecycle.compute import compute_lifecycle
from parley.analytics.lifecycle.tests.lifecycle_reference import lives
from parley.analytics.query_schema.dates import moved
from parley.analytics.query_schema.period import instant, period_of
from parley.analytics.query_schema.reading import read_query
from parley.kernel.ids import new_uuid
from tests.effort import examples

NOW = datetime(2026, 4, 8, 12, tzinfo=UTC)
CASES = st.sampled_from(ZONES).flatmap(lambda zone: st.tuples(st.just(zone), worlds(zone)))
VISIT = {"kind": "EventsNode", "event": "visit"}


def asked(**more):
    return read_query({"kind": "LifecycleQuery", "series": [VISIT], **more})


async def test_lifecycle_beside_plain_python(database, project):
    def check(wait):
        @settings(max_examples=examples(8))
        @given(CASES, st.sampled_from(["day", "week", "month"]), st.booleans())
        def compare(case, interval, is_narrow):
            zone, world = case
            wait(compared(zone, world, interval, is_narrow))

        compare()

    async def compared(zone, world, interval, is_narrow):
        properties = [{"key": "s", "value": ["a"]}] if is_narrow else []
        dates = {"date_from": "2026-03-05", "date_to": "2026-04-06"}
        query = asked(interval=interval, dateRange=dates, properties=properties)
        period = period_of(query.date_range, interval, ZoneInfo(zone), NOW)
        first = period.edges[0].astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        before = instant(moved(first, interval, -1), ZoneInfo(zone))

        def is_active(one):
            return one.event == "visit" and (not is_narrow or one.properties.get("s") == "a")

        async with stored(database, project.id, world) as source:
            found = await compute_lifecycle(source, in_zone(project.id, zone), query, NOW)
        got = {row["status"]: row["data"] for row in found.results}
        assert got == lives(world, period.edges, before, is_active)

    await run_examples(check)


async def test_rows_are_of_one_status_each_and_may_be_chosen(database, project):
    moments = [datetime(2026, 3, day, 9, tzinfo=UTC) for day in (1, 3, 5, 6)]
    world = World({}, {}, [PlainEvent(new_uuid(), "visit", "anna", at, {}) for at in moments])
    dates = {"date_from": "2026-03-04", "date_to": "2026-03-07"}
    async with stored(database, project.id, world) as source:
        here = in_zone(project.id, "UTC")
        rows = (await compute_lifecycle(source, here, asked(dateRange=dates), NOW)).results
        assert {row["status"]: row["data"] for row in rows} == {
            "new": [0, 0, 0, 0],
            "returning": [0, 0, 1, 0],
            "resurrecting": [0, 1, 0, 0],
            "dormant": [-1, 0, 0, -1],
        }
        assert (rows[0]["label"], rows[0]["days"][0], rows[3]["count"]) == ("visit - new", "2026-03-04", -2)
        chosen = asked(
            dateRange={"date_from": "all"}, lifecycleFilter={"toggledLifecycles": ["dormant", "new"]}
        )
        rows = (await compute_lifecycle(source, here, chosen, NOW)).results
        assert [(row["status"], row["count"]) for row in rows] == [("new", 1), ("dormant", -3)]
    async with stored(database, project.id, World({}, {}, [])) as source:
        rows = (await compute_lifecycle(source, here, chosen, NOW)).results
        assert rows[0]["data"] == [0]
