"""Schedules, beside python-dateutil in UTC and beside the wall clock of zones."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from time import process_time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule as dateutil_rules
from hypothesis import given
from hypothesis import strategies as st

from parley.analytics.subscriptions.rules.recurrence import (
    WEEKDAYS,
    Recurrence,
    next_occurrence,
    next_occurrences,
)
from parley.analytics.subscriptions.rules.summary import summary_of

UTC_ZONE = ZoneInfo("UTC")
NINE = datetime(2022, 1, 1, 9, tzinfo=UTC)
OF_DATEUTIL: dict[str, Any] = {
    "daily": dateutil_rules.DAILY,
    "weekly": dateutil_rules.WEEKLY,
    "monthly": dateutil_rules.MONTHLY,
    "yearly": dateutil_rules.YEARLY,
}
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")
FREQUENCIES = st.sampled_from(list(OF_DATEUTIL))
STARTS = st.datetimes(datetime(2019, 1, 1), datetime(2024, 12, 31)).map(lambda at: at.replace(microsecond=0))
WEEKDAY_SETS = st.none() | st.lists(st.sampled_from(WEEKDAYS), unique=True)


def rule(frequency="daily", start_date=NINE, **fields):
    return Recurrence(frequency=frequency, start_date=start_date, **fields)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("given_rule", "after", "expected"),
    [
        (rule(), "2022-01-01T00:15", "2022-01-01T09:00"),
        (rule(), "2022-01-01T09:05", "2022-01-02T09:00"),
        (rule(), "2022-01-01T09:00", "2022-01-02T09:00"),
        (rule("monthly", byweekday=WEEKDAYS, bysetpos=-1), "2022-01-01T00:00", "2022-01-31T09:00"),
        (rule("weekly", byweekday=["monday", "friday"]), "2022-01-03T10:00", "2022-01-07T09:00"),
        (rule("weekly", interval=2), "2022-01-01T10:00", "2022-01-15T09:00"),
        (rule("monthly", at("2022-01-31T09:00")), "2022-02-01T00:00", "2022-03-31T09:00"),
        (rule("yearly", at("2020-02-29T09:00")), "2021-01-01T00:00", "2024-02-29T09:00"),
        (rule("yearly", at("2020-02-29T09:00")), "2096-03-01T00:00", "2104-02-29T09:00"),
        (rule(count=3), "2022-01-02T10:00", "2022-01-03T09:00"),
        (rule(count=3), "2022-01-03T10:00", None),
        (rule(until_date=at("2022-01-03T09:00")), "2022-01-02T10:00", "2022-01-03T09:00"),
        (rule(until_date=at("2022-01-03T08:59")), "2022-01-02T10:00", None),
        (rule(bysetpos=7), "2022-01-01T00:00", "2022-01-01T09:00"),  # it means nothing alone
        (rule(interval=2**31 - 1), "2022-01-02T00:00", None),
        (rule(start_date=at("9999-12-31T09:00")), "9999-12-31T10:00", None),
    ],
)
def test_the_next_date(given_rule, after, expected):
    found = next_occurrence(given_rule, UTC_ZONE, at(after))
    assert found == (at(expected) if expected else None)


@pytest.mark.parametrize(
    "never",
    [
        rule("daily", byweekday=["monday"], bysetpos=2),
        rule("daily", byweekday=["monday"], interval=7),  # 1 January 2022 is a Saturday
        rule("weekly", byweekday=["monday"], bysetpos=5),
        rule("monthly", byweekday=["monday"], bysetpos=6),
        rule("monthly", byweekday=WEEKDAYS, bysetpos=32),
        rule("monthly", at("2022-04-30T09:00"), byweekday=WEEKDAYS, bysetpos=31, interval=12),
        rule("monthly", at("2022-01-30T09:00"), interval=12, byweekday=["monday"], bysetpos=-6),
        rule("yearly", byweekday=["monday"], bysetpos=54),
        rule("yearly", byweekday=WEEKDAYS, bysetpos=-366, interval=400, count=1000),
        rule("monthly", at("0001-01-01T09:00"), byweekday=WEEKDAYS, bysetpos=366, count=2**31 - 1),
    ],
)
def test_a_rule_that_never_comes_is_found_out_soon(never):
    began = process_time()
    assert next_occurrence(never, UTC_ZONE, at("2026-01-01T00:00")) is None
    assert (
        process_time() - began < 20
    )  # a tenth of a second where nothing is in the way; searched to the end, hours


@given(
    frequency=FREQUENCIES,
    start=STARTS,
    interval=st.integers(1, 5),
    byweekday=WEEKDAY_SETS,
    bysetpos=st.none() | st.sampled_from([-5, -2, -1, 1, 2, 3, 5, 31]),
    count=st.none() | st.integers(1, 40),
    until_days=st.none() | st.integers(0, 2000),
    after_days=st.integers(-30, 2000),
)
def test_dateutil_says_the_same_in_utc(
    frequency, start, interval, byweekday, bysetpos, count, until_days, after_days
):
    start = start.replace(tzinfo=UTC)
    until = start + timedelta(days=until_days) if until_days is not None else None
    after = start + timedelta(days=after_days)
    until_or_far = min(until or after + timedelta(days=4000), after + timedelta(days=4000))
    expected = dateutil_rules.rrule(
        OF_DATEUTIL[frequency],
        dtstart=start,
        interval=interval,
        byweekday=[WEEKDAYS.index(name) for name in byweekday] if byweekday else None,
        bysetpos=bysetpos if byweekday else None,
        count=count,
    )
    is_possible = not (byweekday and bysetpos and abs(bysetpos) > _most(frequency, len(byweekday)))
    days = takewhile(lambda one: one <= until_or_far, expected) if is_possible else iter(())
    first = next((one for one in days if one > after), None)
    found = next_occurrence(
        rule(
            frequency,
            start,
            interval=interval,
            byweekday=byweekday,
            bysetpos=bysetpos,
            count=count,
            until_date=until,
        ),
        UTC_ZONE,
        after,
    )
    if found is not None and found > until_or_far:
        found = None
    assert found == first


def _most(frequency, n_weekdays):
    """Return how many days a set can have, so that dateutil isn't asked for what never comes: it looks for seconds."""
    in_month, in_year = 4 * n_weekdays + min(n_weekdays, 3), 52 * n_weekdays + min(n_weekdays, 2)
    return {"daily": 1, "weekly": n_weekdays, "monthly": in_month, "yearly": in_year}[frequency]


