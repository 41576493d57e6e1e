"""When a mail is tried again, and when it is given up."""

from datetime import datetime, timedelta

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=60), timedelta(hours=1)
GIVEN_UP_AFTER = timedelta(days=5)
"""RFC 5321, section 4.5.4.1: at least four to five days."""


def pause_after(n_failures: int) -> timedelta:
    """Return how long a mail rests after so many failed attempts: a minute, two, four ... at most an hour."""
    doublings = min(max(n_failures - 1, 0), 10)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def next_attempt(n_failures: int, now: datetime, created_at: datetime) -> datetime | None:
    """Return when a mail is tried again; None when it is given up, five days after it was written."""
    if now - created_at >= GIVEN_UP_AFTER:
        return None
    return min(now + pause_after(n_failures), max(created_at + GIVEN_UP_AFTER, now))
