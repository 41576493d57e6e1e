"""The removal of what is over."""

from datetime import timedelta

from parley.analytics.sharing.actions.accesses import forget_old_accesses
from parley.analytics.sharing.actions.configurations import forget_replaced
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import job
from parley.kernel.services import Services

BATCH = 5000


@job("sharing.forget_expired", every=timedelta(hours=1), deletes=True)
async def forget_expired_shares(db: Db, services: Services) -> int:
    """Delete links that were replaced, and entries about accesses that are old. Safe to run twice."""
    now = services.clock.now()
    return await forget_replaced(db, now, limit=BATCH) + await forget_old_accesses(db, now, limit=BATCH)
