"""How long a client may take to send a body. The server itself bounds the time for heads of requests, and for silence."""

import asyncio
from typing import Any

from litestar.types import Receive

from parley.kernel.errors import RequestTimeout

BODY_S = 30.0
"""From the first look at the body until all of it has arrived."""


def in_time(receive: Receive, within_s: float | None = None) -> Receive:
    """Return a `receive` that raises RequestTimeout once a body has taken too long, however steadily it drips."""
    until: float | None = None
    is_complete = False

    async def receiving() -> Any:
        nonlocal until, is_complete
        if is_complete:
            return await receive()
        if until is None:
            until = asyncio.get_running_loop().time() + (BODY_S if within_s is None else within_s)
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError as error:
            raise RequestTimeout from error
        is_complete = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    return receiving
