"""What the filters of a dashboard do to its tiles."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from parley.analytics.dashboards.rules.overrides import checked_filters, overridden
from parley.analytics.dashboards.tests.test_dashboards import DASHBOARDS, change, one, save, save_insight
from parley.analytics.insights.kinds import ANSWERS
from parley.analytics.insights.tests.test_running import Slow
from parley.kernel.errors import Invalid

WHEN = (ZoneInfo("UTC"), datetime(2026, 5, 31, 12, tzinfo=UTC))
PLAN = {"key": "plan", "value": "free", "operator": "exact", "type": "event"}
COUNTRY = {"key": "country", "value": "DE", "operator": "exact", "type": "person"}


@pytest.fixture
def slow(monkeypatch):
    made = Slow()
    monkeypatch.setitem(ANSWERS, "TrendsQuery", made)
    return made


@pytest.mark.parametrize(
    ("query", "filters", "wanted"),
    [
        ({"kind": "TrendsQuery"}, {}, {"kind": "TrendsQuery"}),
        (None, {"date_from": "-3d"}, None),
        (
            {"kind": "TrendsQuery"},
            {"date_from": "-3d"},
            {"kind": "TrendsQuery", "dateRange": {"date_from": "-3d"}},
        ),
        (
            {"kind": "InsightVizNode", "source": {"dateRange": {"date_from": "-7d", "date_to": "-1d"}}},
            {"date_from": "-3d"},
            {"kind": "InsightVizNode", "source": {"dateRange": {"date_from": "-3d", "date_to": "-1d"}}},
        ),
        ({"kind": "EventsQuery"}, {"date_from": "-3d"}, {"kind": "EventsQuery", "after": "-3d"}),
        ({"properties": [PLAN]}, {"properties": [COUNTRY]}, {"properties": [PLAN, COUNTRY]}),
        ({}, {"properties": [COUNTRY]}, {"properties": [COUNTRY]}),
        (
            {"properties": {"type": "OR", "values": [PLAN]}},
            {"properties": [COUNTRY]},
            {
                "properties": {
                    "type": "AND",
                    "values": [{"type": "OR", "values": [PLAN]}, {"type": "AND", "values": [COUNTRY]}],
                }
            },
        ),
    ],
)
def test_filters_take_the_place_of_dates_and_add_properties(query, filters, wanted):
    assert overridden(query, filters) == wanted


def test_filters_are_kept_as_far_as_they_mean_something():
    given: Any = {"date_from": "-3d", "date_to": None, "properties": [], "breakdown": "x"}
    assert checked_filters(given, *WHEN) == {"date_from": "-3d"} and checked_filters(None, *WHEN) == {}


@pytest.mark.parametrize(
    ("filters", "attr"),
    [
        ({"date_from": "some day"}, "filters__date_from"),
        ({"properties": [{"key": "plan", "operator": "like"}]}, "filters__properties__0__operator"),
        ({"properties": "plan"}, "filters__properties"),
    ],
)
def test_filters_that_can_not_be_read_are_refused_with_their_place(filters, attr):
    with pytest.raises(Invalid) as caught:
        checked_filters(filters, *WHEN)
    assert caught.value.attr == attr


async def test_tiles_are_answered_under_the_filters_and_apart_from_them(alice, slow):
    insight, made = await save_insight(alice), await save(alice)
    await change(alice, made, tiles=[{"insight": insight["id"]}, {"text": {"body": "Hello"}}])

    async def result(**query):
        shown = (await alice.client.get(one(made), params=query)).json()
        tile = next(tile for tile in shown["tiles"] if tile["insight"])
        return tile["insight"]["result"], tile["is_cached"], shown["last_refresh"] is not None

    assert await result() == (None, False, False)
    assert await result(refresh="blocking") == ([1], False, True)
    assert await result() == ([1], True, True)
    await change(alice, made, filters={"date_from": "-3d"})
    assert await result() == (None, False, False)
    assert await result(refresh="blocking") == ([2], False, True)
    await change(alice, made, filters={})
    assert await result(refresh="blocking") == ([1], True, True)


async def test_a_tile_that_can_not_be_answered_says_why_and_the_others_are_shown(alice, slow):
    insight, made = await save_insight(alice), await save(alice)
    funnel = {"kind": "FunnelsQuery", "series": [{"kind": "EventsNode", "event": name} for name in "ab"]}
    other = await save_insight(alice, query=funnel)
    await change(alice, made, tiles=[{"insight": other["id"]}, {"insight": insight["id"]}])
    slow.error = Invalid("Takes too long.")
    shown = (await alice.client.get(one(made), params={"refresh": "blocking"})).json()
    assert [tile["error"] for tile in shown["tiles"]][1] == "Takes too long."
    slow.error = None
    shown = (await alice.client.get(one(made), params={"refresh": "force_blocking"})).json()
    assert [tile["insight"]["result"] for tile in shown["tiles"]][1] == [2]


async def test_bad_filters_are_refused(alice):
    for body in ({"filters": {"date_from": "some day"}}, {"filters": {"properties": [{"operator": "x"}]}}):
        answer = await alice.client.post(DASHBOARDS, json=body)
        assert answer.status_code == 400 and answer.json()["attr"].startswith("filters__")
