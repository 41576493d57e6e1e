"""How often SDKs may send, and the answer when it was too often."""

from math import ceil
from typing import Any

from litestar import Response
from litestar.types import ExceptionHandlersMap

from parley.kernel.errors import Throttled
from parley.kernel.throttle import MINUTE_S, Limit, per_address

PER_ADDRESS = Limit("capture-address", 1200, MINUTE_S)
capture_counted = per_address(PER_ADDRESS)
flags_counted = per_address(Limit("flags-address", 1200, MINUTE_S))
PER_PROJECT = Limit("capture-project", 36_000, MINUTE_S)
BYTES_OF_ONE, EVENTS_OF_ONE = 64 * 1024, 100
"""So much of what is stored counts as one request: a kilobyte of gzip may hold two megabytes, or thousands of events."""


def n_counted(n_bytes: int, n_events: int) -> int:
    """Say as how many requests one counts, by the size of its unpacked body and by its events."""
    return max(1, ceil(n_bytes / BYTES_OF_ONE), ceil(n_events / EVENTS_OF_ONE))


def _answer_throttled(_: Any, error: Throttled) -> Response[str]:
    return Response("rate limited", status_code=429, headers=error.headers, media_type="text/plain")


EXCEPTION_HANDLERS: ExceptionHandlersMap = {Throttled: _answer_throttled}
