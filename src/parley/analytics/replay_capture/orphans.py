"""Objects that no row names: left where the server ended between storing a batch and noting it.

Nothing is noted before a batch is stored, which would cost each of them a transaction. So the storage is looked through once
a day, as far as it is new.
"""

from datetime import datetime, timedelta
from uuid import UUID

from parley.analytics.recordings.schemas import OBJECT_KIND
from parley.analytics.replay_capture.queries import named_objects
from parley.kernel.ids import first_id_at
from parley.kernel.services import Services
from parley.kernel.storage.keys import object_key

SETTLED_AFTER = timedelta(days=1)
"""What is younger may be on its way to its row."""
LOOKED_BACK = timedelta(days=4)
"""So a server that was off for some days misses nothing."""


async def clear_orphans(services: Services, project_id: int, now: datetime) -> int:
    """Delete the objects of a project that no block names; return how many. Safe to repeat. Raises StorageAway."""
    oldest, youngest = (first_id_at(now - age) for age in (LOOKED_BACK, SETTLED_AFTER))
    n_cleared = 0
    async for keys in services.storage.keys_after(object_key(project_id, OBJECT_KIND, oldest)):
        ids = {UUID(hex=key.rpartition("/")[2]): key for key in keys}
        orphans = await _orphans_of(services, project_id, [id for id in ids if oldest <= id < youngest])
        await services.storage.delete(ids[id] for id in orphans)
        n_cleared += len(orphans)
    return n_cleared


async def _orphans_of(services: Services, project_id: int, ids: list[UUID]) -> set[UUID]:
    if not ids:
        return set()
    async with services.database.transaction(write=False) as db:
        return set(ids) - await named_objects(db, project_id, ids)
