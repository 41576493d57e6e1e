"""Background work of files."""

from datetime import timedelta

from parley.conversations.files.actions.erasing import BATCH, DELETE_OBJECTS, forget_never_attached
from parley.conversations.files.rules.limits import PENDING_FOR
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Work, job, work
from parley.kernel.services import Services

MOST_BATCHES = 20


@work(DELETE_OBJECTS, timeout_s=300)
async def delete_objects(services: Services, work: Work) -> None:
    """Delete the objects of files whose rows are gone. Safe to run twice; retried while the storage is away."""
    await services.storage.delete(work.payload["keys"])


@job("files.clear_uploads", every=timedelta(days=1), deletes=True)
async def clear_uploads(db: Db, services: Services) -> int:
    """Remove uploads that nobody attached to a message within a day; return how many. After a flood the next run goes on."""
    cleared, until = 0, services.clock.now() - PENDING_FOR
    for _ in range(MOST_BATCHES):
        batch = await forget_never_attached(db, until)
        cleared += batch
        if batch < BATCH:
            break
    return cleared
