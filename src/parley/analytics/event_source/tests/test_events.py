"""Events with their persons, and conditions on properties, beside plain Python."""

import asyncio
import math
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, literal_column, select, text

from parley.analytics.event_source.conditions import DENIED, AsOf
from parley.analytics.event_source.functions import microseconds, property_number
from parley.analytics.event_source.queries import events_of
from parley.analytics.event_source.source import MainEvents, event_source
from parley.analytics.event_source.tests.events_world import (
    NAMES,
    VALUES,
    PlainEvent,
    World,
    run_examples,
    stored,
    worlds,
)
from parley.analytics.query_schema.filters import read_properties
from parley.analytics.query_schema.period import period_of
from parley.analytics.query_schema.schemas import DateRange
from parley.kernel.database.time_limit import QueryTookTooLong
from parley.kernel.errors import Throttled
from parley.kernel.ids import new_uuid
from parley.kernel.sql_functions.aggregates import bucket, percentile
from parley.kernel.throttle import Turns
from tests.effort import examples

NOW = datetime(2026, 4, 8, 12, tzinfo=UTC)
AS_OF = AsOf(ZoneInfo("UTC"), NOW)
OPERATORS = (
    "exact",
    "is_not",
    "icontains",
    "not_icontains",
    "gt",
    "gte",
    "lt",
    "lte",
    "is_set",
    "is_not_set",
    "regex",
    "not_regex",
)


MORE: tuple[Any, ...] = (
    "missing",
    " 7 ",
    "1e3",
    "+10",
    "x" * 200,
    "Straße",
    "STRASSE",
    [],
    ["b", 1, "a"],
    0.1,
    12345678901,
)
WANTED: tuple[Any, ...] = (
    ["a"],
    ["10"],
    [10],
    ["2.5", "a"],
    [True],
    ["ss"],
    ["É"],
    ["b, a"],
    ["-1"],
    [0.1],
    [""],
)


def text_of(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(one for one in value if isinstance(one, str)) or None
    return None if value is None or isinstance(value, dict) else str(value)


def number_of(value):
    if isinstance(value, str):
        return (
            float(value) if re.fullmatch(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)\s*", value, re.ASCII) else None
        )
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def folded(value):
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())


def holds(operator, wanted, value):
    if operator in DENIED:
        return not holds(DENIED[operator], wanted, value)
    found, number = text_of(value), number_of(value)
    match operator:
        case "is_set":
            return value is not None
        case "exact":
            return any(
                found == text_of(one) or (number is not None and number == number_of(one)) for one in wanted
            )
        case "regex":
            return found is not None and any(re2.search(one, found) for one in wanted)
        case "icontains":
            return found is not None and any(folded(text_of(one)) in folded(found) for one in wanted)
    if number is None:
        return False
    limit = number_of(wanted[0])
    return {"gt": number > limit, "gte": number >= limit, "lt": number < limit, "lte": number <= limit}[
        operator
    ]


def events_with(values):
    base = datetime(2026, 3, 1, tzinfo=UTC)
    return [
        PlainEvent(
            new_uuid(),
            "visit",
            f"d{n}",
            base + timedelta(minutes=n),
            {} if value == "missing" else {"n": value},
        )
        for n, value in enumerate(values)
    ]


async def test_each_operator_beside_plain_python(database, project):
    world = World({}, {}, events_with((*VALUES, *MORE)))
    by_id = {one.id: one.properties.get("n") for one in world.events}
    async with stored(database, project.id, world) as source:
        for operator, chosen in product(OPERATORS, WANTED):
            is_order = operator.startswith(("gt", "lt"))
            if "regex" in operator and not all(isinstance(one, str) for one in chosen):
                continue
            if is_order and (len(chosen) > 1 or number_of(chosen[0]) is None):
                continue
            group = read_properties(
                [{"key": "n", "operator": operator, "value": chosen[0] if is_order else chosen}], "p"
            )
            found = events_of(project.id, ["visit"], (None, None), [group], AS_OF)
            got = {row.id for row in await source.rows(select(found.c.id))}
            expected = {id for id, value in by_id.items() if holds(operator, chosen, value)}
            assert got == expected, (operator, chosen, [by_id[id] for id in got ^ expected])


