"""How often a user may write, and one thing at a time."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any, Literal

import msgspec

from parley.kernel.errors import PlainError
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services
from parley.kernel.throttle import HOUR_S, MINUTE_S, Limit

LIMITS = {
    kind: (Limit(f"{kind}-minute", 10, MINUTE_S), Limit(f"{kind}-hour", 60, HOUR_S))
    for kind in ("reply", "notes", "compose")
}
IN_FLIGHT_S = 2  # of a request whose process was killed, the same message is refused for so long at most
IN_PROGRESS = {
    "detail": "The same message is being sent right now. Please wait a moment.",
    "error_type": "reply_in_progress",
}


async def count_write(services: Services, actor: Actor, kind: Literal["reply", "notes", "compose"]) -> None:
    """Count what a user writes, where the settings ask for limits; raises Throttled."""
    if services.settings.limits_keys:
        await services.throttles.hit(*((limit, str(actor.user_id)) for limit in LIMITS[kind]))


@asynccontextmanager
async def one_at_a_time(
    services: Services, actor: Actor, message: Sequence[Any], refusal: Mapping[str, str] = IN_PROGRESS
) -> AsyncIterator[None]:
    """Refuse a message that the same user is sending already; raises PlainError (409).

    `message` is what makes two requests the same: ticket, whether it is private, text, and the `Idempotency-Key`.
    The entry in the cache goes when the request ends, or expires if the process has died. It only makes the refusal
    early: that a message is stored once is decided in the database.
    """
    sent = msgspec.json.encode((actor.project_id, actor.user_id, message))
    key = f"sending:{sha256(sent).hexdigest()}"
    count, _ = await services.cache.increment(key, IN_FLIGHT_S)
    if count > 1:
        raise PlainError(409, dict(refusal), {"Retry-After": "1"})
    try:
        yield
    finally:
        await services.cache.delete(key)
