"""Decisions about integrations: how their secrets are kept, and when their tokens are due."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from parley.kernel.errors import Invalid

MOST_INTEGRATIONS = 100
"""Of one project."""
TOKEN_REFRESH_FAILED = "TOKEN_REFRESH_FAILED"  # an error code of the wire format
MOST_DEPTH = 20
MAX_ID = 2**31 - 1
"""The largest id of an integration that both databases store."""


def leaves_changed(value: Any, change: Callable[[str], str], depth: int = 0) -> Any:
    """Return a JSON value with each text in it changed; keys, numbers and the rest stay.

    Raises Invalid for one that is nested deeper than any service does it.
    """
    if depth > MOST_DEPTH:
        raise Invalid("The service sent an answer that is nested too deep.")
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {str(key): leaves_changed(one, change, depth + 1) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [leaves_changed(one, change, depth + 1) for one in value]
    return value


def half_life(refreshed_at: datetime, lasts_s: Any) -> datetime | None:
    """Return when a token that lasts for so many seconds is due: after half of them. None for one without an end."""
    if isinstance(lasts_s, bool) or not isinstance(lasts_s, int | float) or not 0 < lasts_s < 10**9:
        return None
    return refreshed_at + timedelta(seconds=lasts_s / 2)
