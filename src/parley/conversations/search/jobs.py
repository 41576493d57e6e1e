"""Background work of search: new texts are sorted into the index."""

from datetime import timedelta

from parley.conversations.search.actions import tidy_index
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import job
from parley.kernel.services import Services


@job("tickets.tidy_search", every=timedelta(seconds=30))
async def tidy_search(db: Db, _: Services) -> int:
    """Move new texts into the search index, so that no request has to; return how many pages of them there were."""
    return await tidy_index(db)
