"""Due times around changes of the clocks, compared with counting minute by minute on the wall."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from parley.conversations.sla.rules import DAYS, business_hours_of, due_at
from tests.effort import examples

MINUTE, LONGEST = timedelta(minutes=1), 6_000
# Days around which clocks were changed: at night and at midnight, by an hour, by half of one, and by a whole day.
CHANGES = (
    ("Europe/Berlin", datetime(2026, 3, 29)), ("Europe/Berlin", datetime(2026, 10, 25)),
    ("America/New_York", datetime(2026, 3, 8)), ("America/New_York", datetime(2026, 11, 1)),
    ("Australia/Lord_Howe", datetime(2026, 4, 5)), ("Australia/Lord_Howe", datetime(2026, 10, 4)),
    ("America/Sao_Paulo", datetime(2018, 11, 4)), ("America/Sao_Paulo", datetime(2018, 2, 18)),
    ("Africa/Cairo", datetime(2026, 4, 24)), ("America/St_Johns", datetime(2026, 11, 1)),
    ("Pacific/Apia", datetime(2011, 12, 30)), ("Asia/Kathmandu", datetime(2026, 3, 29)),
)  # fmt: skip


def counted(now, amount, days, window, zone):
    """Return when so many minutes of windows have passed, by counting every minute that the wall could show."""
    wall = now.astimezone(zone).replace(tzinfo=None)
    while amount:
        amount -= wall.weekday() in days and window[0] <= wall.hour * 60 + wall.minute < window[1]
        wall += MINUTE
    return shown_at(wall, now, zone)


def shown_at(wall, now, zone):
    """Return the first minute, from now on, in which the clock shows this or has jumped beyond it."""
    moment = max(now, wall.replace(tzinfo=UTC) - timedelta(hours=40))
    while moment.astimezone(zone).replace(tzinfo=None) < wall:
        moment += MINUTE
    return moment


@st.composite
def questions(draw):
    """Draw business hours and an instant within four days of a change of the clocks."""
    name, day = draw(st.sampled_from(CHANGES))
    zone = ZoneInfo(name)
    near = day.replace(tzinfo=zone).astimezone(UTC)
    now = near + draw(st.integers(-4 * 1440, 3 * 1440)) * MINUTE
    days = draw(st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=True))
    window = tuple(sorted(draw(st.lists(st.integers(0, 1440), min_size=2, max_size=2, unique=True))))
    if draw(st.booleans()):
        window = draw(st.sampled_from(((0, 1440), (540, 1020), (120, 180), (0, 60), (1380, 1440))))
    # No more than a few weeks of windows, or counting would take for ever.
    most = min(LONGEST, (window[1] - window[0]) * len(days) * 2)
    return now, draw(st.integers(1, most)), days, window, zone


def at(text):
    return datetime.fromisoformat(text)


BERLIN, WEEK = ZoneInfo("Europe/Berlin"), [0, 1, 2, 3, 4]


@settings(max_examples=examples(100))
@given(questions())
@example((at("2026-10-25T00:50:00+00:00"), 5, [6], (0, 1440), BERLIN))
@example((at("2026-10-25T01:50:00+00:00"), 5, [6], (0, 1440), BERLIN))
@example((at("2026-03-29T00:30:00+00:00"), 60, [6], (0, 1440), BERLIN))
@example((at("2026-03-27T15:00:00+00:00"), 600, WEEK, (540, 1020), BERLIN))
def test_minutes_are_counted_on_the_wall(question):
    now, amount, days, window, zone = question
    shown = [f"{minute // 60:02}:{minute % 60:02}" for minute in window]
    named = {"days": [DAYS[day] for day in days], "time": shown, "timezone": zone.key}
    assert due_at(now, amount, "minute", business_hours_of(named, "UTC")) == counted(*question)
