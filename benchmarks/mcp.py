"""MCP: a list of tickets by a tool beside the same list of the API, and what clients that are idle cost."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec

from benchmarks.aims import wanted
from benchmarks.inbound import resident_kb
from benchmarks.programs import parley
from benchmarks.world import make_world

TICKETS, LISTS, CLIENTS = 2000, 151, 1000
OLD, NEW = "2025-06-18", "2026-07-28"
ENVELOPE = {
    "io.modelcontextprotocol/protocolVersion": NEW,
    "io.modelcontextprotocol/clientCapabilities": {},
}
LISTING = {"name": "conversations-tickets-list", "arguments": {}}
OPENING = {"protocolVersion": OLD, "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}


class Assisted(msgspec.Struct, frozen=True):
    """Half of the lists at most, in ms, and the memory of one idle client, in KB."""

    database: str
    rest_ms: float
    old_ms: float
    new_ms: float
    idle_kb: float

    def figures(self) -> dict[str, float]:
        return {
            "list_2025.times": self.old_ms / self.rest_ms,
            "list_2026.times": self.new_ms / self.rest_ms,
            "idle_client.kb": self.idle_kb,
        }


def measure_mcp(folder: Path, database_url: str | None) -> Assisted:
    """Run Parley on a new database with tickets, list them in turn by the API and both forms of MCP, then open clients."""
    folder.mkdir(parents=True)
    world = make_world(folder, database_url or f"sqlite:///{folder}/parley.sqlite3", TICKETS)
    with parley(folder, database_url) as own:
        headers = {"Authorization": f"Bearer {world.personal_api_key}", "Accept": "application/json"}
        with httpx.Client(base_url=own.address, headers=headers, timeout=60) as client:
            asking = (
                lambda: client.get(world.tickets_path),
                lambda: _ask(client, OLD, "tools/call", LISTING),
                lambda: _ask(client, NEW, "tools/call", {**LISTING, "_meta": ENVELOPE}),
            )
            rest_ms, old_ms, new_ms = _medians_ms(asking)
            before = resident_kb(own.process.pid)
            for _ in range(CLIENTS):
                _ask(client, OLD, "initialize", OPENING)
            idle_kb = (resident_kb(own.process.pid) - before) / CLIENTS
    kind = "sqlite" if database_url is None else "postgresql"
    return Assisted(kind, rest_ms, old_ms, new_ms, max(0.0, idle_kb))


def _ask(client: httpx.Client, version: str, method: str, params: dict[str, Any]) -> httpx.Response:
    headers = {"MCP-Protocol-Version": version, "Mcp-Method": method}
    if "name" in params:
        headers["Mcp-Name"] = params["name"]
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    answer = client.post("/mcp", json=body, headers=headers).raise_for_status()
    if b'"error"' in answer.content[:40]:
        raise RuntimeError(answer.text[:300])
    return answer


def _medians_ms(asking: tuple[Callable[[], httpx.Response], ...]) -> list[float]:
    """Ask in turn, so that whatever else the machine does reaches all alike; the first of each isn't counted."""
    times: list[list[float]] = [[] for _ in asking]
    for number in range(LISTS):
        for one, found in zip(asking, times, strict=True):
            began = time.perf_counter()
            one().raise_for_status()
            if number:
                found.append((time.perf_counter() - began) * 1000)
    return [statistics.median(one) for one in times]


def mcp_line(done: Assisted) -> str:
    """Return how long a list takes by MCP beside the API, and what idle clients cost."""
    return (
        f"MCP, {done.database}: p50 of a list of 100 tickets by the API {done.rest_ms:.1f} ms, by the tool "
        f"{done.old_ms:.1f} ms with the protocol of 2025 (**{done.old_ms / done.rest_ms:.2f}** times, "
        f"{wanted('mcp.list_2025.times')}) and "
        f"{done.new_ms:.1f} ms with that of 2026 (**{done.new_ms / done.rest_ms:.2f}**). An idle client costs "
        f"**{done.idle_kb:.1f} KB** ({wanted('mcp.idle_client.kb')})."
    )
