"""Raw mails without a row of the ledger: the server ended right between the two, and the sender brings such a mail again."""

from datetime import datetime, timedelta
from uuid import UUID

from parley.email.inbound.actions.receiving import RAW_KIND
from parley.email.inbound.queries.forgetting import kept_raw
from parley.kernel.ids import first_id_at, last_id_at
from parley.kernel.services import Services

LOOKS_BACK, WAITS = timedelta(days=31), timedelta(days=1)
"""Which raw mails are looked at: by then each has its row, and those that are older were looked at before."""


async def clear_orphans(services: Services, project_id: int, now: datetime) -> int:
    """Delete the raw mails of a month that no row has, a day after they came; return how many. Safe to repeat.

    Raises StorageAway.
    """
    first, last, cleared = first_id_at(now - LOOKS_BACK), last_id_at(now - WAITS), 0
    async for keys in services.storage.old_keys(project_id, RAW_KIND, first, last, now - WAITS):
        by_id = {UUID(key.rpartition("/")[2]): key for key in keys}
        known = await kept_raw(services.database, project_id, list(by_id))
        orphans = [key for id, key in by_id.items() if id not in known]
        await services.storage.delete(orphans)
        cleared += len(orphans)
    return cleared
