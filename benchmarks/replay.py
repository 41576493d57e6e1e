"""Session recordings: batches of 50 KB that a recorder sends, beside what writing the same bytes to the disk takes."""

import asyncio
import gzip
import json
import os
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import msgspec

from benchmarks.processes import cpu_seconds, proportional_set_mib
from benchmarks.programs import parley
from benchmarks.world import World, make_world

CLIENTS = 8
BATCH_BYTES = 50_000
WORDS = (
    "order",
    "cart",
    "price",
    "shipping",
    "customer",
    "summer",
    "shoes",
    "blue",
    "large",
    "checkout",
    "return",
    "help",
)
PER_SESSION = 30


class Replayed(msgspec.Struct, frozen=True):
    """How long so many batches took, and to write what is kept of them with nothing around it."""

    batches: int
    sent_bytes: int
    kept_bytes: int
    took_s: float
    bare_s: float
    cpu_s: float
    before_mib: float
    after_mib: float

    def figures(self) -> dict[str, float]:
        return {
            "batches.per_second": self.batches / self.took_s,
            "batch_cpu.ms": 1000 * self.cpu_s / self.batches,
            "memory.times": self.after_mib / self.before_mib,
        }


def measure_replay(folder: Path, batches: int) -> Replayed:
    """Run Parley as it is embedded, on SQLite and a folder, and send batches from several recorders."""
    folder.mkdir(parents=True)
    world = make_world(folder, f"sqlite:///{folder}/parley.sqlite3", 1, agents=0)
    with parley(folder) as own:
        return asyncio.run(_measure(own.address, own.process.pid, world, batches, folder))


async def _measure(address: str, pid: int, world: World, batches: int, folder: Path) -> Replayed:
    async with httpx.AsyncClient(base_url=address, headers=world.headers) as api:
        changes = {"session_recording_opt_in": True, "session_recording_limit_mb_per_day": 1_000_000}
        (await api.patch(f"/api/projects/{world.project_id}/", json=changes)).raise_for_status()
    requests = [
        _request(urlsplit(address).netloc, body) for body in _bodies(world.project_token, batches + 200)
    ]
    await _send_all(address, requests[:200])  # so that nothing starts while it is measured
    sent = requests[200:]
    before, cpu, began = proportional_set_mib(pid), cpu_seconds(pid), time.perf_counter()
    await _send_all(address, sent)
    took, used = time.perf_counter() - began, cpu_seconds(pid) - cpu
    kept = sorted((folder / "files" / str(world.project_id) / "recording").iterdir())[200:]
    contents = [path.read_bytes() for path in kept]
    assert len(contents) == batches, len(contents)
    return Replayed(
        batches=batches,
        sent_bytes=sum(map(len, sent)),
        kept_bytes=sum(map(len, contents)),
        took_s=took,
        bare_s=await asyncio.to_thread(_write_bare, folder / "bare", contents),
        cpu_s=used,
        before_mib=before,
        after_mib=proportional_set_mib(pid),
    )


def _bodies(token: str, batches: int) -> list[bytes]:
    """Return packed bodies as posthog-js sends them: a session goes on for a minute or two."""
    chance, found = random.Random(17), []
    sessions = [str(UUID(int=chance.getrandbits(128))) for _ in range(batches // PER_SESSION + 1)]
    for number in range(batches):
        now = 1000 * time.time() + number
        properties = {
            "$snapshot_bytes": BATCH_BYTES,
            "$snapshot_data": _events(chance, now),
            "$session_id": sessions[number % len(sessions)],
            "$window_id": sessions[number % len(sessions)],
            "$lib": "web",
            "$lib_version": "1.449.2",
            "token": token,
            "distinct_id": f"visitor-{number % len(sessions)}",
            "$snapshot_source": "web",
        }
        event = {"uuid": str(uuid4()), "event": "$snapshot", "properties": properties, "offset": 12}
        found.append(gzip.compress(json.dumps(event, separators=(",", ":")).encode(), 6))
    return found


def _events(chance: random.Random, now: float) -> list[dict[str, Any]]:
    """Return events of some seconds: the mouse moves, things are clicked, and the page changes."""
    events: list[dict[str, Any]] = []
    size = 0
    while size < BATCH_BYTES:
        kind = chance.random()
        if kind < 0.5:
            moves = [
                {
                    "x": chance.randrange(1400),
                    "y": chance.randrange(900),
                    "id": chance.randrange(3000),
                    "timeOffset": -at,
                }
                for at in range(450, 0, -50)
            ]
            data: dict[str, Any] = {"source": 1, "positions": moves}
        elif kind < 0.6:
            data = {
                "source": 2,
                "type": 2,
                "id": chance.randrange(3000),
                "x": 700,
                "y": 300,
                "pointerType": 0,
            }
        else:
            data = {"source": 0, "texts": [], "attributes": [], "removes": [], "adds": [_node(chance)] * 2}
        events.append({"type": 3, "data": data, "timestamp": int(now) + len(events)})
        size += len(json.dumps(events[-1], separators=(",", ":")))
    return events


def _node(chance: random.Random) -> dict[str, Any]:
    text = " ".join(chance.choices(WORDS, k=12))
    attributes = {
        "class": f"card {chance.choice(WORDS)}-{chance.randrange(99)}",
        "href": f"/item/{chance.getrandbits(40)}",
    }
    node = {
        "type": 2,
        "tagName": "a",
        "attributes": attributes,
        "childNodes": [],
        "id": chance.randrange(9000),
    }
    return {"parentId": chance.randrange(3000), "nextId": None, "node": {**node, "textContent": text}}


def _request(host: str, body: bytes) -> bytes:
    head = (
        f"POST /s/?compression=gzip-js&ver=1.449.2 HTTP/1.1\r\nHost: {host}\r\nContent-Type: text/plain\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _send_all(address: str, requests: Sequence[bytes]) -> None:
    """Send over as many connections as there are recorders, each waiting for its answers; all must be taken."""
    parts = urlsplit(address)

    async def send(mine: Sequence[bytes]) -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        for request in mine:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            answer = await reader.readexactly(length)
            assert b" 200 " in head.splitlines()[0], head + answer
            assert answer == b'{"status":1}', answer
        writer.close()

    await asyncio.gather(*(send(requests[start::CLIENTS]) for start in range(CLIENTS)))


def _write_bare(folder: Path, contents: Sequence[bytes]) -> float:
    """Return how long it takes to write and flush the same bytes, one file after the other."""
    folder.mkdir()
    began = time.perf_counter()
    for number, content in enumerate(contents):
        with (folder / f"{number:08}").open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    return time.perf_counter() - began
