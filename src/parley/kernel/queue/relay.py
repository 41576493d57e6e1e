"""The relay: one task in each server process that turns committed rows into effects."""

import asyncio
from contextlib import suppress
from datetime import datetime
from time import monotonic

import structlog
from sqlalchemy import func, select

from parley.kernel.clock import Clock
from parley.kernel.db import Database
from parley.kernel.errors import Unavailable
from parley.kernel.ids import new_uuid
from parley.kernel.prepared import Prepared
from parley.kernel.queue.durable import Durable
from parley.kernel.queue.outbox import add_relay, remove_relay
from parley.kernel.queue.reactions import Reactions
from parley.kernel.queue.registry import Outside, Registry, registry
from parley.kernel.queue.schedule import Schedule
from parley.kernel.queue.tables import ALIVE, outbox
from parley.kernel.queue.workload import MAX_AT_ONCE, Workload
from parley.kernel.settings import Settings

log = structlog.get_logger(__name__)

POLL_S = 2.0
"""How late this process may notice rows of another one; its own commits wake it at once."""

LEASE_S = 30.0
BUSY_S = 0.05
DBOS_IDLE_S = 60.0
"""DBOS polls; after this time without work it is closed, to be launched again by the next one."""

DRAIN_S = 4.0
"""How long `stop` waits for work in progress."""

_first = [
    select(func.min(outbox.c.available_at)).where(outbox.c.kind == kind, ALIVE).scalar_subquery()
    for kind in ("event", "work")
]
NEXT_DUE = Prepared(select(*_first))
"""When the next event and the next work are due; two look-ups in ix_outbox_due."""


class Queue:
    """Background work of one process: `start` once, `stop` before the database is closed."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        clock: Clock,
        *,
        registry: Registry = registry,
        lease_s: float = LEASE_S,
        drain_s: float = DRAIN_S,
    ) -> None:
        self._database = database
        self._clock = clock
        self._registry = registry
        self._schedule = Schedule(database, clock, registry.jobs)
        self._lease_s = lease_s
        self._drain_s = drain_s
        holder = str(new_uuid())
        self._reactions = Reactions(database, clock, registry)
        self._workload = Workload(
            Outside(database, settings, clock), registry, holder=holder, lease_s=lease_s
        )
        self._durable = Durable(settings, self._workload, holder)
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._renewed = monotonic()

    async def start(self) -> None:
        """Begin; what an earlier process left unfinished is taken up."""
        await self._schedule.prepare()
        await self._workload.take_over()
        add_relay(self._wake.set)
        self._task = asyncio.create_task(self._run(), name="outbox relay")

    async def stop(self) -> None:
        """End after the batch at hand; work in progress gets a few seconds. Nothing is lost either way."""
        remove_relay(self._wake.set)
        self._stopping = True
        self._wake.set()
        if self._task is None:
            return
        await self._task
        if self._workload.running:
            await asyncio.wait(self._workload.running, timeout=self._drain_s)
        for task in self._workload.running:
            task.cancel()
        await self._durable.close()
        await self._workload.release()

    async def drain(self) -> int:
        """Handle every event and do all work that is due now; return how many rows that were.

        For tests and tools: it needs no `start`, leaves DBOS alone and runs no jobs.
        """
        handled = 0
        while True:
            now = await self._reactions.handle_due()
            for work in await self._workload.claim(MAX_AT_ONCE):
                await self._workload.do_now(work)
                now += 1
            if not now:
                return handled
            handled += now

    async def run_job(self, name: str) -> int:
        """Run a job now, whatever its schedule says; return what it returned."""
        async with self._database.transaction() as db:
            return await self._registry.jobs[name].function(db, self._clock.now())

    async def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                pause = await self._turn()
            except Unavailable:
                pause = POLL_S
            except Exception:
                log.exception("relay_failed")
                pause = POLL_S
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()

    async def _turn(self) -> float:
        """Do some of what is due; return for how many seconds there is nothing more to do."""
        await self._schedule.run_due()
        [(event_due, work_due)] = await self._database.read(NEXT_DUE)
        now = self._clock.now()
        did = 0
        if event_due and event_due <= now:
            did += await self._reactions.handle_due()
        if work_due and work_due <= now and self._workload.room:
            did += await self._workload.start_due(self._durable.run, self._wake.set)
        if self._workload.running:
            await self._renew_leases()
        elif monotonic() - self._durable.used_at > DBOS_IDLE_S:
            await self._durable.close()
        if did:
            return 0
        awaited = [event_due, self._schedule.next_due(), work_due if self._workload.room else None]
        return self._pause([at for at in awaited if at], now)

    async def _renew_leases(self) -> None:
        if monotonic() - self._renewed > self._lease_s / 3:
            self._renewed = monotonic()
            await self._workload.renew()

    def _pause(self, awaited: list[datetime], now: datetime) -> float:
        longest = min(POLL_S, self._lease_s / 3) if self._workload.running else POLL_S
        # Something may be due and yet be held by another process: that is no reason to ask without end.
        return max(BUSY_S, min([longest, *((at - now).total_seconds() for at in awaited)]))
