"""Periods on the wall clock, on days on which clocks change."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.analytics.query_schema.dates import start_of
from parley.analytics.query_schema.period import instant, interval_before, period_of, previous
from parley.analytics.query_schema.schemas import CompareFilter, DateRange
from parley.kernel.errors import Invalid

NOW = datetime(2026, 3, 30, 12, 5, tzinfo=UTC)
ZONES = [
    ZoneInfo(name)
    for name in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Havana")
]


def hours(edges):
    return [(later - sooner) / timedelta(hours=1) for sooner, later in pairwise(edges)]


@pytest.mark.parametrize(
    ("zone", "day", "length"),
    [
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("Asia/Kolkata", "2026-03-29", 24),
    ],
)
def test_a_day_is_as_long_as_it_is_on_the_wall(zone, day, length):
    period = period_of(DateRange(day, day), "day", ZoneInfo(zone), NOW)
    assert hours(period.edges) == [length]
    assert period.days == [day]


def test_an_hour_that_happens_twice_is_two_intervals_and_one_that_is_left_out_is_none():
    berlin = ZoneInfo("Europe/Berlin")
    autumn = period_of(DateRange("2026-10-25", "2026-10-25"), "hour", berlin, NOW)
    spring = period_of(DateRange("2026-03-29", "2026-03-29"), "hour", berlin, NOW)
    assert [day[11:13] for day in autumn.days[1:5]] == ["01", "02", "02", "03"]
    assert [day[11:13] for day in spring.days[1:4]] == ["01", "03", "04"]


@pytest.mark.parametrize("day", ["2026-04-05", "2026-10-04"])
def test_hours_begin_on_the_hour_where_clocks_change_by_half_of_one(day):
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    period = period_of(DateRange(day, day), "hour", lord_howe, NOW)
    late = [edge for edge in period.edges if edge.astimezone(lord_howe).minute]
    assert len(late) == (1 if day == "2026-10-04" else 0)
    assert sum(hours(period.edges)) == (24.5 if day == "2026-04-05" else 23.5)


@given(
    at=st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31)),
    zone=st.sampled_from(ZONES),
    interval=st.sampled_from(["hour", "day", "week", "month"]),
)
def test_each_instant_lies_in_the_interval_of_its_own_time_on_the_wall(at, zone, interval):
    at = at.replace(tzinfo=UTC)
    day = at.astimezone(zone).date().isoformat()
    period = period_of(DateRange(day, day), interval, zone, NOW)
    n = max(n for n, edge in enumerate(period.edges) if edge <= at)
    assert n < len(period.edges) - 1
    begins = period.edges[n].astimezone(zone).replace(tzinfo=None)
    wall = start_of(at.astimezone(zone).replace(tzinfo=None), interval)
    assert begins == wall or instant(wall, zone) == period.edges[n]


@pytest.mark.parametrize(
    ("date_from", "interval", "first", "last", "before"),
    [
        (None, "day", "2026-03-23", "2026-03-30", "2026-03-16"),
        ("-10d", "day", "2026-03-20", "2026-03-30", "2026-03-09"),
        ("dStart", "hour", "2026-03-30 00:00:00", "2026-03-30 14:00:00", "2026-03-29 00:00:00"),
        ("-24h", "hour", "2026-03-29 14:00:00", "2026-03-30 14:00:00", "2026-03-27 14:00:00"),
        ("-2w", "week", "2026-03-15", "2026-03-29", "2026-02-22"),
        ("-1mStart", "day", "2026-02-01", "2026-03-30", "2025-12-05"),
        ("-3m", "month", "2025-12-01", "2026-03-01", "2025-08-01"),
        ("yStart", "month", "2026-01-01", "2026-03-01", "2025-10-01"),
        ("2026-03-28T10:30:00Z", "day", "2026-03-28", "2026-03-30", "2026-03-25"),
    ],
)
def test_ranges_count_from_now(date_from, interval, first, last, before):
    period = period_of(DateRange(date_from), interval, ZoneInfo("Europe/Berlin"), NOW)
    other = previous(period, CompareFilter(compare=True))
    assert (period.days[0], period.days[-1], other.days[0]) == (first, last, before)
    assert len(other.edges) == len(period.edges)
    assert other.edges == tuple(sorted(set(other.edges)))


def test_a_year_before_has_as_many_intervals_and_is_cut_at_the_same_place():
    period = period_of(DateRange("-2m"), "month", ZoneInfo("Europe/Berlin"), NOW)
    other = previous(period, CompareFilter(compare=True, compare_to="-1y"))
    assert other.days == ["2025-01-01", "2025-02-01", "2025-03-01"]
    assert other.end == other.edges[-1] == datetime(2025, 3, 30, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date_from", "date_to", "interval", "attr"),
    [
        ("-42d", None, "hour", "query__interval"),
        ("soon", None, "day", "query__dateRange__date_from"),
        ("-99999y", None, "day", "query__dateRange__date_from"),
        ("2026-02-30", None, "day", "query__dateRange__date_from"),
        ("2026-03-02", "2026-03-01", "day", "query__dateRange__date_to"),
        ("2027-03-02", None, "day", "query__dateRange__date_from"),
    ],
)
def test_a_range_that_makes_no_sense_is_refused(date_from, date_to, interval, attr):
    with pytest.raises(Invalid) as refused:
        period_of(DateRange(date_from, date_to), interval, ZoneInfo("UTC"), NOW)
    assert refused.value.attr == attr


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    ("interval", "day"),
    [
        ("hour", "2026-03-29"),
        ("hour", "2026-10-25"),
        ("hour", "2026-04-05"),
        ("day", "2026-04-30"),
        ("week", "2026-04-30"),
        ("month", "2026-04-30"),
    ],
)
def test_the_interval_before_a_period_is_the_one_that_a_longer_period_has(zone, interval, day):
    longer = period_of(DateRange(day if interval == "hour" else "2026-01-01", day), interval, zone, NOW)
    for n, edge in enumerate(longer.edges[1:-1]):
        shorter = msgspec.structs.replace(longer, edges=longer.edges[n + 1 :])
        assert shorter.edges[0] == edge and interval_before(shorter) == longer.edges[n]


def test_all_time_begins_in_1970_at_the_earliest_so_that_one_wrong_moment_leaves_it_an_answer():
    everything = DateRange(date_from="all")
    zone, long_ago = ZoneInfo("America/New_York"), datetime(1900, 1, 1, tzinfo=UTC)
    assert period_of(everything, "month", zone, NOW, earliest=long_ago).days[0] == "1970-01-01"
    with pytest.raises(Invalid) as refused:
        period_of(everything, "day", zone, NOW, earliest=long_ago)
    assert "longer interval" in refused.value.detail


def test_the_names_of_intervals_are_written_once_for_all_rows_of_an_answer():
    found = period_of(
        DateRange("2026-03-01", "2026-03-02"), "day", ZoneInfo("UTC"), datetime(2026, 3, 5, tzinfo=UTC)
    )
    assert found.days is found.days
    assert (found.days, found.labels) == (["2026-03-01", "2026-03-02"], ["1-Mar-2026", "2-Mar-2026"])
