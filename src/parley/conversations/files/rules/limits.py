"""How large files may be, and how many."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

MIB = 1024 * 1024
MOST_BYTES = 25 * MIB
MOST_FILES = 20
MOST_FORM_BYTES = 100 * MIB
"""All files of one form of a page together, with everything else in it."""
MOST_TOGETHER_BYTES = MOST_FORM_BYTES - 2 * MIB
"""All files of one form; the rest is for its other fields."""
DEFAULT_QUOTA_MB = 10 * 1024
QUOTA_KEY = "storage_quota_mb"
PENDING_FOR = timedelta(days=1)
"""How long an upload waits to be attached to a message, or to be kept in a draft."""


def quota_of(settings: Mapping[str, Any]) -> int:
    """Return how many bytes the files of a project may have together, from its `conversations_settings`."""
    found = settings.get(QUOTA_KEY)
    return (found if isinstance(found, int) else DEFAULT_QUOTA_MB) * MIB
