"""When jobs run: at whole multiples of an interval, or every day at a time of the wall clock."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from parley.kernel.clock import instants_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Every(msgspec.Struct, frozen=True):
    """Whole multiples of an interval, counted from 1970 in UTC."""

    interval: timedelta

    def first(self, now: datetime) -> datetime:
        """Return when a job runs first that is new at `now`: at once."""
        return now

    def next_after(self, now: datetime) -> datetime:
        """Return the first multiple after `now`."""
        return now - (now - EPOCH) % self.interval + self.interval

    def __str__(self) -> str:
        return f"every {self.interval}"


class Daily(msgspec.Struct, frozen=True):
    """Once on each day of a zone. A time that its clock skips is the moment of the jump; of one that it shows twice, the
    first is meant.
    """

    at: time
    zone: ZoneInfo

    def first(self, now: datetime) -> datetime:
        """Return when a job runs first that is new at `now`: not before its time of day."""
        return self.next_after(now)

    def next_after(self, now: datetime) -> datetime:
        """Return the first such moment after `now`."""
        today = now.astimezone(self.zone).date()
        days = (today + timedelta(days=n) for n in range(3))
        moments = (instants_of(datetime.combine(day, self.at), self.zone)[0] for day in days)
        return next(moment for moment in moments if moment > now)

    def __str__(self) -> str:
        return f"daily at {self.at:%H:%M}, {self.zone.key}"


def when_of(every: timedelta | None, daily_at: str | None, zone: str) -> Every | Daily:
    """Return when a job runs that names an interval or a time of day; raises ValueError for both and for neither."""
    if (every is None) == (daily_at is None):
        raise ValueError("a job names either `every` or `daily_at`")
    if every is not None:
        return Every(every)
    return Daily(time.fromisoformat(daily_at or ""), ZoneInfo(zone))
