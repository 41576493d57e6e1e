"""The removal of bulk changes that can't be undone any more."""

from datetime import timedelta

from parley.conversations.bulk_changes.undoing import forget_old_bulk_changes
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import job
from parley.kernel.services import Services


@job("bulk_changes.forget_old", every=timedelta(hours=1), deletes=True)
async def forget_old(db: Db, services: Services) -> int:
    """Delete what is kept of bulk changes of the inbox, an hour after them. Safe to run twice."""
    return await forget_old_bulk_changes(db, services.clock.now())
