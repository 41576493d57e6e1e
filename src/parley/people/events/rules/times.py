"""When an event happened, given a clock of the client that may be wrong."""

from datetime import UTC, datetime, timedelta
from typing import Any

OLDEST = datetime(1900, 1, 1, tzinfo=UTC)
MILLISECONDS_FROM = 100_000_000_000
"""Numbers from here on are milliseconds since 1970, smaller ones seconds."""


def instant_of(value: Any) -> datetime | None:
    """Return the instant that a text in ISO 8601 or a number since 1970 means, or None; without an offset it is UTC."""
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value.strip())
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            seconds = value / 1000 if value >= MILLISECONDS_FROM else value
            return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


MOST_IN_TRANSIT = timedelta(minutes=5)
"""A smaller difference between the clocks may as well be the time that a request took to arrive."""


def happened_at(timestamp: Any, offset: Any, sent_at: datetime | None, received_at: datetime) -> datetime:
    """Return the event's time by our clock, never later than now.

    `sent_at` is what the client's clock said when it sent the request. A large difference to our clock is the error of
    theirs and is taken out; a small one only where the event would otherwise lie in the future. `offset` is how many
    milliseconds before sending the event happened, for clients that give no timestamp.
    """
    stated = instant_of(timestamp)
    try:
        if stated is None:
            if isinstance(offset, (int, float)) and not isinstance(offset, bool) and offset > 0:
                return max(received_at - timedelta(milliseconds=offset), OLDEST)
            return received_at
        if sent_at is not None and (abs(received_at - sent_at) > MOST_IN_TRANSIT or stated > received_at):
            stated += received_at - sent_at
        return min(max(stated, OLDEST), received_at)
    except OverflowError:
        return received_at
