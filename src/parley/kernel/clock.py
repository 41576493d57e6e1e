"""Time, injected so that tests can hold it still."""

from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Where the program gets the time from."""

    def now(self) -> datetime:
        """Return the current instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


TOLERANCE = timedelta(minutes=1)
"""How far a noted time may be off: clocks of servers differ, and whoever waited for a lock asked its clock before that."""


def is_ahead(until: datetime | None, now: datetime, longest: timedelta) -> bool:
    """Say whether a time that was noted as at most `longest` away has not come yet.

    One that is plainly farther away was noted under a clock that has been set back since, and is over.
    """
    return until is not None and now < until <= now + longest + TOLERANCE


def instants_of(wall: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when the clock of a zone shows a time, which has no zone itself: the first time and the last time.

    The two differ only where the clock was set back between them. A time that the clock skips is the moment of the jump.
    """
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if second < first:  # only around a skipped time does the later offset give the earlier instant
        first = second = _jump(second, first, zone)
    return first, second


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant between the two at which the zone's clock jumps."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
