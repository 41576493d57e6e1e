"""Background work of recordings."""

from datetime import timedelta

from parley.analytics.recordings.actions.deleting import (
    BATCH,
    CLEAR,
    clear_blocks,
    forget_deleted,
    hide_expired,
)
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Work, job, work
from parley.kernel.services import Services

MOST_BATCHES = 10
RETRIES_S = (5, 60, 600, *[3600] * 24, *[86_400] * 30)
"""What is to be deleted is tried for a month: nobody sees it any more, but it lies there."""


@work(CLEAR, timeout_s=1800, retries_s=RETRIES_S)
async def clear_deleted(services: Services, work: Work) -> None:
    """Delete the blocks of deleted recordings. Safe to run twice; retried while the storage is away."""
    for session_id in work.payload["session_ids"]:
        await clear_blocks(services, work.project_id, session_id)


@job("recordings.expire", every=timedelta(hours=1), deletes=True)
async def expire_recordings(db: Db, services: Services) -> int:
    """Delete recordings whose time is over, and forget those that were deleted before; return how many expired."""
    now, n_expired = services.clock.now(), 0
    for _ in range(MOST_BATCHES):
        batch = await hide_expired(db, now)
        n_expired += batch
        if batch < BATCH and await forget_deleted(db, now) < BATCH:
            break
    return n_expired
