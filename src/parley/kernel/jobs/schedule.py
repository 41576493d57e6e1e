"""Jobs that run on a schedule. Each has a row with its next time, which the transaction of a run updates."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy import and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from parley.kernel.database.retries import called_again
from parley.kernel.database.transaction import Db
from parley.kernel.jobs.after_failure import Failed, outcome_of
from parley.kernel.jobs.clock_jumps import SKEW, ForwardJumpDetector
from parley.kernel.jobs.registry import RETRIES_S, Job
from parley.kernel.jobs.tables import job_schedule
from parley.kernel.services import Services

log = structlog.get_logger(__name__)


def is_due(job: Job, due_at: datetime, now: datetime) -> bool:
    """Say whether a job is to run now.

    It is due as well when its next run lies behind the next one that there can be: its row was written under a clock that
    has been set back since, or for a longer interval.
    """
    return due_at <= now or due_at > job.when.next_after(now + SKEW)


class Schedule:
    """The jobs of this process. It reads their rows only when one seems due, since a next time never moves forward."""

    def __init__(
        self, services: Services, jobs: Mapping[str, Job], forward_jumps: ForwardJumpDetector | None = None
    ) -> None:
        self._services = services
        self._database = services.database
        self._clock = services.clock
        self._jobs = jobs
        self._forward_jumps = forward_jumps or ForwardJumpDetector(services.clock)
        self._is_doubted = False
        self._due: dict[str, datetime] = {}

    async def prepare(self) -> None:
        """Make rows for new jobs."""
        insert = (sqlite if self._database.dialect == "sqlite" else postgresql).insert
        now = self._clock.now()
        async with self._database.transaction() as db:
            for job in self._jobs.values():
                row = (
                    insert(job_schedule)
                    .values(name=job.name, due_at=job.when.first(now))
                    .on_conflict_do_nothing()
                )
                await db.execute(row)
            await self._read(db)

    async def run_due(self) -> None:
        """Run each job that is due, unless another process takes this run."""
        now, was_doubted = self._clock.now(), self._is_doubted
        self._is_doubted = self._forward_jumps.is_doubted()
        if self._is_doubted and not was_doubted:
            log.warning("clock_leapt_ahead", to=now.isoformat(), effect="nothing old is deleted for an hour")
        due = [job for name, job in self._jobs_now() if is_due(job, self._due[name], now)]
        for job in due:
            await run_once(self._services, job)
        if due:
            async with self._database.transaction(write=False) as db:
                await self._read(db)

    def next_due(self) -> datetime | None:
        """Return when the next job is due; None without jobs."""
        return min((self._due[name] for name, _ in self._jobs_now()), default=None)

    def _jobs_now(self) -> list[tuple[str, Job]]:
        """Return the jobs that may run now: those that delete wait until the clock is trusted."""
        return [(name, job) for name, job in self._jobs.items() if not (job.deletes and self._is_doubted)]

    async def _read(self, db: Db) -> None:
        rows = await db.execute(select(job_schedule.c.name, job_schedule.c.due_at))
        self._due = {row.name: row.due_at for row in rows if row.name in self._jobs}


@called_again
async def run_once(services: Services, job: Job) -> bool:
    """Run a job if it is due and no other process took this run; say whether it ran.

    The claim and the job's own changes are one transaction: both happen or neither does.
    """
    database, now = services.database, services.clock.now()
    due_at = job_schedule.c.due_at
    due = and_(job_schedule.c.name == job.name, or_(due_at <= now, due_at > job.when.next_after(now + SKEW)))
    # Skipping a locked row: this process need not wait while another one runs the job.
    mine = select(job_schedule.c.name).where(due).with_for_update(skip_locked=True).scalar_subquery()
    claim = update(job_schedule).where(job_schedule.c.name == mine)
    claim = claim.values(due_at=job.when.next_after(now), failures=0, last_error=None)
    try:
        async with database.transaction() as db:
            if (await db.execute(claim)).rowcount == 0:
                return False
            changed = await outcome_of(job.function(db, services))
    except Failed as failed:
        log.error("job_failed", job=job.name, exc_info=failed.error)
        async with database.transaction() as db:
            await _put_off(db, job, now, str(failed))
    else:
        log.debug("job_ran", job=job.name, changed=changed)
    return True


async def _put_off(db: Db, job: Job, now: datetime, error: str) -> None:
    """Try a failed job again soon, but not more often than it runs anyway; it is never given up."""
    again = min(job.when.next_after(now), now + timedelta(seconds=RETRIES_S[1]))
    failed = update(job_schedule).where(job_schedule.c.name == job.name)
    await db.execute(failed.values(due_at=again, failures=job_schedule.c.failures + 1, last_error=error))
