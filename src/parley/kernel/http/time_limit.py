"""How long a client may take to send a body. The server itself bounds the time for heads of requests, and for silence.

Most bodies come whole in one message, which needs no timer. One that never begins is silence.
"""

import asyncio
from time import monotonic
from typing import Any

from litestar.types import Receive

from parley.kernel.errors import RequestTimeout

BODY_S = 30.0
"""From the first look at the body until all of it has arrived."""
BODY_TIME = "parley_body_s"
"""In the scope: how long this body may take instead, set before it is looked at by a route that takes large ones."""


def in_time(receive: Receive, within_s: float | None = None, scope: Any = None) -> Receive:
    """Return a `receive` that raises RequestTimeout once a body has taken too long, however steadily it drips."""
    until: float | None = None
    is_complete = False

    async def receiving() -> Any:
        nonlocal until, is_complete
        if is_complete:
            return await receive()
        if until is None:
            longest = BODY_S if scope is None else scope.get(BODY_TIME, BODY_S)
            until = monotonic() + (longest if within_s is None else within_s)
            message = await receive()
        else:
            try:
                async with asyncio.timeout(until - monotonic()):
                    message = await receive()
            except TimeoutError as error:
                raise RequestTimeout from error
        is_complete = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    return receiving
