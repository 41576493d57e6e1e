"""The removal of old requests from the log."""

from datetime import timedelta

from parley.accounts.scim.actions.request_log import forget_requests
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import job
from parley.kernel.services import Services


@job("scim.forget_requests", every=timedelta(hours=1), deletes=True)
async def forget_old_requests(db: Db, services: Services) -> int:
    """Delete what the log keeps no longer. Safe to run twice."""
    return await forget_requests(db, services.clock.now())
