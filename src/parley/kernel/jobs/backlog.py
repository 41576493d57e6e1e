"""How much background work waits, for metrics and for the administrators of the server."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import msgspec
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import and_, case, func, select

from parley.kernel.database.transaction import Db
from parley.kernel.ids import made_at
from parley.kernel.jobs.failure_report import of_projects
from parley.kernel.jobs.registry import QUEUES
from parley.kernel.jobs.tables import ALIVE, outbox

LATE = timedelta(minutes=1)
"""Work that is due for longer than this shows that something is wrong."""

c = outbox.c


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """What is in one queue: `event`, or a queue of work. `oldest` is how long the first that is due waits for its turn."""

    queue: str
    waiting: int = 0
    retried: int = 0
    dead: int = 0
    oldest: timedelta = timedelta()


async def backlogs(db: Db, now: datetime, *, projects: Collection[int] | None = None) -> list[Backlog]:
    """Return what is in each queue, of all projects or of these; reads the whole table, which is empty most of the time."""
    alive = c.dead_at.is_(None)
    counts = select(
        c.kind,
        func.count(case((alive, 1))),
        func.count(case((and_(alive, c.attempts > 0), 1))),
        func.count(c.dead_at),
    )
    counts = counts.where(of_projects(projects)).group_by(c.kind)
    found: dict[str, Any] = {row[0]: row[1:] for row in await db.execute(counts)}
    made = []
    for queue in sorted({"event", *QUEUES, *found}):
        waiting, retried, dead = found.get(queue, (0, 0, 0))
        oldest = await _oldest(db, queue, now, projects) if waiting else timedelta()
        made.append(Backlog(queue=queue, waiting=waiting, retried=retried, dead=dead, oldest=oldest))
    return made


async def late(db: Db, now: datetime) -> dict[str, timedelta]:
    """Return the queues whose first row waits for too long, and for how long; a look-up for each."""
    waits = {queue: await _oldest(db, queue, now) for queue in ("event", *QUEUES)}
    return {queue: oldest for queue, oldest in waits.items() if oldest > LATE}


async def _oldest(db: Db, queue: str, now: datetime, projects: Collection[int] | None = None) -> timedelta:
    """Return for how long the first row is due that no process works on (ix_outbox_due)."""
    due = select(c.id, c.available_at).where(
        c.kind == queue, ALIVE, c.available_at <= now, c.holder.is_(None), of_projects(projects)
    )
    row = (await db.execute(due.order_by(c.available_at, c.id).limit(1))).first()
    if row is None:
        return timedelta()
    # A row that is due at once has no time of its own; its id holds when it was made.
    waited: timedelta = now - max(made_at(row.id), row.available_at)
    return max(timedelta(), waited)


def as_metrics(found: list[Backlog]) -> bytes:
    """Return the figures in the Prometheus text format."""
    registry = CollectorRegistry()
    gauges = {
        "waiting": Gauge("parley_queue_waiting", "Rows that are not done yet.", ["queue"], registry=registry),
        "retried": Gauge("parley_queue_retried", "Those of them that failed.", ["queue"], registry=registry),
        "dead": Gauge("parley_queue_dead", "Rows that were given up.", ["queue"], registry=registry),
    }
    help_text = "For how long the first row that is due waits for its turn."
    oldest = Gauge("parley_queue_oldest_seconds", help_text, ["queue"], registry=registry)
    for one in found:
        for name, gauge in gauges.items():
            gauge.labels(one.queue).set(getattr(one, name))
        oldest.labels(one.queue).set(one.oldest.total_seconds())
    return generate_latest(registry)
