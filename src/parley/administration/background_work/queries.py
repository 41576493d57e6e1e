"""What the owners of one organization may know of background work."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from parley.accounts.organizations.queries import is_only_organization
from parley.accounts.projects.queries.projects import projects_of_organizations
from parley.administration.background_work.rules import sentence_of
from parley.administration.background_work.schemas import (
    BackgroundWorkOut,
    FailedWorkOut,
    FailingJobOut,
    QueueOut,
)
from parley.integrations.webhooks.queries.endpoints import failing_endpoints
from parley.kernel.database.transaction import Db
from parley.kernel.ids import made_at
from parley.kernel.jobs import (
    BackgroundFailure,
    Backlog,
    backlogs,
    failed_rows,
    failing_jobs,
    registry,
)

INSTALLATION = 0
"""The project of work that belongs to none."""
MOST_SHOWN = 100
"""Pieces of failed work."""


async def projects_shown(db: Db, organization_id: UUID) -> dict[int, str]:
    """Return the ids and names of the projects whose work the organization's owners see.

    What belongs to the whole installation is among them while nobody else uses it.
    """
    own = {one.id: one.name for one in await projects_of_organizations(db, [organization_id])}
    if await is_only_organization(db, organization_id):
        return {INSTALLATION: "The whole installation"} | own
    return own


async def background_work(db: Db, projects: Sequence[int], now: datetime) -> BackgroundWorkOut:
    """Return what waits and what fails in these projects."""
    jobs = await failing_jobs(db) if INSTALLATION in projects else ()
    return BackgroundWorkOut(
        queues=[_queue(one) for one in await backlogs(db, now, projects=projects)],
        work=[_work(one, one.id) for one in await failed_rows(db, projects, limit=MOST_SHOWN) if one.id],
        jobs=[_job(one) for one in jobs],
        webhooks=await failing_endpoints(db, projects, now),
    )


def _queue(one: Backlog) -> QueueOut:
    return QueueOut(
        queue=one.queue,
        waiting=one.waiting,
        retried=one.retried,
        dead=one.dead,
        oldest_waiting_s=round(one.oldest.total_seconds(), 3),
    )


def _work(one: BackgroundFailure, id: UUID) -> FailedWorkOut:
    return FailedWorkOut(
        id=id,
        project_id=one.project_id or None,
        queue=one.kind,
        name=one.name,
        description=registry.description_of(one.name, one.handler),
        attempts=one.failures,
        last_error=sentence_of(one.error),
        created_at=made_at(id),
        next_attempt_at=one.next_at,
        given_up_at=one.dead_at,
    )


def _job(one: BackgroundFailure) -> FailingJobOut:
    described = registry.description_of(one.name)
    return FailingJobOut(
        name=one.name, description=described, failures=one.failures, last_error=sentence_of(one.error)
    )
