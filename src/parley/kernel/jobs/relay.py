"""The relay: one task in each server process that turns committed rows into effects."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic

import structlog
from sqlalchemy import func, select

from parley.kernel.database.prepared import Prepared
from parley.kernel.errors import Unavailable
from parley.kernel.ids import new_uuid
from parley.kernel.jobs.clock_jumps import (
    BackwardJumpDetector,
    bring_all_forward,
    bring_forward,
    is_any_late,
)
from parley.kernel.jobs.event_runner import EventRunner
from parley.kernel.jobs.outbox import add_relay, emit, remove_relay
from parley.kernel.jobs.registry import (
    QUEUES,
    Registry,
    registry,
)
from parley.kernel.jobs.schedule import Schedule
from parley.kernel.jobs.shares import Owners
from parley.kernel.jobs.tables import ALIVE, outbox
from parley.kernel.jobs.work_runner import WorkRunner
from parley.kernel.services import Services

log = structlog.get_logger(__name__)

POLL_S = 2.0
"""How late this process may notice rows of another one; its own commits wake it at once."""

LEASE_S = 30.0
BUSY_S = 0.05
DRAIN_S = 4.0
"""How long `stop` waits for work in progress."""

SET_BACK = "clock.set_back"
"""The event that is emitted after the clock was set back."""

KINDS = ("event", *QUEUES)
_first = [
    select(func.min(outbox.c.available_at)).where(outbox.c.kind == kind, ALIVE).scalar_subquery()
    for kind in KINDS
]
NEXT_DUE = Prepared(select(*_first))
"""When the next event and the next work of each queue are due; look-ups in ix_outbox_due."""


class Queue:
    """Background work of one process: `start` once, `stop` before the database is closed."""

    def __init__(
        self,
        services: Services,
        *,
        registry: Registry = registry,
        owners: Owners | None = None,
        lease_s: float = LEASE_S,
        drain_s: float = DRAIN_S,
    ) -> None:
        self._services = services
        self._database = services.database
        self._clock = services.clock
        self._registry = registry
        self._schedule = Schedule(services, registry.jobs)
        self._lease_s, self._lease = lease_s, timedelta(seconds=lease_s)
        self._drain_s = drain_s
        self._event_runner = EventRunner(services, registry)
        self._work_runner = WorkRunner(
            services, registry, holder=str(new_uuid()), lease_s=lease_s, owners=owners
        )
        self._backward_jumps = BackwardJumpDetector(services.clock)
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._renewed = self._reviewed = monotonic()

    async def start(self) -> None:
        """Start, and continue what an earlier process left unfinished."""
        await self._schedule.prepare()
        await self._work_runner.take_over()
        await self._review()
        add_relay(self._wake.set)
        self._task = asyncio.create_task(self._run(), name="outbox relay")

    async def stop(self) -> None:
        """Stop after the current batch. Running work gets a few seconds; nothing is lost either way."""
        remove_relay(self._wake.set)
        self._work_runner.stopping.set()
        self._wake.set()
        if self._task is None:
            return
        began = monotonic()
        await asyncio.wait({self._task}, timeout=self._drain_s)
        self._task.cancel()
        await self._work_runner.end(max(0.0, self._drain_s - (monotonic() - began)))

    async def drain(self) -> int:
        """Handle every event and do all work that is due now. Return the number of rows.

        For tests and tools: it needs no `start` and runs no jobs.
        """
        handled = 0
        await self._review()
        while due := await self._due_kinds():
            now = 0
            if "event" in due:
                now += await self._event_runner.handle_due()
            for queue in (kind for kind in due if kind in QUEUES):
                for work in await self._work_runner.claim(queue, QUEUES[queue]):
                    await self._work_runner.do(work)
                    now += 1
            if not now:
                break
            handled += now
        return handled

    async def run_job(self, name: str) -> int:
        """Run a job now, whatever its schedule says; return what it returned."""
        async with self._database.transaction() as db:
            return await self._registry.jobs[name].function(db, self._services)

    async def _run(self) -> None:
        while not self._work_runner.stopping.is_set():
            self._wake.clear()
            # Each by itself: a job that fails must not keep mails from being sent.
            parts = (self._look_at_clock, self._run_jobs, self._move, self._renew_leases)
            pause = min([await self._safely(part) for part in parts])
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()

    async def _safely(self, part: Callable[[], Awaitable[float]]) -> float:
        """Do one part of a turn; return for how many seconds there is nothing more to do in it."""
        try:
            return await part()
        except Unavailable:
            log.warning("relay_waits_for_the_database", part=part.__name__)
        except Exception:
            log.exception("relay_failed", part=part.__name__)
        return POLL_S

    async def _look_at_clock(self) -> float:
        if self._backward_jumps.was_set_back():
            log.warning("clock_was_set_back")
            await self._bring_all_forward()
        elif monotonic() - self._reviewed > POLL_S:
            await self._review()
        return POLL_S

    async def _review(self) -> None:
        """Find rows that wait longer than is possible. Some process has postponed them under a wrong clock."""
        self._reviewed = monotonic()
        facts = (self._registry, self._clock.now(), self._lease)
        if await is_any_late(self._database, *facts):
            async with self._database.transaction() as db:
                await bring_forward(db, *facts)

    async def _bring_all_forward(self) -> None:
        now = self._clock.now()
        async with self._database.transaction() as db:
            await bring_all_forward(db, self._registry, now, self._lease)
            await emit(db, SET_BACK, {"at": now.isoformat()}, project_id=0)
        if self._work_runner.running:
            await self._work_runner.renew()  # before another process takes what runs here

    async def _run_jobs(self) -> float:
        await self._schedule.run_due()
        return self._until([self._schedule.next_due()])

    async def _due_kinds(self) -> list[str]:
        due, now = await self._next_due(), self._clock.now()
        return [kind for kind in KINDS if is_due(due[kind], now)]

    async def _next_due(self) -> dict[str, datetime | None]:
        [found] = await self._database.read(NEXT_DUE)
        return dict(zip(KINDS, found, strict=True))

    async def _move(self) -> float:
        """Handle some events and start work, as far as something is due."""
        due, now = await self._next_due(), self._clock.now()
        pauses = [await self._safely(self._handle_events)] if is_due(due["event"], now) else []
        for queue in QUEUES:
            if not is_due(due[queue], now) or not self._work_runner.room(queue):
                continue
            if await self._work_runner.start_due(queue, self._wake.set):
                pauses.append(0)
            else:
                due[queue] = (
                    None  # other processes have it, or it waits for the end of what its project has here
                )
        return min([*pauses, self._until([at for kind, at in due.items() if self._has_room(kind)])])

    async def _handle_events(self) -> float:
        return 0 if await self._event_runner.handle_due() else POLL_S

    def _has_room(self, kind: str) -> bool:
        return kind not in QUEUES or self._work_runner.room(kind) > 0

    async def _renew_leases(self) -> float:
        if monotonic() - self._renewed > self._lease_s / 3:
            self._renewed = monotonic()
            if self._work_runner.running:
                await self._work_runner.renew()
        return self._lease_s / 3

    def _until(self, awaited: list[datetime | None]) -> float:
        now = self._clock.now()
        # A row that is due may be held by another process, so this process waits before it asks again.
        return max(BUSY_S, min([POLL_S, *((at - now).total_seconds() for at in awaited if at)]))


def is_due(at: datetime | None, now: datetime) -> bool:
    """Say whether the first of some rows is due."""
    return at is not None and at <= now
