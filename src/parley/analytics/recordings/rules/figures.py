"""Figures of a recording that are made of others."""

from datetime import datetime, timedelta
from math import ceil

ONGOING = timedelta(minutes=5)
"""A recording goes on for as long as its last batch isn't older than this."""
AT_LEAST_KEPT = timedelta(days=1)
"""So long a recording is kept at the least once it isn't pinned any more."""

SMALLEST_COUNTED = 4096
"""A block counts for so many bytes at least, since a file takes as much of a disk, and more to be written."""
BEFORE_FIRST = timedelta(hours=1)
"""A block that comes late may begin so long before the one that came first."""


def counted_bytes(size: int) -> int:
    """Return for how many bytes a block counts whose object is so large."""
    return max(size, SMALLEST_COUNTED)


def is_within(start_at: datetime, end_at: datetime, first_at: datetime, hours: int) -> bool:
    """Say whether a block lies in the time of its recording, which the block that came first says."""
    return first_at - BEFORE_FIRST <= start_at and end_at <= first_at + timedelta(hours=hours)


def whole_seconds(duration: timedelta) -> int:
    """Return the full seconds of a duration, as clocks of players show it."""
    return max(int(duration.total_seconds()), 0)


def activity_score(
    *, active_s: float, duration_s: float, n_actions: int, n_passive: int, errors: int
) -> float:
    """Return how busy a recording is, from 0 to 100: what was done against how long it took and what merely passed."""
    done, whole = active_s + n_actions + errors, duration_s + n_passive + errors
    return round(min(100 * done / whole, 100.0), 2) if whole > 0 else 0.0


def days_until(moment: datetime | None, now: datetime) -> int | None:
    """Return in how many days something happens, counting a day that has begun; None where it never does."""
    return None if moment is None else max(ceil((moment - now) / timedelta(days=1)), 0)


def expiry_without_pin(start_at: datetime, kept_for: timedelta, now: datetime) -> datetime:
    """Return until when a recording is kept that isn't pinned any more."""
    return max(start_at + kept_for, now + AT_LEAST_KEPT)
