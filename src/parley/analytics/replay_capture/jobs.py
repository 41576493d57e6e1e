"""Background work of what recorders send."""

from datetime import timedelta

import structlog

from parley.analytics.replay_capture.orphans import LOOKED_BACK, clear_orphans
from parley.analytics.replay_capture.queries import recording_projects
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Work, enqueue, job, work
from parley.kernel.services import Services

log = structlog.get_logger(__name__)

CLEAR = "replay_capture.clear_orphans"


@job("replay_capture.find_orphans", every=timedelta(days=1), deletes=True)
async def find_orphans(db: Db, services: Services) -> int:
    """Ask for each project that has recorded lately to be looked through; return how many."""
    projects = await recording_projects(db, (services.clock.now() - LOOKED_BACK).date())
    for project_id in projects:
        await enqueue(db, CLEAR, {}, project_id=project_id)
    return len(projects)


@work(CLEAR, timeout_s=3600)
async def clear_orphans_of_project(services: Services, work: Work) -> None:
    """Delete objects of recordings that no row names. Safe to run twice; retried while the storage is away."""
    n_cleared = await clear_orphans(services, work.project_id, services.clock.now())
    if n_cleared:
        log.info("orphans_of_recordings_cleared", project_id=work.project_id, objects=n_cleared)
