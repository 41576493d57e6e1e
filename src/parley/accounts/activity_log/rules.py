"""What the log calls a change."""

from collections.abc import Mapping
from typing import Any


def activity_of(changes: Mapping[str, Any]) -> str:
    """Return the activity of a change of these columns: one of `deleted` is a deletion, or takes one back."""
    if "deleted" not in changes:
        return "updated"
    return "deleted" if changes["deleted"] else "restored"
