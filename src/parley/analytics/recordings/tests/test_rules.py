"""What may be asked of recordings, and figures that are made of others."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from parley.analytics.recordings.rules.figures import activity_score, days_until, expiry_without_pin
from parley.analytics.recordings.rules.filters import read_recording_filters
from parley.kernel.errors import Invalid

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("query", "attr"),
    [
        ({"unknown": "1"}, "unknown"),
        ({"date_form": "-7d"}, "date_form"),
        ({"date_from": "yesterday"}, "date_from"),
        ({"date_from": "-99999y"}, "date_from"),
        ({"date_to": "0001-01-01T00:00:00+23:00"}, "date_to"),
        ({"duration_min": "nan"}, "duration_min"),
        ({"duration_max": "-1"}, "duration_max"),
        ({"duration_max": "1e999"}, "duration_max"),
        ({"person_uuid": "me"}, "person_uuid"),
        ({"person_id": "me"}, "person_id"),
        ({"distinct_id": "x" * 401}, "distinct_id"),
        ({"session_ids": "a,b"}, "session_ids"),
        ({"session_ids": "[1]"}, "session_ids"),
        ({"session_ids": json.dumps(["x" * 201])}, "session_ids"),
        ({"distinct_ids": json.dumps(["x"] * 501)}, "distinct_ids"),
        ({"order": "size"}, "order"),
        ({"order_direction": "up"}, "order_direction"),
        ({"after": "garbage"}, "after"),
        ({"after": "eyJ9"}, "after"),
    ],
)
def test_a_query_that_cannot_be_read_is_refused(query, attr):
    with pytest.raises(Invalid) as refused:
        read_recording_filters(query, NOW, BERLIN)
    assert refused.value.attr == attr


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-04-30", datetime(2026, 4, 29, 22, tzinfo=UTC)),
        ("2026-04-30T10:00:00", datetime(2026, 4, 30, 8, tzinfo=UTC)),
        ("2026-04-30T10:00:00Z", datetime(2026, 4, 30, 10, tzinfo=UTC)),
        ("-1h", NOW - timedelta(hours=1)),
        ("-7d", NOW - timedelta(days=7)),
        ("-2w", NOW - timedelta(weeks=2)),
        ("-1m", NOW - timedelta(days=30)),
        ("-1y", NOW - timedelta(days=365)),
        ("all", None),
        ("", None),
    ],
)
def test_moments_are_read_in_the_time_zone_of_the_project(text, moment):
    assert read_recording_filters({"date_from": text}, NOW, BERLIN).date_from == moment


def test_a_day_is_included_to_its_end():
    until = read_recording_filters({"date_to": "2026-04-30"}, NOW, BERLIN).date_to
    assert until == datetime(2026, 4, 30, 21, 59, 59, 999999, tzinfo=UTC)


def test_orders_other_than_by_time_look_at_thirty_days():
    assert read_recording_filters({"order": "duration"}, NOW, BERLIN).date_from == NOW - timedelta(days=30)
    assert read_recording_filters({}, NOW, BERLIN).date_from is None


def test_a_busy_recording_scores_more_than_one_in_which_nothing_happens():
    idle = activity_score(active_s=1, duration_s=600, n_actions=0, n_passive=10, errors=0)
    busy = activity_score(active_s=500, duration_s=600, n_actions=200, n_passive=100, errors=1)
    assert 0 < idle < 1 < busy == 100.0
    assert activity_score(active_s=0, duration_s=0, n_actions=0, n_passive=0, errors=0) == 0


def test_days_are_counted_up_and_never_below_nothing():
    assert days_until(NOW + timedelta(days=1, seconds=1), NOW) == 2
    assert days_until(NOW - timedelta(days=1), NOW) == 0
    assert days_until(None, NOW) is None


def test_what_is_unpinned_stays_for_a_day_at_the_least():
    assert expiry_without_pin(NOW, timedelta(days=30), NOW) == NOW + timedelta(days=30)
    assert expiry_without_pin(NOW - timedelta(days=100), timedelta(days=30), NOW) == NOW + timedelta(days=1)
