"""Funnels beside plain Python (funnel_reference.py), on worlds that hypothesis makes."""

import statistics
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from parley.analytics.event_source.tests.events_world import World, run_examples, stored, worlds
from parley.analytics.funnels.queries.answers import compute
from parley.analytics.funnels.rules import NOT_SET, rate
from parley.analytics.funnels.tests.funnel_reference import PlainFunnel, value_of_each, winners
from parley.analytics.query_schema.kinds import FunnelsQuery
from parley.analytics.query_schema.period import period_of
from parley.analytics.query_schema.reading import read_query
from parley.analytics.query_schema.schemas import DateRange
from parley.kernel.http.authorization import Project
from tests.effort import examples

NOW = datetime(2026, 4, 9, 12, tzinfo=UTC)
ZONE = "Europe/Berlin"
DATES = {"date_from": "2026-03-27", "date_to": "2026-04-03"}
PERIOD = period_of(DateRange(**DATES), "day", ZoneInfo(ZONE), NOW)
WINDOWS = ((14, "day"), (1, "hour"), (1, "day"), (150, "minute"), (1, "second"))
UNITS = {
    "day": timedelta(days=1),
    "hour": timedelta(hours=1),
    "minute": timedelta(minutes=1),
    "second": timedelta(seconds=1),
}
ANY, TICKET = None, "$conversation_ticket_created"


def node(event, **more):
    return {"kind": "EventsNode", "event": event, **more}


def with_s(value):
    return {"properties": [{"key": "s", "value": [value], "operator": "exact", "type": "event"}]}


NODES = (
    node("visit"),
    node("visit"),
    node("sign up"),
    node("pay"),
    node("visit", **with_s("a")),
    node(ANY),
    node(TICKET),
    node("visit", properties=[{"key": "s", "value": ["b"], "type": "person"}]),
)
EXCLUSIONS = st.one_of(
    st.just(()),
    st.lists(
        st.tuples(
            st.sampled_from((node("pay"), node("sign up", **with_s("a")))),
            st.integers(0, 3),
            st.integers(1, 3),
        ),
        min_size=1,
        max_size=2,
    ),
)


@st.composite
def queries(draw: st.DrawFn, nodes: Any = NODES) -> dict[str, Any]:
    """A funnel as it is sent."""
    series = draw(st.lists(st.sampled_from(nodes), min_size=2, max_size=4))
    order = draw(st.sampled_from(("ordered", "ordered", "ordered", "strict", "unordered")))
    window, unit = draw(st.sampled_from(WINDOWS))
    wanted = {"funnelOrderType": order, "funnelWindowInterval": window, "funnelWindowIntervalUnit": unit}
    last = len(series) - 1
    if order == "ordered":
        wanted["exclusions"] = [
            {
                **event,
                "funnelFromStep": min(first, last - 1),
                "funnelToStep": max(min(to, last), min(first, last - 1) + 1),
            }
            for event, first, to in draw(EXCLUSIONS)
        ]
    elif order == "unordered":
        wanted["exclusions"] = [event for event, _, _ in draw(EXCLUSIONS)]
    return {"kind": "FunnelsQuery", "series": series, "dateRange": DATES, "funnelsFilter": wanted}


def funnel(raw) -> FunnelsQuery:
    found = read_query(raw)
    assert isinstance(found, FunnelsQuery)
    return found


def project_of(project):
    return Project(
        id=project.id,
        organization_id=project.organization_id if hasattr(project, "organization_id") else project.id,
        name="",
        timezone=ZONE,
        conversations_enabled=True,
        settings={},
        api_token="",
        widget_token=None,
    )


def step(world: World, raw):
    def is_it(event):
        is_named = (
            event.event == raw["event"] if raw["event"] else not event.event.startswith("$conversation_")
        )
        for one in raw.get("properties", ()):
            of_person = world.person_properties(event.distinct_id)
            found = (of_person if one["type"] == "person" else event.properties).get("s")
            is_named = is_named and found == one["value"][0]
        return is_named

    return is_it


def plain(world: World, raw) -> PlainFunnel:
    wanted = raw["funnelsFilter"]
    last = len(raw["series"])
    return PlainFunnel(
        [step(world, one) for one in raw["series"]],
        wanted["funnelOrderType"],
        wanted["funnelWindowInterval"] * UNITS[wanted["funnelWindowIntervalUnit"]],
        [
            (step(world, one), one.get("funnelFromStep", 0) + 1, one.get("funnelToStep", last - 1) + 1)
            for one in wanted.get("exclusions", ())
        ],
    )


def within(world: World) -> World:
    events = [one for one in world.events if PERIOD.start <= one.timestamp < PERIOD.end]
    return World(world.persons, world.owners, events)


