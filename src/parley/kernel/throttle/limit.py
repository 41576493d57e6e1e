"""What a limit is, and when it refuses: pure, without clock and storage."""

import msgspec

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400
"""Usual windows of limits."""
LONGEST_WAIT_S = HOUR_S
SKEW_S = 60.0
"""How far the clocks of two machines may lie apart. What lies further ahead was written before a clock was set back."""


class Limit(msgspec.Struct, frozen=True):
    """At most `most` for each key in a window of `window_s` seconds that the first one opens.

    With `first_wait_s` it is a limit on guessing: behind `most` tries one more passes after each wait, and the waits
    double. `name` tells the counters of limits apart.
    """

    name: str
    most: int
    window_s: int
    first_wait_s: int = 0


class Window(msgspec.Struct, frozen=True):
    """What is counted for a key: how many, when the last one came, and when counting begins anew."""

    n: int
    last_at: float
    ends_at: float


class Count(msgspec.Struct, frozen=True):
    """What a request that passed was counted as: `place` is the counter, which in a flood it may share with others."""

    limit: Limit
    place: bytes
    n: int
    ends_in_s: float


def is_over(limit: Limit, window: Window, now: float) -> bool:
    """Say whether counting begins anew, also because the clock was set back."""
    is_running = window.ends_at - limit.window_s - SKEW_S <= now < window.ends_at
    return not is_running or window.last_at > now + SKEW_S


def wait_s(limit: Limit, window: Window, now: float) -> float:
    """Return how long to wait until one more passes; 0 when it passes now."""
    if window.n < limit.most:
        return 0.0
    if not limit.first_wait_s:
        return window.ends_at - now
    pause_s = min(limit.first_wait_s << min(window.n - limit.most, 10), LONGEST_WAIT_S)
    return max(0.0, window.last_at + pause_s - now)
