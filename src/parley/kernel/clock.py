"""Time, injected so that tests can hold it still."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where the program gets the time from."""

    def now(self) -> datetime:
        """Return the current instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def is_ahead(until: datetime | None, now: datetime, longest: timedelta) -> bool:
    """Say whether a time that is at most `longest` away has not come yet.

    One that is farther away was noted under a clock that has been set back since, and is over.
    """
    return until is not None and now < until <= now + longest
