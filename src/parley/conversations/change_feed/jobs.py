"""What is done with changes by the clock."""

from datetime import timedelta

from parley.conversations.change_feed.actions.forgetting import forget_some
from parley.conversations.change_feed.rules import changes_kept_since
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import job
from parley.kernel.services import Services

BATCH, MOST_BATCHES = 2000, 20
"""Of one run: on SQLite nobody else can write meanwhile."""


@job("changes.forget_old", every=timedelta(minutes=10), deletes=True)
async def forget_old(db: Db, services: Services) -> int:
    """Delete changes that no client can ask for any more; return how many. The next runs delete what is left."""
    forgotten, before = 0, changes_kept_since(services.clock.now())
    for _ in range(MOST_BATCHES):
        batch = await forget_some(db, before, limit=BATCH)
        forgotten += batch
        if batch < BATCH:
            break
    return forgotten
