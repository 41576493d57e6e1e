"""How soon answers of insights come that are kept: of one insight, of a list of 100, of a dashboard with 20 tiles."""

from pathlib import Path
from typing import Any

import httpx
import msgspec

from benchmarks.latency import Step, p50_of, waits_ms
from benchmarks.load import Ask
from benchmarks.programs import parley
from benchmarks.world import make_world

INSIGHTS, TILES, ROUNDS, LONGEST_S = 100, 20, 200, 30.0
N_EVENTS = 100


class KeptAnswers(msgspec.Struct, frozen=True):
    """How long each takes, in milliseconds; `n_bytes` is the size of the one insight."""

    database: str
    insight_ms: float
    list_ms: float
    dashboard_ms: float
    n_bytes: int

    def figures(self) -> dict[str, float]:
        return {
            "insight.ms": self.insight_ms,
            "list.ms": self.list_ms,
            "dashboard.ms": self.dashboard_ms,
        }


def measure_answers(folder: Path, url: str | None) -> KeptAnswers:
    """Ask for rows of 100 events, and then for what is kept of them, as one client that waits."""
    folder.mkdir(parents=True)
    database = url or f"sqlite:///{folder}/parley.sqlite3"
    world = make_world(folder, database, 1, agents=0)
    root = f"/api/projects/{world.project_id}"
    with parley(folder, url) as own, httpx.Client(base_url=own.address, headers=world.headers) as client:
        capture_some(client, world.project_token)
        insights = [_saved(client, root, n) for n in range(INSIGHTS)]
        made = client.post(
            f"{root}/dashboards/", json={"tiles": [{"insight": id} for id in insights[:TILES]]}
        )
        dashboard = f"{root}/dashboards/{made.raise_for_status().json()['id']}/"
        one = f"{root}/insights/{insights[0]}/"
        shown = client.get(one)
        assert len(shown.json()["result"]) == N_EVENTS and shown.json()["is_cached"]
        paths = (one, f"{root}/insights/?limit=100&basic=true", dashboard)
        one_ms, list_ms, dashboard_ms = (
            p50_of(waits_ms(own.address, world.headers, _again(path), LONGEST_S)) for path in paths
        )
    name = database.split(":", 1)[0]
    return KeptAnswers(name, one_ms, list_ms, dashboard_ms, len(shown.content))


def _again(path: str) -> list[Step]:
    return [Step(Ask("GET", path))] * ROUNDS


def capture_some(client: httpx.Client, token: str) -> None:
    """Have a project take some events."""
    batch: list[dict[str, Any]] = [
        {"event": "seen", "distinct_id": f"d{n}", "properties": {"plan": "free", "page": "x" * 200}}
        for n in range(N_EVENTS)
    ]
    client.post("/batch/", json={"api_key": token, "batch": batch}).raise_for_status()


def _saved(client: httpx.Client, root: str, number: int) -> int:
    """Save an insight and have it answered; each asks for other rows, so that each has an answer of its own."""
    source = {"kind": "EventsQuery", "select": ["*"], "event": "seen", "limit": N_EVENTS + number}
    query = {"kind": "DataTableNode", "source": source}
    made = client.post(f"{root}/insights/", json={"name": f"Insight {number}", "query": query})
    id: int = made.raise_for_status().json()["id"]
    client.get(f"{root}/insights/{id}/?refresh=blocking").raise_for_status()
    return id
