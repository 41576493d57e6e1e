"""Insights that are computed anew, over very many events, beside statements by hand; and the inbox meanwhile."""

import asyncio
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
import httpx
import msgspec

from benchmarks.figures import slug
from benchmarks.latency import Step, p50_of, p95_of, waits_ms
from benchmarks.load import Ask
from benchmarks.processes import cpu_seconds
from benchmarks.programs import parley
from benchmarks.visitors import Visitors, fill_visitors
from benchmarks.world import World, make_world

ROUNDS, TIMEOUT_S, TICKETS, EVENTS_OF_A_PERSON, DAYS = 5, 120.0, 2000, 100, 90
STEPS = ("$pageview", "viewed product", "purchased")


def _trends(event: str | None, **others: Any) -> dict[str, Any]:
    series = {"kind": "EventsNode", "event": event, "math": others.pop("math", "total")}
    return {"kind": "TrendsQuery", "series": [series], "interval": "day", **others, **MONTH}


MONTH = {"dateRange": {"date_from": "-30d"}}
FUNNEL = {
    "kind": "FunnelsQuery",
    "series": [{"kind": "EventsNode", "event": step} for step in STEPS],
    **MONTH,
}
QUERIES: Mapping[str, dict[str, Any]] = {
    "page views by day": _trends(STEPS[0]),
    "persons with page views by day": _trends(STEPS[0], math="dau"),
    "page views by day and browser": _trends(
        STEPS[0], breakdownFilter={"breakdown": "$browser", "breakdown_type": "event"}
    ),
    "page views by day, a condition on the event": _trends(
        STEPS[0], properties=[{"key": "amount", "operator": "gt", "value": 200, "type": "event"}]
    ),
    "page views by day, a condition on the person": _trends(
        STEPS[0], properties=[{"key": "plan", "operator": "exact", "value": "pro", "type": "person"}]
    ),
    "all events by day": _trends(None),
    "persons with any event by day": _trends(None, math="dau"),
    "funnel of three steps": FUNNEL,
}
BARE: Mapping[str, str] = {
    "page views by day": """
SELECT date_trunc('day', timestamp), count(*) FROM event WHERE project_id = $1 AND event = '$pageview'
AND timestamp >= now() - interval '30 days' GROUP BY 1
""",
    "persons with page views by day": """
SELECT date_trunc('day', timestamp), count(DISTINCT person_id)
FROM event JOIN person_distinct_id USING (project_id, distinct_id) WHERE project_id = $1 AND event = '$pageview'
AND timestamp >= now() - interval '30 days' GROUP BY 1
""",
    "page views by day and browser": """
SELECT date_trunc('day', timestamp), properties ->> '$browser', count(*) FROM event WHERE project_id = $1
AND event = '$pageview' AND timestamp >= now() - interval '30 days' GROUP BY 1, 2
""",
    "all events by day": """
SELECT date_trunc('day', timestamp), count(*) FROM event WHERE project_id = $1
AND timestamp >= now() - interval '30 days' GROUP BY 1
""",
    "persons with any event by day": """
SELECT date_trunc('day', timestamp), count(DISTINCT person_id)
FROM event JOIN person_distinct_id USING (project_id, distinct_id)
WHERE project_id = $1 AND timestamp >= now() - interval '30 days' GROUP BY 1
""",
    # Whether somebody did the steps in their order at all, without a window and without the times that they took.
    "funnel of three steps": """
WITH done AS (
  SELECT person_id, event, timestamp FROM event JOIN person_distinct_id USING (project_id, distinct_id)
  WHERE project_id = $1 AND event IN ('$pageview', 'viewed product', 'purchased')
    AND timestamp >= now() - interval '30 days'
), seen AS (
  SELECT *, min(timestamp) FILTER (WHERE event = '$pageview') OVER own AS t1 FROM done
  WINDOW own AS (PARTITION BY person_id ORDER BY timestamp)
), viewed AS (
  SELECT *, min(timestamp) FILTER (WHERE event = 'viewed product' AND t1 <= timestamp) OVER own AS t2 FROM seen
  WINDOW own AS (PARTITION BY person_id ORDER BY timestamp)
)
SELECT count(DISTINCT person_id) FILTER (WHERE t1 IS NOT NULL), count(DISTINCT person_id) FILTER (WHERE t2 IS NOT NULL),
  count(DISTINCT person_id) FILTER (WHERE event = 'purchased' AND t2 <= timestamp) FROM viewed
""",
}
SETTINGS = {"random_page_cost": "1.1", "work_mem": "32MB"}
"""Those that Parley reads with, too."""


