"""What the kernel has to have done by the clock."""

from datetime import timedelta

from parley.kernel.database.transaction import Db
from parley.kernel.idempotency import forget_old_answers
from parley.kernel.jobs import job
from parley.kernel.services import Services


@job("web.forget_idempotency_keys", every=timedelta(hours=1), deletes=True)
async def forget_idempotency_keys(db: Db, services: Services) -> int:
    """Delete the keys of requests, and the answers kept for them, after a day. Safe to run twice."""
    return await forget_old_answers(db, services.clock.now())
