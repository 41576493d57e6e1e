"""How long raw mails are kept."""

from collections.abc import Mapping
from typing import Any

KEY = "inbound_mail_kept_days"
DEFAULT_DAYS = 90


def kept_days(settings: Mapping[str, Any]) -> int:
    """Return for how many days after it was processed a project keeps the raw form of a mail."""
    found = settings.get(KEY)
    return found if isinstance(found, int) and not isinstance(found, bool) and found > 0 else DEFAULT_DAYS
