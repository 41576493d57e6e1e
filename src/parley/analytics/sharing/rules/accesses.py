"""What is kept of those who open links: who, when, how often. Repeats within an hour are one entry."""

from datetime import datetime, timedelta
from typing import Literal

AccessKind = Literal["opened", "share_login_success", "share_login_failed"]
KEPT_FOR = timedelta(days=90)
CROWD = "many"
"""Stands for the addresses of an hour that are too many to be kept one by one."""
MOST_ADDRESSES = 300
"""Of a link in an hour; more of them are one entry."""


def hour_of(at: datetime) -> datetime:
    """Return when the hour of an instant began."""
    return at.replace(minute=0, second=0, microsecond=0)
