"""Jobs that run every day when the clock of a zone shows a time, also on days on which that clock is changed."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from parley.kernel.clock import instants_of
from parley.kernel.jobs import Registry
from parley.kernel.jobs.tests.queue_world import new_world
from parley.kernel.jobs.times import Daily, when_of


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00+00:00")


def daily(at: str, zone: str = "Europe/Berlin") -> Daily:
    found = when_of(None, at, zone)
    assert isinstance(found, Daily)
    return found


@pytest.mark.parametrize(
    ("at", "now", "next_at"),
    [
        ("03:30", "2026-01-05T02:29", "2026-01-05T02:30"),
        ("03:30", "2026-01-05T02:30", "2026-01-06T02:30"),
        ("03:30", "2026-01-05T23:30", "2026-01-06T02:30"),
        # The clock goes from 02:00 to 03:00: what it skips is the moment of the jump, 03:00.
        ("02:30", "2026-03-28T12:00", "2026-03-29T01:00"),
        ("02:30", "2026-03-29T01:00", "2026-03-30T00:30"),
        ("03:30", "2026-03-28T12:00", "2026-03-29T01:30"),
        # It shows 02:30 twice: the first is meant, and only that.
        ("02:30", "2026-10-24T12:00", "2026-10-25T00:30"),
        ("02:30", "2026-10-25T00:30", "2026-10-26T01:30"),
    ],
)
def test_it_is_due_once_a_day(at, now, next_at):
    assert daily(at).next_after(utc(now)) == utc(next_at)


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]
)
@pytest.mark.parametrize("at", ["00:00", "01:45", "02:30", "23:59"])
def test_in_a_year_it_is_due_once_on_each_day_of_the_zone(zone, at):
    when, moment = daily(at, zone), datetime(2025, 12, 31, 12, tzinfo=UTC)
    days: list[date] = []
    while len(days) < 366:
        moment = when.next_after(moment)
        days.append(moment.astimezone(ZoneInfo(zone)).date())
    assert days == [days[0] + timedelta(days=n) for n in range(366)]


def test_a_clock_that_jumps_shows_some_times_never_and_some_twice():
    berlin = ZoneInfo("Europe/Berlin")
    assert instants_of(datetime(2026, 3, 29, 2, 30), berlin) == (utc("2026-03-29T01:00"),) * 2
    twice = (utc("2026-10-25T00:30"), utc("2026-10-25T01:30"))
    assert instants_of(datetime(2026, 10, 25, 2, 30), berlin) == twice


def test_a_job_has_one_kind_of_time():
    for every, daily_at in ((None, None), (timedelta(days=1), "03:30")):
        with pytest.raises(ValueError, match="either"):
            Registry().job("things.count", every=every, daily_at=daily_at)
    assert str(daily("03:30")) == "daily at 03:30, Europe/Berlin"


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
async def test_a_daily_job_waits_for_its_time_and_after_a_pause_runs_once(dialect, tmp_path):
    async with new_world(dialect, tmp_path) as world:
        runs = []

        @world.registry.job("things.count", daily_at="14:00", zone="Europe/Berlin")
        async def count(db, services):
            runs.append(services.clock.now())
            return 1

        schedule = world.queue()._schedule
        await schedule.prepare()
        for hours in (0, 1, 0, 72, 0, 1, 23):
            world.clock.advance(timedelta(hours=hours))
            await schedule.run_due()
        assert [run.strftime("%d %H:%M") for run in runs] == ["05 13:00", "08 13:00", "09 13:00"]
