"""Whether a noted time is still ahead, when clocks are not quite right or were set back."""

from datetime import UTC, datetime, timedelta

import pytest

from parley.kernel.clock import is_ahead

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEASE = timedelta(minutes=20)


@pytest.mark.parametrize(
    ("until", "answer"),
    [
        (None, False),
        (NOW, False),
        (NOW + timedelta(seconds=1), True),
        (NOW + LEASE, True),
        # Somebody else renewed it while this caller, who had asked the clock, waited for the lock.
        (NOW + LEASE + timedelta(seconds=30), True),
        (NOW + LEASE + timedelta(hours=1), False),  # noted before the clock was set back
    ],
)
def test_what_is_still_ahead(until, answer):
    assert is_ahead(until, NOW, LEASE) is answer