class Computing(msgspec.Struct, frozen=True):
    """How long a query took, and the processor time of server and database; the bare statement only on PostgreSQL."""

    title: str
    p50_ms: float
    cpu_s: float
    bare_ms: float | None


class InsightTimes(msgspec.Struct, frozen=True):
    """What was measured; the list of tickets alone, and while two clients ask for the slowest again and again."""

    database: str
    events: int
    computed: list[Computing]
    list_ms: tuple[float, float]
    list_meanwhile_ms: tuple[float, float]

    def figures(self) -> dict[str, float]:
        found = {f"{slug(one.title)}_{self.events}.ms": one.p50_ms for one in self.computed}
        return {**found, "tickets_meanwhile.ms": self.list_meanwhile_ms[0]}


def measure_insights(folder: Path, url: str | None, events: int, cluster_pid: int) -> InsightTimes:
    """Run Parley on a new database with so many events; on SQLite without a URL."""
    folder.mkdir(parents=True)
    database = url or f"sqlite:///{folder}/parley.sqlite3"
    world = make_world(folder, database, TICKETS, agents=0)
    persons = max(1, events // EVENTS_OF_A_PERSON)
    fill_visitors(database, Visitors(world.project_id, events, persons, DAYS, datetime.now(UTC)))
    bare = asyncio.run(_bare(world)) if url else {}
    with (
        parley(folder, url) as own,
        httpx.Client(base_url=own.address, headers=world.headers, timeout=TIMEOUT_S) as client,
    ):
        pids = [own.process.pid, *([cluster_pid] if url else [])]
        computed = [_computing(client, world, title, pids, bare.get(title)) for title in QUERIES]
        alone = _list(own.address, world)
        with _asked_again_and_again(client, world):
            meanwhile = _list(own.address, world)
    return InsightTimes("PostgreSQL" if url else "SQLite", events, computed, alone, meanwhile)


async def _bare(world: World) -> dict[str, float]:
    connection = await asyncpg.connect(
        world.database_url, server_settings=SETTINGS, command_timeout=TIMEOUT_S
    )
    found = {}
    for title, statement in BARE.items():
        waits = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            await connection.fetch(statement, world.project_id)
            waits.append(1000 * (time.perf_counter() - began))
        found[title] = median(waits)
    await connection.close()
    return found


def _computing(
    client: httpx.Client, world: World, title: str, pids: list[int], bare_ms: float | None
) -> Computing:
    used = sum(cpu_seconds(pid, ended=True) for pid in pids)
    waits = [_asked(client, world, QUERIES[title]) for _ in range(ROUNDS)]
    used = sum(cpu_seconds(pid, ended=True) for pid in pids) - used
    return Computing(title, median(waits), used / ROUNDS, bare_ms)


def _asked(client: httpx.Client, world: World, query: dict[str, Any]) -> float:
    """Have a query computed anew, and return how many milliseconds it took."""
    body = {"query": query, "refresh": "force_blocking"}
    began = time.perf_counter()
    answer = client.post(f"/api/projects/{world.project_id}/query/", json=body).raise_for_status()
    assert answer.json()["results"], "no results"
    return 1000 * (time.perf_counter() - began)


def _list(address: str, world: World) -> tuple[float, float]:
    waits = waits_ms(address, world.headers, [Step(Ask("GET", world.tickets_path))] * 300, 30)
    return p50_of(waits), p95_of(waits)


@contextmanager
def _asked_again_and_again(client: httpx.Client, world: World) -> Iterator[None]:
    """Have two clients ask for funnels, whose periods differ, so that none waits for the other's answer."""
    over = threading.Event()

    def ask(days: int) -> None:
        while not over.is_set():
            _asked(client, world, {**FUNNEL, "dateRange": {"date_from": f"-{days}d"}})

    asking = [threading.Thread(target=ask, args=(days,)) for days in (29, 30)]
    for one in asking:
        one.start()
    time.sleep(1)
    try:
        yield
    finally:
        over.set()
        for one in asking:
            one.join()