async def test_groups_and_properties_of_persons(database, project):
    ids = [new_uuid(), new_uuid()]
    base = datetime(2026, 3, 1, tzinfo=UTC)
    events = [
        PlainEvent(new_uuid(), "visit", who, base, {"n": n})
        for who, n in (("anna", 1), ("anna-phone", 2), ("bert", 3), ("nobody", 4))
    ]
    world = World(
        {ids[0]: {"plan": "pro"}, ids[1]: {"plan": "free"}},
        {"anna": ids[0], "anna-phone": ids[0], "bert": ids[1]},
        events,
    )
    pro = {"key": "plan", "value": "pro", "type": "person"}
    second = {"key": "n", "value": 2}
    cases: tuple[tuple[Any, list[int]], ...] = (
        ([pro], [1, 2]),
        ([{**pro, "operator": "is_not"}], [3, 4]),
        ({"type": "OR", "values": [pro, {"key": "n", "value": 4}]}, [1, 2, 4]),
        ({"type": "OR", "values": [{"type": "AND", "values": [pro, second]}, {"key": "n", "value": [3]}]}, [2, 3]),
        ([], [1, 2, 3, 4]),
    )  # fmt: skip
    async with stored(database, project.id, world) as source:
        for raw, expected in cases:
            found = events_of(project.id, ["visit"], (None, None), [read_properties(raw, "p")], AS_OF)
            n = property_number(found.c.properties, "n")
            assert sorted(row[0] for row in await source.rows(select(n))) == expected, raw


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe"])
async def test_names_times_intervals_and_actors(database, project, zone):
    period = period_of(DateRange("2026-03-27", "2026-04-05"), "day", ZoneInfo(zone), NOW)

    def check(wait):
        @settings(max_examples=examples(8))
        @given(worlds(zone), st.sampled_from([["visit"], [None], ["visit", "pay"], [None, NAMES[-1]]]))
        def compare(world, names):
            wait(compared(world, names))

        compare()

    async def compared(world, names):
        expected = {}
        for one in world.events:
            is_named = one.event in names or (None in names and not one.event.startswith("$conversation_"))
            if is_named and period.start <= one.timestamp < period.end:
                n = sum(edge <= one.timestamp for edge in period.edges[1:-1])
                micros = (one.timestamp - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
                expected[one.id] = (n, micros, world.owners.get(one.distinct_id))
        n_actors = len({world.actor(one.distinct_id) for one in world.events if one.id in expected})
        async with stored(database, project.id, world) as source:
            found = events_of(project.id, names, (period.start, period.end), [], AS_OF, with_actor=True)
            statement = select(
                found.c.id,
                bucket(found.c.timestamp, period.edges),
                microseconds(found.c.timestamp),
                found.c.person_id,
            )
            assert {row[0]: tuple(row[1:]) for row in await source.rows(statement)} == expected
            assert (await source.rows(select(func.count(found.c.actor.distinct()))))[0][0] == n_actors

    await run_examples(check)


async def test_percentiles(database, project):
    world = World({}, {}, events_with([1, 2, 3, 4, "5", "missing", "x", 1e305]))
    async with stored(database, project.id, world) as source:
        found = events_of(project.id, ["visit"], (None, None), [], AS_OF)
        number = property_number(found.c.properties, "n")
        row = (
            await source.rows(select(percentile(0.5, number), percentile(0.9, number), percentile(0, number)))
        )[0]
        assert row[0] == 3 and math.isclose(row[1], 4.6) and row[2] == 1
        none = events_of(project.id, ["nothing"], (None, None), [], AS_OF)
        assert (await source.rows(select(percentile(0.5, property_number(none.c.properties, "n")))))[0][
            0
        ] is None


async def test_projects_do_not_mix(database, project, mallory):
    world = World({UUID(int=1): {}}, {"anna": UUID(int=1)}, events_with([1]))
    async with stored(database, mallory.project_id, world) as source:
        found = events_of(project.id, [None], (None, None), [], AS_OF, with_person=True)
        assert not await source.rows(select(found.c.id, found.c.actor))


COUNTED = "SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 100000000"
NUMBERS = f"WITH RECURSIVE counted(n) AS ({COUNTED}) SELECT count(*) FROM counted"


async def test_a_statement_that_takes_too_long_is_stopped(services):
    source = MainEvents(services, 1, limit_s=0.2)
    with pytest.raises(QueryTookTooLong):
        await source.rows(text(NUMBERS))
    assert await (await event_source(services, 1)).rows(select(literal_column("1"))) == [(1,)]


async def test_who_goes_away_stops_the_statement(services, monkeypatch):
    turns = Turns(1, waiting_of_key=1, waiting=9, refusal=lambda: Throttled(1))
    monkeypatch.setattr(services, "query_turns", turns)
    source = MainEvents(services, 1)
    first = asyncio.create_task(source.rows(text(NUMBERS)))
    second = asyncio.create_task(source.rows(select(literal_column("1"))))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    with pytest.raises(Throttled):
        await source.rows(select(literal_column("2")))
    first.cancel()
    assert await asyncio.wait_for(second, 30) == [(1,)]
