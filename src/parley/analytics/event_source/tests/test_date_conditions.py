"""Conditions on dates beside plain Python, on days on which clocks change."""

from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from sqlalchemy import select

from parley.analytics.event_source.conditions import AsOf
from parley.analytics.event_source.queries import events_of
from parley.analytics.event_source.tests.events_world import World, stored
from parley.analytics.event_source.tests.test_events import events_with
from parley.analytics.query_schema.filters import read_properties

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 10, 26, 12, tzinfo=UTC)
TEXTS = (
    "2026-10-24",
    "2026-10-25",
    "2026-10-26",
    "2026-10-25T02:30",
    "2026-10-25 02:30:00.000001",
    "2026-10-24T23:59:59.999999",
    "2026-10-25T00:30:00Z",  # 02:30 on the wall, for the first time
    "2026-10-25T01:30:00Z",  # and again
    "2026-10-25T01:30:00.0000019+00:00",
    "2026-10-24T22:00:00Z",
    "2026-10-24T21:59:59.999Z",
    "2026-10-25T23:00:00+0000",
    "2026-10-26T10:00+05:30",
    "2026-02-31",
    "2026-02-29T10:00Z",
    "2024-02-29",
    "0000-01-01T00:00Z",
    "9999-12-31T00:00Z",
    "2026-10-25T25:00",
    "2026-10-25T10:00+99:99",
    "now",
    "infinity",
    "",
    20261025,
    None,
)
VALUES = ("2026-10-25", "2026-10-25T02:30", "2026-10-25T01:30Z", "-1d", "-24h", "mStart")


def moment(text):
    """What a text means: a time on the wall or an instant."""
    if not isinstance(text, str) or len(text) < 10 or text[:4] in ("0000", "9999"):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def is_before(text, wall, at):
    return moment(text) < (at if moment(text).tzinfo else wall)


def holds(operator, value, text):
    if moment(text) is None:
        return False
    wall_now = NOW.astimezone(BERLIN).replace(tzinfo=None)
    is_day, wall, at = {
        "2026-10-25": (True, datetime(2026, 10, 25), None),
        "2026-10-25T02:30": (False, datetime(2026, 10, 25, 2, 30), None),
        "2026-10-25T01:30Z": (
            False,
            datetime(2026, 10, 25, 2, 30),
            datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
        ),
        "-1d": (True, wall_now - timedelta(days=1), None),
        "-24h": (False, wall_now - timedelta(days=1), None),
        "mStart": (False, datetime(2026, 10, 1), None),
    }[value]
    day = datetime(wall.year, wall.month, wall.day)
    begins, ends = (
        (day, day.replace(tzinfo=BERLIN)),
        (
            day + timedelta(days=1),
            (day + timedelta(days=1)).replace(tzinfo=BERLIN),
        ),
    )
    both = (wall, at or wall.replace(tzinfo=BERLIN))
    if operator == "is_date_exact":
        return is_before(text, *ends) and not is_before(text, *begins)
    if operator == "is_date_before":
        return is_before(text, *(begins if is_day else both))
    if is_day:
        return not is_before(text, *ends)
    step = timedelta(microseconds=1)
    return not is_before(text, both[0] + step, both[1].astimezone(UTC) + step)


async def test_dates_beside_plain_python(database, project):
    world = World({}, {}, events_with(TEXTS))
    by_id = {one.id: one.properties.get("n") for one in world.events}
    async with stored(database, project.id, world) as source:
        for operator, value in product(("is_date_exact", "is_date_before", "is_date_after"), VALUES):
            group = read_properties([{"key": "n", "operator": operator, "value": value}], "p")
            found = events_of(project.id, ["visit"], (None, None), [group], AsOf(BERLIN, NOW))
            got = {by_id[row.id] for row in await source.rows(select(found.c.id))}
            assert got == {text for text in TEXTS if holds(operator, value, text)}, (operator, value)
