"""Session recordings: the list of a project with very many, and how soon the first events of one arrive.

The ceiling of a list is its bare SELECT on one connection; that of the first events is to read the object of the first
block and the rows of all that are asked for.
"""

import asyncio
import random
import socket
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode, urlsplit

import asyncpg
import httpx
import msgspec

from benchmarks.figures import slug
from benchmarks.programs import parley
from benchmarks.world import World, make_world
from parley.demo.recorded_page import INCREMENTAL, MUTATION
from parley.demo.recordings import RecordedBatch, Visit, believable_batches, store_recording
from parley.kernel.config.settings import Settings
from parley.kernel.services import open_services

TIMEOUT_S = 600.0
MINUTES = 60
WATCHED = "watched-recording"
ROUNDS, WARM_UP = 60, 10
# Half a year in one project, of 50,000 visitors whose persons are known.
FILL = (
    """
INSERT INTO person (project_id, id, properties, email, is_identified, created_at)
SELECT $1::int, md5('p' || n)::uuid, jsonb_build_object('email', 'e' || n || '@example.com', 'plan', 'pro'),
  'e' || n || '@example.com', true, now() FROM generate_series(1, least($2::int, 50000)) AS n
""",
    """
INSERT INTO person_distinct_id (project_id, distinct_id, person_id, created_at)
SELECT $1::int, 'd' || n, md5('p' || n)::uuid, now() FROM generate_series(1, least($2::int, 50000)) AS n
""",
    """
INSERT INTO recording (project_id, session_id, distinct_id, start_at, end_at, active_ms, click_count, keypress_count,
  mouse_activity_count, console_log_count, console_warn_count, console_error_count, start_url, snapshot_source, n_blocks,
  size_bytes, first_seen_at, last_seen_at, expires_at, is_pinned)
SELECT $1::int, md5('s' || n), 'd' || 1 + n % 50000, began, began + n % 3600 * interval '1 s', n % 3600 * 400, n % 97,
  n % 31, n % 997, n % 11, n % 5, n % 3, 'https://planner.example.com/boards', 'web', 1 + n % 1800, n % 1800 * 4000,
  began, began, now() + interval '1 year', false
FROM generate_series(1, $2::int) AS n, LATERAL (SELECT now() - n * interval '15.7 s' AS began) AS times
""",
)
BARE = """
SELECT * FROM recording WHERE project_id = $1 AND deleted_at IS NULL AND (expires_at IS NULL OR expires_at > now())
ORDER BY start_at DESC, session_id DESC LIMIT 101
"""
PART = "SELECT number, object_id FROM recording_block WHERE project_id = $1 AND session_id = $2 AND number BETWEEN 0 AND 20"


class TimedList(msgspec.Struct, frozen=True):
    """How long one kind of list takes; `bare_ms` is its ceiling, where there is one."""

    title: str
    rows: int
    p50_ms: float
    bare_ms: float | None = None

    def figures(self) -> dict[str, float]:
        return {f"{slug(self.title)}_{self.rows}.ms": self.p50_ms}


class Watching(msgspec.Struct, frozen=True):
    """How long it takes from a request for 21 blocks of a recording to the first byte and to the last one."""

    first_ms: float
    bare_ms: float
    last_ms: float
    sources_ms: float
    n_bytes: int

    def figures(self) -> dict[str, float]:
        return {"first_byte.ms": self.first_ms, "last_byte.ms": self.last_ms, "blocks.ms": self.sources_ms}


def measure_recordings(folder: Path, url: str, rows: int) -> tuple[list[TimedList], Watching]:
    """Run Parley on a new database of PostgreSQL with so many recordings, and one of an hour in its storage."""
    folder.mkdir(parents=True)
    world = make_world(folder, url, 1, agents=0)
    asyncio.run(_fill(folder, world, rows))
    with parley(folder, url) as own:
        return asyncio.run(_measure(own.address, folder, world, rows))


