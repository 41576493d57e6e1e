"""Work: a process claims it with a lease, does it outside any transaction, and records the result in a short one."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, and_, delete, not_, or_, select, tuple_, update

from parley.kernel.errors import Unavailable
from parley.kernel.jobs.after_failure import NoHandler, description, note_failure
from parley.kernel.jobs.outbox import AT_ONCE
from parley.kernel.jobs.registry import (
    QUEUES,
    RETRIES_S,
    Registry,
    Work,
)
from parley.kernel.jobs.shares import Owners, Shares
from parley.kernel.jobs.tables import ALIVE, outbox
from parley.kernel.network.mail import MailRefused
from parley.kernel.network.smtp import NoAnswer
from parley.kernel.services import Services

log = structlog.get_logger(__name__)
KNOWN = (Unavailable, NoAnswer, MailRefused)
"""Database, storage or mail server are away or refuse something. They say so in a sentence; the code is no news."""

c = outbox.c

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0
"""The pauses between two attempts to record a result while the database can't store."""

END_S = 1.0
"""How long cancelled work may take to end, and the database to release its rows."""

TURNS = 4
"""How many transactions of bulk work may run at the same time."""

Key = tuple[int, UUID]


class WorkRunner:
    """Runs the work of this process. Work belongs to the process that holds its lease; without renewal it expires."""

    def __init__(
        self,
        services: Services,
        registry: Registry,
        *,
        holder: str,
        lease_s: float,
        owners: Owners | None = None,
    ) -> None:
        self._services = services
        self._database = services.database
        self.stopping = asyncio.Event()
        self._turns = asyncio.Semaphore(TURNS)
        self._registry = registry
        self._holder = holder
        self._shares = Shares(owners)
        self._lease = timedelta(seconds=lease_s)
        self.tries_to_settle = 0
        self._running: dict[str, dict[Key, asyncio.Task[None]]] = {queue: {} for queue in QUEUES}

    @property
    def running(self) -> set[asyncio.Task[None]]:
        """The work in progress here."""
        return {task for tasks in self._running.values() for task in tasks.values()}

    def room(self, queue: str) -> int:
        """Return how many more items of a queue this process may start now."""
        return QUEUES[queue] - len(self._running[queue])

    async def start_due(self, queue: str, done: Callable[[], None]) -> int:
        """Start the work that is due, as far as there is room. `done` is called as each item ends."""
        claimed = await self.claim(queue, self.room(queue))
        for work in claimed:
            self._start(queue, work, done)
        return len(claimed)

    def _start(self, queue: str, work: Work, done: Callable[[], None]) -> None:
        key = (work.project_id, work.id)
        task = asyncio.create_task(self.do(work), name=f"work {work.name}")
        self._running[queue][key] = task

        def ended(_: asyncio.Task[None]) -> None:
            del self._running[queue][key]
            done()

        task.add_done_callback(ended)

    async def claim(self, queue: str, limit: int) -> list[Work]:
        """Take a lease on the oldest work that is due, of nobody more than their share. Served by ix_outbox_due.

        What runs here is left out: its lease ends where the clock jumps, or the database is away for longer than that.
        """
        now = self._services.clock.now()
        due = select(c.project_id, c.id, c.name, c.payload, c.attempts)
        due = due.where(c.kind == queue, ALIVE, c.available_at <= now)
        if running := list(self._running[queue]):
            due = due.where(tuple_(c.project_id, c.id).not_in(running))
        async with self._database.transaction() as db:
            rows = await self._shares.claimed(db, queue, due.limit(limit), [one for one, _ in running])
            if rows:
                mine = _are([(row.project_id, row.id) for row in rows])
                lease = update(outbox).where(mine)
                await db.execute(lease.values(available_at=now + self._lease, holder=self._holder))
        shared = (self.stopping, self._turns)
        return [Work(row.project_id, row.id, row.name, row.payload, row.attempts, *shared) for row in rows]

    async def do(self, work: Work) -> None:
        """Attempt an item of work and record the result, whatever ended the attempt."""
        try:
            error = await self._attempt(work)
        except (asyncio.CancelledError, SystemExit) as ended:
            if self.stopping.is_set():
                raise  # its row is released
            error = description(ended)
        await self._settle_in_the_end(work, error)

    async def _attempt(self, work: Work) -> str | None:
        worker = self._registry.workers.get(work.name)
        try:
            if worker is None:
                raise NoHandler(f"nothing does the work {work.name}")
            async with asyncio.timeout(worker.timeout_s):
                await worker.function(self._services, work)
        except Exception as error:
            facts = {"name": work.name, "id": str(work.id), "attempts": work.attempts}
            is_known = isinstance(error, KNOWN)
            log.warning("work_failed", **facts, error=description(error), exc_info=not is_known)
            return description(error)
        return None

    async def _settle_in_the_end(self, work: Work, error: str | None) -> None:
        """Record the result as soon as the database can store it. Until then the work must not be done again."""
        pause = FIRST_PAUSE_S
        while True:
            self.tries_to_settle += 1
            try:
                return await self.settle(work, error)
            except Exception as trouble:
                facts = {"name": work.name, "id": str(work.id), "error": description(trouble)}
                log.warning("work_is_not_settled_yet", **facts)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)

    async def settle(self, work: Work, error: str | None) -> None:
        """Delete the row of work that is done; postpone failed work or give it up. Safe to run twice."""
        worker = self._registry.workers.get(work.name)
        async with self._database.transaction() as db:
            if error is None:
                await db.execute(delete(outbox).where(_are([(work.project_id, work.id)])))
            else:
                retries_s, now = worker.retries_s if worker else RETRIES_S, self._services.clock.now()
                await note_failure(db, work, "", error, now, retries_s, holder=self._holder)

    async def renew(self) -> None:
        """Renew the leases of work that runs here. Release the rows that this process holds but doesn't work on any more."""
        alive = _are([key for tasks in self._running.values() for key in tasks])
        held = c.holder == self._holder
        until = self._services.clock.now() + self._lease
        async with self._database.transaction() as db:
            mine = or_(held, c.holder.is_(None))  # released where the clock was set back
            again = {"available_at": until, "holder": self._holder}
            await db.execute(update(outbox).where(mine, alive).values(again))
            await db.execute(
                update(outbox).where(held, not_(alive)).values(available_at=AT_ONCE, holder=None)
            )

    async def end(self, within_s: float) -> None:
        """Give running work some time, then cancel it and release what is not finished for other processes."""
        if self.running:
            await asyncio.wait(self.running, timeout=within_s)
        left = self.running
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=END_S)
        try:
            async with asyncio.timeout(END_S):
                await self._free(c.holder == self._holder)
        except (Unavailable, TimeoutError):
            log.warning("leases_were_not_given_up")

    async def take_over(self) -> None:
        """Release what an earlier process held. Only on SQLite, where one process serves a data folder."""
        if self._database.dialect == "sqlite":
            await self._free(c.holder.is_not(None))

    async def _free(self, held: ColumnElement[bool]) -> None:
        async with self._database.transaction() as db:
            await db.execute(update(outbox).where(held).values(available_at=AT_ONCE, holder=None))


def _are(keys: list[Key]) -> Any:
    """Return the condition that a row is one of these items of work; events are excluded."""
    return and_(c.kind != "event", tuple_(c.project_id, c.id).in_(keys))
