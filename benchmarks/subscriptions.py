"""Subscriptions that are due in the same minute: begun, computed, kept, mailed to a server on this machine, recorded."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
from sqlalchemy import func, insert, select, update

from benchmarks.answers import capture_some
from benchmarks.processes import cpu_seconds, proportional_set_mib
from benchmarks.programs import mail_sink, parley
from benchmarks.world import World, make_world
from parley.analytics.subscription_deliveries.tables import subscription_delivery
from parley.analytics.subscriptions.tables import subscription
from parley.kernel.database.database import Database
from parley.kernel.ids import new_number
from parley.kernel.jobs import job_schedule

INSIGHTS, WARM_UP = 100, 50
TIMEOUT_S, LOOK_S = 1200.0, 1.0
JOB = "subscription_deliveries.look_for_due"


class Subscribed(msgspec.Struct, frozen=True):
    """How long all deliveries took from the moment they were due until the last was recorded, and what they cost.

    Memory is the proportional set size in MiB: before, and the most and the last that was seen.
    """

    database: str
    subscriptions: int
    took_s: float
    cpu_s: float
    before_mib: float
    most_mib: float
    after_mib: float

    def figures(self) -> dict[str, float]:
        return {
            f"delivered_{self.subscriptions}.s": self.took_s,
            "memory.times": self.after_mib / self.before_mib,
            "delivery_cpu.ms": 1000 * self.cpu_s / self.subscriptions,
        }


def measure_subscriptions(folder: Path, database_url: str | None, subscriptions: int) -> Subscribed:
    """Run Parley on a new database with subscriptions of one address each to 100 insights, and let all be due."""
    folder.mkdir(parents=True)
    url = database_url or f"sqlite:///{folder}/parley.sqlite3"
    world = make_world(folder, url, 1, agents=0)
    with (
        mail_sink(folder) as sink,
        parley(folder, database_url, settings={"PARLEY_SMTP_URL": sink}) as own,
        httpx.Client(base_url=own.address, headers=world.headers) as client,
    ):
        capture_some(client, world.project_token)
        insights = [_insight(client, world, n) for n in range(INSIGHTS)]
        return asyncio.run(_measure(own.process.pid, world, insights, subscriptions))


def _insight(client: httpx.Client, world: World, number: int) -> int:
    """Save an insight; each asks for other rows, so that each has an answer of its own."""
    source = {
        "kind": "EventsQuery",
        "select": ["event", "distinct_id"],
        "event": "seen",
        "limit": 10 + number,
    }
    body = {"name": f"Insight {number}", "query": {"kind": "DataTableNode", "source": source}}
    made = client.post(f"/api/projects/{world.project_id}/insights/", json=body)
    id: int = made.raise_for_status().json()["id"]
    return id


async def _measure(pid: int, world: World, insights: list[int], subscriptions: int) -> Subscribed:
    database = Database.open(world.database_url)
    try:
        await _deliver(database, world, insights, WARM_UP, [], pid)
        memory: list[float] = []
        before, used, began = proportional_set_mib(pid), cpu_seconds(pid), time.perf_counter()
        await _deliver(database, world, insights, subscriptions, memory, pid)
        took, used = time.perf_counter() - began, cpu_seconds(pid) - used
    finally:
        await database.close()
    return Subscribed(
        database.dialect, subscriptions, took, used, before, max(memory), proportional_set_mib(pid)
    )


async def _deliver(
    database: Database, world: World, insights: list[int], count: int, memory: list[float], pid: int
) -> None:
    """Let so many new subscriptions be due, and wait until all their deliveries are done."""
    now = datetime.now(UTC)
    rows = [_subscription(world, insights[n % len(insights)], n, now) for n in range(count)]
    async with database.transaction() as db:
        await db.execute(insert(subscription), rows)
        mine = job_schedule.c.name == JOB
        await db.execute(update(job_schedule).where(mine).values(due_at=now - timedelta(seconds=1)))
    deadline = time.monotonic() + TIMEOUT_S
    while await _n_done(database, now) < count:
        assert time.monotonic() < deadline
        memory.append(proportional_set_mib(pid))
        await asyncio.sleep(LOOK_S)


def _subscription(world: World, insight: int, number: int, now: datetime) -> dict[str, Any]:
    at = now.replace(second=0, microsecond=0)
    return {
        "project_id": world.project_id,
        "id": new_number(),
        "insight_id": insight,
        "dashboard_export_all": False,
        "target_type": "email",
        "target_value": f"c{number}@example.com",
        "unsubscribed": [],
        "frequency": "daily",
        "interval": 1,
        "start_date": at - timedelta(days=30),
        "skip_if_empty": False,
        "attachments": [],
        "enabled": True,
        "deleted": False,
        "counts_from": at - timedelta(days=30),
        "next_delivery_date": at,
        "failure_count": 0,
        "created_by": world.user_id,
        "created_at": now,
        "updated_at": now,
    }


async def _n_done(database: Database, since: datetime) -> int:
    c = subscription_delivery.c
    async with database.transaction(write=False) as db:
        found = select(func.count()).where(c.status == "completed", c.created_at >= since)
        return int((await db.execute(found)).scalar_one())
