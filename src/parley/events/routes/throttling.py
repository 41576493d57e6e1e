"""How often SDKs may send, and the words in which they are told that it was too often."""

from typing import Any

from litestar import Response
from litestar.types import ExceptionHandlersMap

from parley.kernel.errors import Throttled
from parley.kernel.throttle import Limit, per_address

MINUTE_S = 60
capture_counted = per_address(Limit("capture-address", 1200, MINUTE_S))
flags_counted = per_address(Limit("flags-address", 1200, MINUTE_S))
PER_PROJECT = Limit("capture-project", 36_000, MINUTE_S)


def _answer_throttled(_: Any, error: Throttled) -> Response[str]:
    return Response("rate limited", status_code=429, headers=error.headers, media_type="text/plain")


EXCEPTION_HANDLERS: ExceptionHandlersMap = {Throttled: _answer_throttled}
