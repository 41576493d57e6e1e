"""How long things are good for."""

from datetime import datetime, timedelta

SKEW = timedelta(minutes=1)
"""How far the clocks of two machines may lie apart."""
CODE = timedelta(minutes=5)
ACCESS_TOKEN = timedelta(hours=1)
REFRESH_TOKEN = timedelta(days=30)
"""From its last exchange; a program that isn't used for so long asks again."""
UNUSED_APPLICATION = timedelta(days=2)
APPLICATION = timedelta(days=90)
"""From the last time that somebody has granted something to it, or it has fetched a token."""


def is_good(expires_at: datetime, now: datetime, lasts: timedelta) -> bool:
    """Say whether something isn't over yet; nothing lasts longer because a clock was ahead when it was made."""
    return now < expires_at <= now + lasts + SKEW
