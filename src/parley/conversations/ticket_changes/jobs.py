"""Background work of the counts: what was added one by one is added up."""

from datetime import timedelta

from parley.conversations.ticket_changes.actions.unread import fold_unread
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import job
from parley.kernel.services import Services


@job("tickets.fold_unread", every=timedelta(seconds=10))
async def fold_counts_of_unread(db: Db, _: Services) -> int:
    """Add up the rows that say how many messages are unread, so that there are few to be read."""
    return await fold_unread(db)
