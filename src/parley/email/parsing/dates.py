"""When a mail was written."""

from datetime import UTC, datetime, timedelta
from email.utils import mktime_tz, parsedate_tz

MAX_CHARS = 200
SKEW = timedelta(days=1)
"""How far the clock of a sender may be ahead of the server that received the mail."""

FIRST, LAST = datetime(1980, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


def moment(value: str) -> datetime | None:
    """Return the moment that a Date names, in UTC, or None where it names none (RFC 5322 3.3, 4.3)."""
    try:
        parts = parsedate_tz(value[:MAX_CHARS].strip())
        if parts is None:
            return None
        found = datetime.fromtimestamp(mktime_tz(parts), UTC)
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return None
    return found if FIRST <= found <= LAST else None


def written_at(date: str, received: list[str]) -> tuple[datetime | None, str | None]:
    """Return when a mail was written, and what is wrong with its Date.

    A Date that is missing, unreadable or in the future of the server that received the mail gives way to that server's.
    """
    told = moment(date)
    arrived = next((found for line in received if (found := moment(line.rpartition(";")[2]))), None)
    if told is None:
        return arrived, "The date is missing." if not date.strip() else "The date can't be read."
    if arrived is not None and told > arrived + SKEW:
        return arrived, "The date is in the future."
    return told, None
