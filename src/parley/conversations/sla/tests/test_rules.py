"""Arithmetic of due times, by example and by property."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from parley.conversations.sla.rules import DAYS, business_hours_of, due_at
from parley.kernel.errors import Invalid

WEEK = list(DAYS[:5])
BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu")


def hours(days=WEEK, time=("09:00", "17:00"), timezone="UTC"):
    given_time = list(time) if isinstance(time, tuple) else time
    return business_hours_of({"days": days, "time": given_time, "timezone": timezone}, "UTC")


def at(text, zone=UTC):
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


# 2026-01-05 is a Monday.
@pytest.mark.parametrize(
    ("start", "amount", "unit", "end"),
    [
        ("2026-01-08 16:00", 10, "hour", "2026-01-12 10:00"),
        ("2026-01-05 10:00", 4, "hour", "2026-01-05 14:00"),
        ("2026-01-05 10:00", 7, "hour", "2026-01-05 17:00"),
        ("2026-01-05 10:00", 7.5, "hour", "2026-01-06 09:30"),
        ("2026-01-05 07:00", 90, "minute", "2026-01-05 10:30"),
        ("2026-01-05 17:00", 1, "hour", "2026-01-06 10:00"),
        ("2026-01-10 12:00", 1, "hour", "2026-01-12 10:00"),
        ("2026-01-05 12:00", 1, "day", "2026-01-06 12:00"),
        ("2026-01-05 09:00", 1, "day", "2026-01-05 17:00"),
        ("2026-01-05 12:00", 10, "day", "2026-01-19 12:00"),
    ],
)
def test_only_time_in_windows_counts(start, amount, unit, end):
    assert due_at(at(start), amount, unit, hours()) == at(end)


@pytest.mark.parametrize(
    ("amount", "unit", "passes"), [(90, "minute", 90), (1.5, "hour", 90), (2, "day", 2880)]
)
def test_without_business_hours_the_clock_just_runs(amount, unit, passes):
    now = at("2026-03-29 00:30", BERLIN)
    assert due_at(now, amount, unit) == now + timedelta(minutes=passes)


def test_any_time_is_the_whole_of_the_listed_days():
    weekend = hours(["saturday", "sunday"], "any")
    assert due_at(at("2026-01-07 12:00"), 1, "day", weekend) == at("2026-01-11 00:00")
    assert due_at(at("2026-01-10 12:00"), 30, "hour", weekend) == at("2026-01-11 18:00")


@pytest.mark.parametrize(
    ("zone", "start", "amount", "end"),
    [
        # Nine to five is nine to five on both sides of a change of the clocks.
        (BERLIN, "2026-03-27 16:00", 2, "2026-03-30 10:00"),
        (NEW_YORK, "2026-10-30 16:00", 2, "2026-11-02 10:00"),
    ],
)
def test_windows_keep_to_the_wall_clock_over_a_change_of_the_clocks(zone, start, amount, end):
    found = due_at(at(start, zone), amount, "hour", hours(timezone=zone.key))
    assert found == at(end, zone)


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        # 02:00 to 03:00 does not exist on this night: what would end there ends when the clock jumps.
        ("2026-03-29T00:30:00+00:00", 45, "2026-03-29T01:00:00+00:00"),
        ("2026-03-29T00:30:00+00:00", 90, "2026-03-29T01:00:00+00:00"),
        ("2026-03-29T00:30:00+00:00", 100, "2026-03-29T01:10:00+00:00"),
        # 02:00 to 03:00 happens twice: the first that isn't over is meant.
        ("2026-10-24T23:30:00+00:00", 60, "2026-10-25T00:30:00+00:00"),
        ("2026-10-25T00:10:00+00:00", 20, "2026-10-25T00:30:00+00:00"),
        ("2026-10-25T01:10:00+00:00", 20, "2026-10-25T01:30:00+00:00"),
        ("2026-10-24T23:30:00+00:00", 95, "2026-10-25T02:05:00+00:00"),
    ],
)
def test_a_time_that_is_skipped_or_shown_twice_has_one_meaning(start, minutes, end):
    always = hours(list(DAYS), "any", "Europe/Berlin")
    found = due_at(datetime.fromisoformat(start), minutes, "minute", always)
    assert found == datetime.fromisoformat(end)


@pytest.mark.parametrize(
    "wrong",
    [
        [], "any", {"days": WEEK, "time": ["17:00", "09:00"]}, {"days": WEEK, "time": ["09:00", "09:00"]},
        {"days": WEEK, "time": ["22:00", "06:00"]}, {"days": WEEK, "time": ["9:00", "17:00"]},
        {"days": WEEK, "time": ["09:00", "24:01"]}, {"days": WEEK, "time": ["09:00"]}, {"days": WEEK, "time": 9},
        {"days": WEEK, "time": [9, 17]}, {"days": [], "time": "any"}, {"days": ["Monday"]}, {"days": [1]},
        {"days": [["monday"]]}, {"days": "monday"}, {"time": "any"}, {"days": WEEK, "timezone": "Mars/Olympus"},
        {"days": WEEK, "timezone": 1}, {"days": WEEK, "time": None}, {"days": WEEK, "time": ["٠٩:00", "17:00"]},
    ],
)  # fmt: skip
def test_business_hours_that_make_no_sense_are_refused(wrong):
    with pytest.raises(Invalid) as caught:
        business_hours_of(wrong, "UTC")
    assert caught.value.attr == "sla_business_hours"


@pytest.mark.parametrize(
    ("amount", "unit"),
    [(0, "hour"), (-1, "day"), (float("nan"), "hour"), (float("inf"), "hour"), (366, "day"), (8761, "hour"),
     (525_601, "minute"), (1e300, "minute")],
)  # fmt: skip
def test_an_amount_is_a_positive_number_up_to_a_year(amount, unit):
    with pytest.raises(Invalid) as caught:
        due_at(at("2026-01-05 10:00"), amount, unit)
    assert caught.value.attr == "sla_amount"


def test_a_time_beyond_the_calendar_is_refused_at_once():
    with pytest.raises(Invalid):
        due_at(at("2026-01-05 10:00"), 365, "day", hours(["monday"], ("09:00", "09:01"))) and due_at(
            at("2026-01-05 10:00"), 8760, "hour", hours(["monday"], ("09:00", "09:01"))
        )


@st.composite
def business(draw, zones=ZONES):
    days = draw(st.lists(st.sampled_from(DAYS), min_size=1, unique=True))
    if draw(st.booleans()):
        return hours(days, "any", draw(st.sampled_from(zones)))
    first, last = sorted(draw(st.lists(st.integers(0, 1440), min_size=2, max_size=2, unique=True)))
    shown = tuple(f"{minute // 60:02}:{minute % 60:02}" for minute in (first, last))
    return hours(days, shown, draw(st.sampled_from(zones)))


instants = st.datetimes(datetime(2009, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(second=0, microsecond=0)
)
minutes = st.integers(1, 20_000)


def on_the_wall(instant, of):
    return instant.astimezone(of.zone).replace(tzinfo=None)


@given(instants, minutes, business())
def test_due_times_never_lie_in_the_past_and_end_a_window_at_the_latest(now, amount, of):
    due = due_at(now, amount, "minute", of)
    assert due >= now
    wall = on_the_wall(due, of)
    into = wall - wall.replace(hour=0, minute=0)
    in_window = wall.weekday() in of.days and of.starts <= into <= of.ends
    ends_at_midnight = into == timedelta() and of.ends == timedelta(days=1)
    at_a_jump = on_the_wall(due - timedelta(minutes=1), of) != wall - timedelta(minutes=1)
    assert in_window or ends_at_midnight or at_a_jump


@given(instants, minutes, minutes, business())
def test_more_time_is_never_due_earlier(now, amount, more, of):
    assert due_at(now, amount, "minute", of) <= due_at(now, amount + more, "minute", of)


@given(instants, minutes, minutes, business(zones=("UTC",)))
def test_two_amounts_one_after_the_other_are_their_sum(now, amount, more, of):
    between = due_at(now, amount, "minute", of)
    assert due_at(between, more, "minute", of) == due_at(now, amount + more, "minute", of)


@given(instants, st.integers(1, 600), business(zones=("UTC", "Asia/Kathmandu")))
def test_as_many_minutes_of_windows_pass_as_were_asked_for(now, amount, of):
    assume(of.window >= timedelta(minutes=30))
    due, counted, moment = due_at(now, amount, "minute", of), 0, now
    while moment < due:
        wall = on_the_wall(moment, of)
        into = timedelta(hours=wall.hour, minutes=wall.minute)
        counted += wall.weekday() in of.days and of.starts <= into < of.ends
        moment += timedelta(minutes=1)
    assert counted == amount