async def _fill(folder: Path, world: World, rows: int) -> None:
    connection = await asyncpg.connect(world.database_url, command_timeout=TIMEOUT_S)
    for statement in FILL:
        await connection.execute(statement, world.project_id, rows)
    await connection.execute("VACUUM (ANALYZE)")
    await connection.close()
    environment = {"PARLEY_DATA_DIR": str(folder), "PARLEY_DATABASE_URL": world.database_url}
    services = open_services(Settings.from_env(environment))
    now = datetime.now(UTC)
    visit = Visit(session_id=WATCHED, distinct_id="d1", start_at=now)
    await store_recording(services, world.project_id, visit, _large_batches(now))
    await services.database.close()


def _large_batches(start_at: datetime) -> Iterator[RecordedBatch]:
    """Yield the batches of an hour, each with a text in addition that makes a block of 50 KB."""
    for n, batch in enumerate(believable_batches(start_at, MINUTES)):
        at = batch.events[-1]["timestamp"]
        texts = [{"id": 2, "value": random.Random(n).randbytes(44_000).hex()}]
        change = {"source": MUTATION, "adds": [], "texts": texts, "attributes": [], "removes": []}
        batch.events.append({"type": INCREMENTAL, "data": change, "timestamp": at})
        yield batch


async def _measure(address: str, folder: Path, world: World, rows: int) -> tuple[list[TimedList], Watching]:
    path = f"/api/projects/{world.project_id}/session_recordings/"
    headers = {"Authorization": world.headers["Authorization"]}
    connection = await asyncpg.connect(world.database_url)

    async def bare() -> None:
        await connection.fetch(BARE, world.project_id)

    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60) as api:
        first = (await api.get(path)).raise_for_status().json()
        person = first["results"][1]["person"]["id"]
        lists = {
            "newest first": {},
            "page 2 by cursor": {"after": first["next_cursor"]},
            "of one person": {"person_uuid": person},
            "of one week": {"date_from": "-100d", "date_to": "-93d"},
            "longer than half an hour": {"duration_min": "1800"},
            "longest of a week": {"order": "duration", "date_from": "-7d"},
        }
        found = []
        for title, query in lists.items():
            p50 = await _p50(partial(_answered, api, path, query))
            found.append(TimedList(title, rows, p50, await _p50(bare) if not query else None))
        sources_ms = await _p50(partial(_answered, api, f"{path}{WATCHED}/snapshots/", {}))
    folder_ms = await _p50(partial(_read_first, folder, connection, world.project_id))
    await connection.close()
    first_ms, last_ms, n_bytes = _watch(address, f"{path}{WATCHED}/snapshots/", headers)
    return found, Watching(first_ms, folder_ms, last_ms, sources_ms, n_bytes)


async def _answered(api: httpx.AsyncClient, path: str, query: dict[str, str]) -> None:
    (await api.get(path, params=query)).raise_for_status()


async def _read_first(folder: Path, connection: Any, project_id: int) -> None:
    rows: Sequence[Any] = await connection.fetch(PART, project_id, WATCHED)
    (folder / "files" / str(project_id) / "recording" / rows[0]["object_id"].hex).read_bytes()


async def _p50(do: Callable[[], Awaitable[None]]) -> float:
    waits = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await do()
        waits.append(1000 * (time.perf_counter() - began))
    return median(waits[WARM_UP:])


def _watch(address: str, path: str, headers: dict[str, str]) -> tuple[float, float, int]:
    """Return the medians of the first and the last byte of a range of blocks, and how many bytes it has."""
    place = urlsplit(address)
    query = urlencode({"source": "blob_v2", "start_blob_key": 0, "end_blob_key": 20})
    lines = [
        f"GET {path}?{query} HTTP/1.1",
        f"Host: {place.netloc}",
        "Accept-Encoding: gzip",
        "Connection: close",
    ]
    request = "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode()
    firsts, lasts, size = [], [], 0
    for _ in range(ROUNDS):
        with socket.create_connection((place.hostname, place.port), timeout=60) as one:
            began = time.perf_counter()
            one.sendall(request)
            received = b""
            while not received.partition(b"\r\n\r\n")[2]:
                received += one.recv(65_536)
            firsts.append(1000 * (time.perf_counter() - began))
            assert received.startswith(b"HTTP/1.1 200"), received[:200]
            size = len(received)
            while piece := one.recv(262_144):
                size += len(piece)
            lasts.append(1000 * (time.perf_counter() - began))
    return median(firsts[WARM_UP:]), median(lasts[WARM_UP:]), size
