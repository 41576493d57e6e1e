"""Failures of background work, for `parley doctor` and for the owners of an organization."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, case, or_, select, true, update

from parley.kernel.database.transaction import Db
from parley.kernel.ids import made_at
from parley.kernel.jobs.outbox import AT_ONCE, wake_relays
from parley.kernel.jobs.tables import job_schedule, outbox

c = outbox.c


class BackgroundFailure(msgspec.Struct, frozen=True):
    """A row that failed (`id` is set), or a job whose last run failed (`id` is None).

    A row that was given up has `dead_at`; another one is tried again at `next_at`.
    """

    name: str
    failures: int
    error: str
    project_id: int = 0
    id: UUID | None = None
    kind: str = "job"
    handler: str = ""
    dead_at: datetime | None = None
    next_at: datetime | None = None

    @property
    def since(self) -> datetime | None:
        """When the work was asked for."""
        return made_at(self.id) if self.id else None

    def __str__(self) -> str:
        what = f"{self.name} ({self.id}, project {self.project_id})" if self.id else f"The job {self.name}"
        return f"{what} failed {self.failures} times; the last error was: {self.error}"


_ROWS: Select[Any] = select(
    c.name,
    c.attempts,
    c.last_error,
    c.project_id,
    c.id,
    c.kind,
    c.handler,
    c.dead_at,
    case((c.dead_at.is_(None), c.available_at)),
)
_JOBS: Select[Any] = select(job_schedule.c.name, job_schedule.c.failures, job_schedule.c.last_error)
_FAILED = or_(c.dead_at.is_not(None), c.attempts > 0)


async def background_failures(db: Db, *, limit: int = 100) -> list[BackgroundFailure]:
    """Return dead rows, oldest first, and then failing jobs."""
    dead = _ROWS.where(c.dead_at.is_not(None)).order_by(c.dead_at).limit(limit)
    return [*await _read(db, dead), *await failing_jobs(db)]


async def failing_jobs(db: Db) -> list[BackgroundFailure]:
    """Return the jobs whose last run failed; reads the whole small table."""
    failing = _JOBS.where(job_schedule.c.failures > 0).order_by(job_schedule.c.name)
    return await _read(db, failing)


async def failed_rows(db: Db, projects: Collection[int], *, limit: int = 100) -> list[BackgroundFailure]:
    """Return rows of these projects that failed, those that were given up first, the oldest first (primary key)."""
    failed = _ROWS.where(of_projects(projects), _FAILED)
    failed = failed.order_by(c.dead_at.is_(None), c.id, c.handler).limit(limit)
    return await _read(db, failed)


async def _read(db: Db, statement: Select[Any]) -> list[BackgroundFailure]:
    rows: Sequence[Any] = (await db.execute(statement)).all()
    return [BackgroundFailure(*row) for row in rows]


async def revive(db: Db, projects: Collection[int], id: UUID | None = None) -> int:
    """Have failed rows of these projects tried again from the start, all or those with this id. Return how many.

    Work that is running now stays as it is.
    """
    wanted = (of_projects(projects), _FAILED, c.holder.is_(None), true() if id is None else c.id == id)
    again = update(outbox).where(*wanted).values(dead_at=None, attempts=0, available_at=AT_ONCE)
    db.after_commit(wake_relays)
    return (await db.execute(again)).rowcount


def of_projects(projects: Collection[int] | None) -> ColumnElement[bool]:
    """Return the condition that a row belongs to one of these projects; None stands for all."""
    return true() if projects is None else c.project_id.in_(projects)
