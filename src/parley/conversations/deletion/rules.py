"""How long a deleted ticket is kept."""

from datetime import datetime, timedelta

RESTORABLE_FOR = timedelta(days=14)


def restorable_since(now: datetime) -> datetime:
    """Return when a ticket must have been deleted at the earliest to be still there: later than this."""
    return now - RESTORABLE_FOR