def numbers(ways, n_steps):
    """(count, average, median) of each step."""
    found = []
    for n in range(n_steps):
        reached = [way for way in ways if len(way.times) > n]
        took = [(way.times[n] - way.times[n - 1]).total_seconds() for way in reached] if n else []
        found.append(
            (len(reached), statistics.fmean(took), statistics.median(took))
            if took
            else (len(reached), None, None)
        )
    return found


def told(rows):
    return [(row["count"], row["average_conversion_time"], row["median_conversion_time"]) for row in rows]


def same(one, other):
    """Are the numbers equal, but for what is beyond a microsecond."""
    return [tuple(x and round(x, 5) for x in row) for row in one] == [
        tuple(x and round(x, 5) for x in row) for row in other
    ]


async def compared(database, project, world, raw, check):
    async with stored(database, project.id, world) as source:
        check((await compute(source, project_of(project), funnel(raw), NOW)).results)


def tried(database, project, strategy, expect, n):
    """Compare what `expect(world, query)` says with the answer, which it is given."""

    def check(wait):
        @settings(max_examples=examples(n))
        @given(worlds(ZONE), strategy)
        def compare(world, raw):
            wait(compared(database, project, world, raw, lambda results: expect(within(world), raw, results)))

        compare()

    return run_examples(check)


async def test_steps_are_those_of_plain_python(database, project):
    def expect(world, raw, results):
        ways = winners(world, plain(world, raw)).values()
        assert same(told(results), numbers(ways, len(raw["series"]))), told(results)

    await tried(database, project, queries(), expect, 12)


@st.composite
def divided(draw: st.DrawFn) -> dict[str, Any]:
    raw = draw(queries([one for one in NODES if one["event"] != TICKET]))
    attribution = draw(st.sampled_from(("first_touch", "last_touch", "step", "all_events")))
    raw["funnelsFilter"] |= {"breakdownAttributionType": attribution}
    if attribution == "step":
        raw["funnelsFilter"]["breakdownAttributionValue"] = draw(st.integers(0, len(raw["series"]) - 1))
    type = draw(st.sampled_from(("event", "person")))
    raw["breakdownFilter"] = {"breakdown": "s", "breakdown_type": type}
    return raw


def value_in(world, raw):
    def of_event(event):
        is_of_person = raw["breakdownFilter"]["breakdown_type"] == "person"
        return (world.person_properties(event.distinct_id) if is_of_person else event.properties).get("s")

    return of_event


async def test_breakdowns_are_those_of_plain_python(database, project):
    def expect(world, raw, results):
        wanted = raw["funnelsFilter"]
        steps, value = plain(world, raw), value_in(world, raw)
        kind = wanted["breakdownAttributionType"]
        if kind == "all_events":
            steps.value, steps.is_apart = value, True
        own = value_of_each(world, steps, kind, value, wanted.get("breakdownAttributionValue", 0))
        groups = defaultdict(list)
        for (actor, apart, _), way in winners(world, steps).items():
            groups[(apart if kind == "all_events" else own.get(actor)) or NOT_SET].append(way)
        assert sorted(one[0]["breakdown_value"] for one in results) == sorted([one] for one in groups)
        for rows in results:
            ways = groups[rows[0]["breakdown_value"][0]]
            assert same(told(rows), numbers(ways, len(raw["series"]))), (
                rows[0]["breakdown_value"],
                told(rows),
            )

    await tried(database, project, divided(), expect, 8)


async def test_times_and_rates_are_those_of_plain_python(database, project):
    def expect(world, raw, results):
        steps, n_steps = plain(world, raw), len(raw["series"])
        if raw["funnelsFilter"]["funnelVizType"] == "time_to_convert":
            full = [way for way in winners(world, steps).values() if len(way.times) == n_steps]
            took = [(way.times[-1] - way.times[0]) // timedelta(seconds=1) for way in full]
            assert sum(count for _, count in results["bins"]) == len(took)
            starts = [start for start, _ in results["bins"]]
            nth = Counter(max(start for start in starts if start <= one) for one in took)
            assert {start: count for start, count in results["bins"] if count} == nth
            assert not took or (
                starts[0] == min(took) and results["average_conversion_time"] == round(statistics.fmean(took))
            )
            return
        ways = winners(world, steps, lambda at: sum(edge <= at for edge in PERIOD.edges[1:-1]))
        began, went_on = Counter[int](), Counter[int]()
        for (_, _, nth), way in ways.items():
            began[nth] += 1
            went_on[nth] += len(way.times) == n_steps
        (line,) = results
        assert line["data"] == [rate(began[nth], went_on[nth]) for nth in range(len(PERIOD.edges) - 1)]
        assert (line["days"], line["count"]) == (PERIOD.days, len(PERIOD.days))

    def shown(raw, kind):
        return {**raw, "funnelsFilter": {**raw["funnelsFilter"], "funnelVizType": kind}}

    kinds = st.builds(shown, queries(), st.sampled_from(("time_to_convert", "trends")))
    await tried(database, project, kinds, expect, 8)
