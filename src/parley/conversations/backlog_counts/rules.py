"""What an event says of a backlog (docs/webhooks.md#what-you-hear-of)."""

from datetime import datetime, timedelta

from parley.people.events.rules.events import RESERVED

EVENT = f"{RESERVED}backlog_counted"
DISTINCT_ID = "$conversations"
"""As whom the event is stored: it is of the project, not of a person."""
DAY = timedelta(days=1)
AGES = {
    "backlog_under_1_day": (timedelta(), DAY),
    "backlog_1_to_3_days": (DAY, 3 * DAY),
    "backlog_3_to_7_days": (3 * DAY, 7 * DAY),
    "backlog_over_7_days": (7 * DAY, None),
}
"""From which age on, and below which, a ticket is counted under a name."""


def hour_of(now: datetime) -> datetime:
    """Return the hour for which something is counted."""
    return now.replace(minute=0, second=0, microsecond=0)
