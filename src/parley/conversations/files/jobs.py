"""Background work of files."""

from datetime import timedelta

from parley.conversations.files.actions.erasing import BATCH, DELETE_OBJECTS, forget_never_attached
from parley.conversations.files.rules.limits import PENDING_FOR
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Event, Work, enqueue, job, on, work
from parley.kernel.services import Services

DELETE_PROJECT = "files.delete_objects_of_project"
MOST_BATCHES = 20
LOOK_AGAIN_AFTER = timedelta(days=1)
"""A server that ends in the middle of a request leaves what that has stored."""


@work(DELETE_OBJECTS, timeout_s=300)
async def delete_objects(services: Services, work: Work) -> None:
    """Delete the objects of files whose rows are gone. Safe to run twice; retried while the storage is away."""
    await services.storage.delete(work.payload["keys"])


@on("project.deleted", "files.jobs.forget_project")
async def forget_project(db: Db, services: Services, event: Event) -> None:
    """Have everything deleted that a deleted project has in the storage, and later what was still on its way there."""
    await enqueue(db, DELETE_PROJECT, event.payload, project_id=0)
    later = services.clock.now() + LOOK_AGAIN_AFTER
    await enqueue(db, DELETE_PROJECT, event.payload, project_id=0, not_before=later)


@work(DELETE_PROJECT, timeout_s=3600, ahead_s=LOOK_AGAIN_AFTER.total_seconds())
async def delete_objects_of_project(services: Services, work: Work) -> None:
    """Delete all objects of a project that is gone: its files, and whatever else lies under its number."""
    await services.storage.delete_all(work.payload["project_id"])


@job("files.clear_uploads", every=timedelta(days=1), deletes=True)
async def clear_uploads(db: Db, services: Services) -> int:
    """Remove uploads that nobody attached in a day or keeps in a draft; return how many. After a flood the next goes on."""
    cleared, until = 0, services.clock.now() - PENDING_FOR
    for _ in range(MOST_BATCHES):
        batch = await forget_never_attached(db, until)
        cleared += batch
        if batch < BATCH:
            break
    return cleared
