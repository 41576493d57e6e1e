"""People at a step, page by page: the funnel is computed for the first page, and the next ones are read from what it found.

So pages belong together: nobody comes twice or is left out because somebody moved on meanwhile.
"""

import hashlib
from collections.abc import Awaitable, Callable

import msgspec

from parley.analytics.funnels.queries.actors import AtStep
from parley.kernel.redis.cache import Cache

MOST_KEPT, KEPT_FOR_S = 1000, 300.0
"""With 60 bytes each, so that an answer takes 60 kB at most; behind the last one it is computed anew."""


class KeptPeople(msgspec.Struct, frozen=True):
    """Some of those at a step, newest first; `is_all` says that nobody comes behind them."""

    found: list[AtStep]
    is_all: bool


Compute = Callable[[int, AtStep | None], Awaitable[list[AtStep]]]
"""Returns at most so many from behind a cursor on."""


async def kept_page(
    cache: Cache, question: bytes, compute: Compute, limit: int, cursor: AtStep | None
) -> list[AtStep]:
    """Return at most so many people from behind a cursor on, without one those of now.

    `question` is what the people depend on: the project, the funnel and the step.
    """
    key = f"people-at-step:{hashlib.sha256(question).hexdigest()}"
    if cursor is not None:
        encoded = await cache.get(key)
        found = _page_of(msgspec.msgpack.decode(encoded, type=KeptPeople), limit, cursor) if encoded else None
        if found is not None:
            return found
    people = await compute(max(limit, MOST_KEPT), cursor)
    if len(people) > limit:
        kept = KeptPeople(people, is_all=len(people) < MOST_KEPT)
        await cache.set(key, msgspec.msgpack.encode(kept), KEPT_FOR_S)
    return people[:limit]


def _page_of(kept: KeptPeople, limit: int, cursor: AtStep) -> list[AtStep] | None:
    """Return the page behind the cursor; None where it isn't all in here."""
    if cursor not in kept.found:
        return None
    behind = kept.found.index(cursor) + 1
    page = kept.found[behind : behind + limit]
    return page if len(page) == limit or kept.is_all else None
