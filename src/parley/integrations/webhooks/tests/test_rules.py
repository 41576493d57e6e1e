"""When attempts are repeated, and how long a rest is."""

from datetime import UTC, datetime, timedelta

import pytest

from parley.integrations.webhooks import rules
from parley.integrations.webhooks.rules import Outcome

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
GOOD, BAD = Outcome(status=200), Outcome(status=500)


def test_attempts_are_spread_over_most_of_a_day():
    waits = [rules.next_attempt(n, NOW, None) for n in range(1, 8)]
    found = [None if at is None else (at - NOW).total_seconds() for at in waits]
    assert found == [5, 300, 1800, 7200, 18000, 36000, None]


def test_a_wish_only_makes_the_wait_longer():
    assert rules.next_attempt(1, NOW, timedelta(seconds=60)) == NOW + timedelta(seconds=60)
    assert rules.next_attempt(3, NOW, timedelta(seconds=60)) == NOW + timedelta(seconds=1800)


def test_rests_double_up_to_an_hour():
    minutes = [rules.pause_after(n) for n in range(4, 14)]
    expected = [None, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert minutes == [None if one is None else timedelta(minutes=one) for one in expected]
    assert rules.pause_after(10**6) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("before", "batch", "after"),
    [(0, [GOOD], 0), (3, [BAD], 4), (3, [BAD, BAD], 4), (9, [BAD, GOOD], 0)],
)
def test_failures_are_counted_by_batches(before, batch, after):
    assert rules.failures_after(before, batch) == after