def clock_readings(zone, day):
    """Return what the clock of a zone shows in the hours around a day, minute by minute, with the instants."""
    first = datetime.combine(day, time(), UTC) - timedelta(hours=15)
    instants = (first + timedelta(minutes=n) for n in range(60 * 54))
    return [(one.astimezone(zone).replace(tzinfo=None), one) for one in instants]


JUMPS = {
    "Europe/Berlin": (date(2024, 3, 31), date(2024, 10, 27)),
    "America/New_York": (date(2024, 3, 10), date(2024, 11, 3)),
    "Australia/Lord_Howe": (date(2024, 10, 6), date(2024, 4, 7)),
    "Asia/Kolkata": (date(2024, 3, 31), date(2024, 10, 27)),
}


@given(
    zone=st.sampled_from(ZONES),
    jump=st.integers(0, 1),
    days_before=st.integers(0, 40),
    minute=st.integers(0, 4 * 60),
)
def test_the_wall_clock_shows_the_same_time_on_every_day(zone, jump, days_before, minute):
    zone_info, day = ZoneInfo(zone), JUMPS[zone][jump]
    wall = datetime.combine(day, time(minute // 60, minute % 60))
    start = (wall - timedelta(days=days_before + 1)).replace(tzinfo=zone_info)
    readings = clock_readings(zone_info, day)
    shown = [instant for reading, instant in readings if reading == wall]
    if not shown:  # skipped: as long after the jump as it would have been after midnight by the old clock
        midnight = next(instant for reading, instant in readings if reading == datetime.combine(day, time()))
        shown = [midnight + timedelta(minutes=minute)]
    found = next_occurrence(rule(start_date=start), zone_info, min(shown) - timedelta(hours=3))
    assert found == min(shown)


@given(zone=st.sampled_from(ZONES), start=STARTS, byweekday=WEEKDAY_SETS)
def test_weekdays_are_those_of_the_zone(zone, start, byweekday):
    zone_info = ZoneInfo(zone)
    given_rule = rule("weekly", start.replace(tzinfo=zone_info), byweekday=byweekday)
    found = next_occurrences(given_rule, zone_info, start.replace(tzinfo=zone_info), 5)
    names = {WEEKDAYS[one.astimezone(zone_info).weekday()] for one in found}
    assert names <= set(byweekday or [WEEKDAYS[start.weekday()]])
    assert len(found) == 5


def test_monday_morning_in_tokyo_is_sunday_evening_in_utc():
    monday = datetime(2024, 1, 1, 8, tzinfo=ZoneInfo("Asia/Tokyo"))
    found = next_occurrence(rule("weekly", monday, byweekday=["monday"]), ZoneInfo("Asia/Tokyo"), monday)
    assert found == at("2024-01-07T23:00")


def test_a_start_in_the_second_of_two_equal_hours_stays_there_and_the_next_are_the_first():
    berlin = ZoneInfo("Europe/Berlin")
    start = at("2024-10-27T01:30")  # 2:30, for the second time
    found = next_occurrences(rule("yearly", start), berlin, at("2024-10-01T00:00"), 2)
    assert found == [start, at("2025-10-27T01:30")]


@pytest.mark.parametrize(
    ("given_rule", "expected"),
    [
        (rule(), "sent every day"),
        (rule("weekly", interval=2), "sent every 2 weeks"),
        (rule("weekly", byweekday=["monday"]), "sent every week"),
        (rule("monthly", bysetpos=1), "sent every month"),
        (rule("monthly", byweekday=["friday"], bysetpos=-1), "sent every month on the last Friday"),
        (rule("monthly", byweekday=WEEKDAYS[:5], bysetpos=1), "sent every month on the first weekday"),
        (rule("yearly", byweekday=WEEKDAYS, bysetpos=4), "sent every year on the fourth day"),
        (rule("monthly", byweekday=["monday", "friday"], bysetpos=3), "sent every month on the third day"),
        (rule("monthly", byweekday=["monday"], bysetpos=5), "sent on a schedule"),
        (rule("monthly", byweekday=["monday"], bysetpos=-2, interval=3), "sent on a schedule"),
    ],
)
def test_a_schedule_in_words(given_rule, expected):
    assert summary_of(given_rule) == expected
