"""How long a deleted ticket is kept."""

from datetime import datetime, timedelta

KEPT_FOR = timedelta(days=14)


def kept_since(now: datetime) -> datetime:
    """Return when a ticket must have been deleted at the earliest to be still there: later than this."""
    return now - KEPT_FOR
