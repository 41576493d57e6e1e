"""The inbox as the server answers it: its first page, a saved view, and a conversation of many messages."""

import statistics
import time
from collections.abc import Mapping
from itertools import product
from pathlib import Path

import httpx
import msgspec

from benchmarks.aims import wanted
from benchmarks.at_size import VIEWS
from benchmarks.operations import WIDGET_MESSAGE
from benchmarks.programs import parley
from benchmarks.world import Ticket, World, make_world, sign_in, tickets_of

MESSAGES, ROUNDS, SAVED = 200, 101, 10
TITLES = {
    "inbox": "the inbox, with ten saved views, of which the first have counts",
    "changed": "the same, right after a ticket has changed",
    "view": "a saved view",
    "thread": f"a conversation of {MESSAGES} messages, with its list",
}


class PageTimes(msgspec.Struct, frozen=True):
    """Half of the answers at most, in ms, by what was asked for, and the KB of each page before compression."""

    database: str
    tickets: int
    p50_ms: Mapping[str, float]
    kb: Mapping[str, float]

    def figures(self) -> dict[str, float]:
        return {f"{name}_{self.tickets}.ms": p50 for name, p50 in self.p50_ms.items()}


def measure_pages(folder: Path, database_url: str | None, tickets: int) -> PageTimes:
    """Run Parley on a new database with so many tickets, and ask for each page in turn, over one connection."""
    folder.mkdir(parents=True)
    world = make_world(folder, database_url or f"sqlite:///{folder}/parley.sqlite3", tickets)
    with (
        parley(folder, database_url) as own,
        httpx.Client(base_url=own.address, headers=world.headers, timeout=60) as api,
    ):
        view = _save_views(api, world)
        [changing, long] = tickets_of(world, [tickets // 2, tickets - 1])
        _write(api, long)
        paths = {
            "inbox": "/inbox",
            "changed": "/inbox",
            "view": f"/inbox?view={view}",
            "thread": f"/inbox/{tickets - 1}",
        }
        headers = {"Cookie": sign_in(own.address), "Accept-Encoding": "identity"}
        waits: dict[str, list[float]] = {name: [] for name in paths}
        kb: dict[str, float] = {}
        path = f"{world.tickets_path}{changing.id}/"
        with httpx.Client(base_url=own.address, headers=headers, timeout=60) as browser:
            for number, name in product(range(ROUNDS), paths):
                if name == "changed":
                    priority = ("low", "high")[number % 2]
                    api.patch(path, json={"priority": priority}).raise_for_status()
                began = time.perf_counter()
                answer = browser.get(paths[name]).raise_for_status()
                waits[name].append((time.perf_counter() - began) * 1000)
                kb[name] = len(answer.content) / 1000
    p50 = {name: statistics.median(found[1:]) for name, found in waits.items()}
    return PageTimes("sqlite" if database_url is None else "postgresql", tickets, p50, kb)


def _save_views(api: httpx.Client, world: World) -> str:
    """Save views as teams have them, and return the newest."""
    path = f"/api/projects/{world.project_id}/conversations/views/"
    short_id = ""
    for number in range(SAVED):
        filters = {**VIEWS[number % len(VIEWS)], "theirs": number}
        made = api.post(path, json={"name": f"View {number}", "filters": filters})
        short_id = made.raise_for_status().json()["short_id"]
    return short_id


def _write(api: httpx.Client, ticket: Ticket) -> None:
    for number in range(MESSAGES):
        body = {
            "ticket_id": ticket.id,
            "widget_session_id": ticket.widget_session_id,
            "distinct_id": ticket.distinct_id,
            "message": f"Message {number}: the parcel has not arrived, and nobody at the depot knows of it.",
        }
        api.post(WIDGET_MESSAGE, json=body).raise_for_status()


def pages_table(done: PageTimes) -> str:
    """Return how long the server takes for each page."""
    lines = [f"| {done.database}, {done.tickets} tickets | p50 | to reach | size |", "|---|---|---|---|"]
    for name, title in TITLES.items():
        aim = wanted(f"pages.{name}_{done.tickets}.ms@{done.database}")
        lines.append(f"| {title} | **{done.p50_ms[name]:.1f} ms** | {aim} | {done.kb[name]:.0f} KB |")
    return "\n".join([*lines, ""])
