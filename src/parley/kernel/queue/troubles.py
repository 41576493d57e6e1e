"""What went wrong in the background, for `parley doctor`."""

from uuid import UUID

import msgspec
from sqlalchemy import select, update

from parley.kernel.db import Db
from parley.kernel.queue.outbox import AT_ONCE, wake_relays
from parley.kernel.queue.tables import job_schedule, outbox


class Trouble(msgspec.Struct, frozen=True):
    """A row that was given up (`id` is set), or a job whose last run failed (`id` is None)."""

    name: str
    failures: int
    error: str
    project_id: int = 0
    id: UUID | None = None

    def __str__(self) -> str:
        what = f"{self.name} ({self.id}, project {self.project_id})" if self.id else f"The job {self.name}"
        return f"{what} failed {self.failures} times; the last error was: {self.error}"


async def troubles(db: Db, *, limit: int = 100) -> list[Trouble]:
    """Return dead rows, oldest first, and then failing jobs."""
    c, j = outbox.c, job_schedule.c
    dead = select(c.name, c.attempts, c.last_error, c.project_id, c.id).where(c.dead_at.is_not(None))
    failing = select(j.name, j.failures, j.last_error).where(j.failures > 0)
    found = [*await db.execute(dead.order_by(c.dead_at).limit(limit)), *await db.execute(failing)]
    return [Trouble(*row) for row in found]


async def revive(db: Db, id: UUID) -> bool:
    """Let dead rows with this id be tried again from the start; say whether there were any."""
    dead = (outbox.c.id == id) & outbox.c.dead_at.is_not(None)
    again = update(outbox).where(dead).values(dead_at=None, attempts=0, available_at=AT_ONCE)
    db.after_commit(wake_relays)
    return (await db.execute(again)).rowcount > 0
