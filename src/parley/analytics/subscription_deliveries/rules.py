"""Decisions about deliveries: how often they are tried, when they are given up, and how they are named."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from parley.analytics.subscriptions.rules.limits import LATEST
from parley.kernel.errors import Invalid
from parley.kernel.network.webhook_messages import RETRIES_S
from parley.kernel.throttle import MINUTE_S, Limit

STATUSES = ("completed", "failed", "skipped", "starting")
MOST_FAILURES = 5
"""After so many failed deliveries in a row a subscription is switched off."""
GIVEN_UP_AFTER = timedelta(hours=24)
"""A delivery that is still not done by then has failed; all attempts together take less."""
IN_PROGRESS_FOR = timedelta(minutes=2)
"""How long a delivery keeps a test from beginning; one that is still not done is being tried again, maybe for hours."""
KEPT_FOR = timedelta(days=90)
"""How long deliveries are listed."""
LETTERS_KEPT_FOR = timedelta(days=30)
"""How long what was sent is stored."""

PREPARING_RETRIES_S = (10, 60, 300, 1800)
MAIL_RETRIES_S = (5, 30, 120, 600, 1800, 3600, 7200, 14400)
CALL_RETRIES_S = RETRIES_S
"""Seconds to wait after each failed attempt to make, mail, or post something; one more and it has failed."""

TEST_LIMIT = Limit("subscription_tests", 10, MINUTE_S)
"""Of test deliveries, per project."""
PICTURE_LIMIT = Limit("report_pictures", 300, MINUTE_S)
"""Of pictures of reports, per address of a client."""
TOO_LATE = "It was due on {}, more than 24 hours before it could be delivered."


def reason_to_skip(due_at: datetime, now: datetime) -> str | None:
    """Return why a delivery isn't made any more; None while it may be late."""
    return TOO_LATE.format(f"{due_at:%Y-%m-%d %H:%M} UTC") if now - due_at > LATEST else None


def scheduled_key(occurrence: datetime) -> str:
    """Return the name of a scheduled delivery, by which there is one for each occurrence."""
    return f"scheduled-{occurrence:%Y%m%dT%H%M%S.%fZ}"


def read_status(query: Mapping[str, str]) -> str | None:
    """Read the filter of a list of deliveries; raises Invalid for a status that there isn't."""
    status = query.get("status")
    if status and status not in STATUSES:
        raise Invalid(f"Must be one of: {', '.join(STATUSES)}.", attr="status")
    return status or None
