"""Background work of the list: its search finds what a version before this one has written."""

from datetime import timedelta

from parley.conversations.ticket_list.actions import FOLD_BATCH, fold_some
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import job
from parley.kernel.services import Services

MOST_BATCHES = 10
"""Of one run: on SQLite nobody else can write meanwhile."""


@job("tickets.fold_search", every=timedelta(seconds=10))
async def fold_search(db: Db, _: Services) -> int:
    """Fold the texts that only the database has folded, as an older version wrote them; return how many."""
    n_folded = 0
    for _batch in range(MOST_BATCHES):
        batch = await fold_some(db)
        n_folded += batch
        if batch < FOLD_BATCH:
            break
    return n_folded
