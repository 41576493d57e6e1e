"""When an answer is old, and what is done then: PostHog's `refresh` modes."""

from datetime import datetime, timedelta
from typing import Any, Literal

Mode = Literal[
    "force_cache",
    "blocking",
    "async",
    "lazy_async",
    "force_blocking",
    "force_async",
    "async_except_on_cache_miss",
]
SPELLINGS: dict[str, Mode] = {
    "": "force_cache",
    "false": "force_cache",
    "0": "force_cache",
    "force_cache": "force_cache",
    "true": "force_blocking",
    "1": "force_blocking",
    "blocking": "blocking",
    "force_blocking": "force_blocking",
    "async": "async",
    "async_except_on_cache_miss": "async_except_on_cache_miss",
    "lazy_async": "lazy_async",
    "force_async": "force_async",
}
FRESH_BY_HOUR, FRESH = timedelta(minutes=1), timedelta(minutes=15)
"""How long an answer holds: by the hour and of rows of events, and else."""
LAZY = 4
"""`lazy_async` takes answers that are so many times older."""
KEPT_FOR = timedelta(days=1)
"""How long an answer is kept that nobody has asked for anew."""
GIVEN_UP_AFTER, RUNS_KEPT_FOR = timedelta(minutes=20), timedelta(days=1)
"""Of queries that nobody waits for."""


def mode_of(value: Any, default: Mode) -> Mode:
    """Return the mode that a request names; what isn't known takes the default."""
    if isinstance(value, bool):
        return "force_blocking" if value else "force_cache"
    return SPELLINGS.get(value.lower(), default) if isinstance(value, str) else default


def is_fresh(computed_at: datetime | None, now: datetime, fresh_for: timedelta, mode: Mode) -> bool:
    """Say whether an answer of this age is good enough for a mode. One out of the future is not: a clock was wrong."""
    if computed_at is None:
        return False
    if mode == "force_cache":
        return True
    if mode in ("force_blocking", "force_async"):
        return False
    most = fresh_for * LAZY if mode == "lazy_async" else fresh_for
    return -FRESH_BY_HOUR <= now - computed_at < most


def is_async(mode: Mode, *, is_kept: bool) -> bool:
    """Say whether nobody waits for an answer that has to be computed."""
    return mode in ("async", "lazy_async", "force_async") or (
        mode == "async_except_on_cache_miss" and is_kept
    )


def has_just_failed(failed_at: datetime | None, now: datetime) -> bool:
    """Say whether a query was tried in vain so lately that it isn't tried again."""
    return failed_at is not None and abs(now - failed_at) < FRESH_BY_HOUR
