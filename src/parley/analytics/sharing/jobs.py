"""The removal of what is over."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from parley.analytics.sharing.actions.accesses import forget_old_accesses
from parley.analytics.sharing.actions.configurations import forget_links, forget_replaced_links
from parley.analytics.sharing.queries.recordings import shares_of_gone_recordings
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import job
from parley.kernel.services import Services

BATCH = 5000
MOST_BATCHES = 20


@job("sharing.forget_expired", every=timedelta(hours=1), deletes=True)
async def forget_expired_shares(db: Db, services: Services) -> int:
    """Delete links that were replaced, and entries about accesses that are old. Safe to run twice."""
    now = services.clock.now()
    n_links = await _forget_all(lambda: forget_replaced_links(db, now, limit=BATCH))
    return n_links + await _forget_all(lambda: forget_old_accesses(db, now, limit=BATCH))


@job("sharing.forget_gone", daily_at="04:30", deletes=True)
async def forget_gone_shares(db: Db, services: Services) -> int:
    """Delete the shares of recordings that were deleted, or whose time is over. Safe to run twice."""
    now = services.clock.now()
    return await _forget_all(lambda: forget_links(db, shares_of_gone_recordings(now, BATCH)))


async def _forget_all(forget_some: Callable[[], Awaitable[int]]) -> int:
    """Delete batch after batch until one isn't full; return how many rows. After MOST_BATCHES the next run goes on."""
    forgotten = 0
    for _ in range(MOST_BATCHES):
        batch = await forget_some()
        forgotten += batch
        if batch < BATCH:
            break
    return forgotten
