"""How large files may be, and how many."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

MIB = 1024 * 1024
MOST_BYTES = 25 * MIB
MOST_FILES = 20
DEFAULT_QUOTA_MB = 10 * 1024
QUOTA_KEY = "storage_quota_mb"
PENDING_FOR = timedelta(days=1)
"""How long an upload waits to be attached to a message."""


def quota_of(settings: Mapping[str, Any]) -> int:
    """Return how many bytes the files of a project may have together, from its `conversations_settings`."""
    found = settings.get(QUOTA_KEY)
    return (found if isinstance(found, int) else DEFAULT_QUOTA_MB) * MIB


def human_size(size: int) -> str:
    """Return a size in words: 900 bytes, 12 KB, 3.4 MB."""
    if size < 1000:
        return f"{size} bytes"
    for unit, factor in (("KB", 1024), ("MB", MIB)):
        if size < 1000 * factor:
            return f"{size / factor:.1f} {unit}".replace(".0 ", " ")
    return f"{size / (1024 * MIB):.1f} GB".replace(".0 ", " ")
