"""Work: claimed by a lease, done outside any transaction, settled in a short one."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import and_, delete, select, tuple_, update

from parley.kernel.db import Database
from parley.kernel.errors import Unavailable
from parley.kernel.queue.failure import NoHandler, description, note_failure
from parley.kernel.queue.outbox import AT_ONCE
from parley.kernel.queue.registry import RETRIES_S, Outside, Registry, Work
from parley.kernel.queue.tables import ALIVE, outbox

log = structlog.get_logger(__name__)

c = outbox.c

MAX_AT_ONCE = 8
"""Pieces of work that one process does side by side; they wait for the network most of the time."""

Engine = Callable[[Work], Awaitable[None]]
"""Runs `attempt` and `settle` of the workload for one piece of work."""


class Workload:
    """The work of this process. Work belongs to whoever holds its lease; one that nobody renews runs out."""

    def __init__(self, outside: Outside, registry: Registry, *, holder: str, lease_s: float) -> None:
        self._outside = outside
        self._database: Database = outside.database
        self._registry = registry
        self._holder = holder
        self._lease = timedelta(seconds=lease_s)
        self.running: set[asyncio.Task[None]] = set()

    @property
    def room(self) -> int:
        """How many more pieces of work this process may do now."""
        return MAX_AT_ONCE - len(self.running)

    async def start_due(self, engine: Engine, done: Callable[[], None]) -> int:
        """Start the work that is due, as far as there is room for it; `done` is called as each piece ends."""
        claimed = await self.claim(self.room)
        for work in claimed:
            task = asyncio.create_task(self._run(engine, work), name=f"work {work.name}")
            self.running.add(task)
            task.add_done_callback(self.running.discard)
            task.add_done_callback(lambda _: done())
        return len(claimed)

    async def _run(self, engine: Engine, work: Work) -> None:
        try:
            await engine(work)
        except Exception:
            # The lease runs out and the work is tried again, here or in another process.
            log.exception("work_was_not_settled", name=work.name, id=str(work.id))

    async def claim(self, limit: int) -> list[Work]:
        """Take a lease on the oldest work that is due. Served by ix_outbox_due."""
        now = self._outside.clock.now()
        due = select(c.project_id, c.id, c.name, c.payload, c.attempts)
        due = due.where(c.kind == "work", ALIVE, c.available_at <= now).order_by(c.available_at, c.id)
        async with self._database.transaction() as db:
            rows = (await db.execute(due.limit(limit).with_for_update(skip_locked=True))).all()
            if rows:
                mine = tuple_(c.project_id, c.id).in_([(row.project_id, row.id) for row in rows])
                lease = update(outbox).where(mine, c.kind == "work")
                await db.execute(lease.values(available_at=now + self._lease, holder=self._holder))
        return [Work(row.project_id, row.id, row.name, row.payload, row.attempts) for row in rows]

    async def attempt(self, work: Work) -> str | None:
        """Do the work once; return None, or what went wrong."""
        worker = self._registry.workers.get(work.name)
        try:
            if worker is None:
                raise NoHandler(f"nothing does the work {work.name}")
            async with asyncio.timeout(worker.timeout_s):
                await worker.function(self._outside, work)
        except Exception as error:
            log.warning("work_failed", name=work.name, id=str(work.id), attempts=work.attempts, exc_info=True)
            return description(error)
        return None

    async def settle(self, work: Work, error: str | None) -> None:
        """Remove the row of work that is done; put failed work off or give it up. Safe to run twice."""
        worker = self._registry.workers.get(work.name)
        async with self._database.transaction() as db:
            if error is None:
                done = and_(c.project_id == work.project_id, c.id == work.id, c.kind == "work")
                await db.execute(delete(outbox).where(done))
            else:
                retries_s = worker.retries_s if worker else RETRIES_S
                await note_failure(db, work, "", error, self._outside.clock.now(), retries_s)

    async def do_now(self, work: Work) -> None:
        """The plain engine: without a record between the attempt and its settling."""
        await self.settle(work, await self.attempt(work))

    async def renew(self) -> None:
        """Renew the leases of all work in progress here."""
        if self.running:
            await self._set_held(available_at=self._outside.clock.now() + self._lease)

    async def release(self) -> None:
        """Let other processes have, at once, what this one didn't finish."""
        await self._set_held(available_at=AT_ONCE, holder=None)

    async def take_over(self) -> None:
        """Release what an earlier process held. Only on SQLite, where one process serves a data folder."""
        if self._database.dialect == "sqlite":
            abandoned = update(outbox).where(c.holder.is_not(None), c.kind == "work")
            async with self._database.transaction() as db:
                await db.execute(abandoned.values(available_at=AT_ONCE, holder=None))

    async def _set_held(self, **values: Any) -> None:
        held = update(outbox).where(and_(c.kind == "work", ALIVE, c.holder == self._holder))
        try:
            async with self._database.transaction() as db:
                await db.execute(held.values(**values))
        except Unavailable:
            log.warning("leases_were_not_renewed")
