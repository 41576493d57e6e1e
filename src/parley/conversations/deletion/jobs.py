"""Deleted tickets are removed for good by the clock."""

from datetime import timedelta

from parley.conversations.deletion.actions import PURGE_BATCH, purge_some
from parley.conversations.deletion.queries import projects_to_purge
from parley.conversations.deletion.rules import restorable_since
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Work, enqueue, job, work
from parley.kernel.services import Services


@job("tickets.purge_deleted", every=timedelta(days=1), deletes=True)
async def purge_deleted(db: Db, services: Services) -> int:
    """Start the purge of tickets that were deleted 14 days ago; return in how many projects there are some."""
    projects = await projects_to_purge(db, restorable_since(services.clock.now()))
    for project_id in projects:
        await enqueue(db, "tickets.purge_project", {}, project_id=project_id)
    return len(projects)


@work("tickets.purge_project", timeout_s=900)
async def purge_project(services: Services, work: Work) -> None:
    """Purge what a project has deleted long ago, in transactions of a few tickets; an interrupted purge continues later."""
    purged = PURGE_BATCH
    while purged >= PURGE_BATCH:
        async with services.database.transaction() as db:
            purged = await purge_some(db, services, work.project_id, services.clock.now())
