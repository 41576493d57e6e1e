"""Capture: batches of 100 events that SDKs send, beside bare INSERTs of the same rows in transactions of the same size."""

import asyncio
import gzip
import json
import random
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import msgspec

from benchmarks.filling import file_of
from benchmarks.processes import cpu_seconds
from benchmarks.programs import parley
from benchmarks.rows import uuid7
from benchmarks.world import World, make_world
from parley.kernel.sql_functions.sqlite_functions import add_functions

CLIENTS, PER_BATCH, WARM_UP = 8, 100, 100
PERSONS = 10_000
NAMES = (
    "$pageview",
    "$pageview",
    "$pageview",
    "$pageleave",
    "$autocapture",
    "$autocapture",
    "viewed product",
    "purchased",
)
COLUMNS = ("project_id", "id", "event", "distinct_id", "properties", "timestamp", "created_at")


class Ingested(msgspec.Struct, frozen=True):
    """How long so many events took, and to insert their rows with nothing around it."""

    database: str
    events: int
    took_s: float
    bare_s: float
    cpu_s: float
    properties_bytes: int

    def figures(self) -> dict[str, float]:
        return {
            "events.per_second": self.events / self.took_s,
            "bare.ratio": self.bare_s / self.took_s,
            "event_cpu.ms": 1000 * self.cpu_s / self.events,
        }


def measure_ingest(folder: Path, url: str | None, events: int) -> Ingested:
    """Run Parley with one worker, and send it batches from several clients; on SQLite without a URL."""
    folder.mkdir(parents=True)
    world = make_world(folder, url or f"sqlite:///{folder}/parley.sqlite3", 1, agents=0)
    bodies = list(_bodies(world.project_token, events // PER_BATCH + WARM_UP))
    with parley(folder, url) as own:
        host = urlsplit(own.address).netloc
        requests = [_request(host, gzip.compress(json.dumps(body).encode(), 6)) for body in bodies]
        asyncio.run(_send_all(own.address, requests[:WARM_UP]))
        cpu, began = cpu_seconds(own.process.pid), time.perf_counter()
        asyncio.run(_send_all(own.address, requests[WARM_UP:]))
        took, used = time.perf_counter() - began, cpu_seconds(own.process.pid) - cpu
    rows = [[_row(world, one) for one in body["batch"]] for body in bodies[WARM_UP:]]
    bare = _bare_sqlite(world, rows) if url is None else asyncio.run(_bare_postgres(world, rows))
    properties = len(rows[0][0][4])
    return Ingested(
        "SQLite" if url is None else "PostgreSQL", PER_BATCH * len(rows), took, bare, used, properties
    )


def _bodies(token: str, batches: int) -> Iterator[dict[str, Any]]:
    """Yield batches as SDKs send them, of persons of whom some come for the first time."""
    chance, began = random.Random(11), time.time()
    for number in range(batches):
        at = began - (batches - number) * 0.1
        batch = [_event(chance, at + place / 1000, number * PER_BATCH + place) for place in range(PER_BATCH)]
        yield {"api_key": token, "batch": batch}


def _event(chance: random.Random, at: float, number: int) -> dict[str, Any]:
    properties = {
        "$current_url": f"https://shop.example.com/item/{chance.randrange(977)}?ref=mail",
        "$browser": chance.choice(("Chrome", "Safari", "Firefox", "Edge")),
        "$os": "Mac OS X",
        "$session_id": f"01a1fdb7-84ef-70e2-b0fb-{number // 20:012}",
        "$lib": "web",
        "$lib_version": "1.449.2",
        "$screen_width": 1440,
        "$device_type": "Desktop",
        "$referrer": "https://www.google.com/",
        "amount": chance.randrange(40_000) / 100,
    }
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{int(at % 1 * 1000):03}Z"
    return {
        "uuid": uuid7(int(at * 1000), 5, number),
        "event": chance.choice(NAMES),
        "distinct_id": f"visitor-{chance.randrange(PERSONS)}",
        "timestamp": stamp,
        "properties": properties,
    }


def _request(host: str, body: bytes) -> bytes:
    head = f"POST /batch/ HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def _send_all(address: str, requests: Sequence[bytes]) -> None:
    """Send over several connections, each waiting for its answers; all must be taken."""
    parts = urlsplit(address)

    async def send(mine: Sequence[bytes]) -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        for request in mine:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            answer = await reader.readexactly(length)
            assert b" 200 " in head.splitlines()[0], head + answer
        writer.close()

    await asyncio.gather(*(send(requests[start::CLIENTS]) for start in range(CLIENTS)))


def _row(world: World, sent: dict[str, Any]) -> tuple[Any, ...]:
    """Return the row of an event, under another id than the one it was sent with."""
    id, at = UUID(int=UUID(sent["uuid"]).int ^ 1 << 60), sent["timestamp"]
    return (world.project_id, id.hex, sent["event"], sent["distinct_id"], json.dumps(sent["properties"]), at)


async def _bare_postgres(world: World, batches: Sequence[Sequence[tuple[Any, ...]]]) -> float:
    """Return how long the rows take on as many connections, by the statement that costs least."""
    insert = """
INSERT INTO event (project_id, id, event, distinct_id, properties, timestamp, created_at)
SELECT $1, *, now() FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[]::jsonb[], $6::text[]::timestamptz[])
ON CONFLICT DO NOTHING
"""
    connections = [await asyncpg.connect(world.database_url) for _ in range(CLIENTS)]

    async def write(connection: Any, mine: Sequence[Sequence[tuple[Any, ...]]]) -> None:
        for batch in mine:
            columns = [list(column) for column in zip(*batch, strict=True)][1:]
            await connection.execute(insert, world.project_id, *columns)

    began = time.perf_counter()
    await asyncio.gather(*(write(one, batches[n::CLIENTS]) for n, one in enumerate(connections)))
    took = time.perf_counter() - began
    for one in connections:
        await one.close()
    return took


def _bare_sqlite(world: World, batches: Sequence[Sequence[tuple[Any, ...]]]) -> float:
    """Return how long the rows take one transaction after the other, flushed as Parley's are."""
    insert = (
        f"INSERT INTO event ({', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, '2026-01-01 00:00:00.000000')"
    )
    with closing(sqlite3.connect(file_of(world.database_url), isolation_level=None)) as connection:
        add_functions(connection)
        connection.execute("PRAGMA synchronous=FULL")
        began = time.perf_counter()
        for batch in batches:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(insert, batch)
            connection.execute("COMMIT")
        return time.perf_counter() - began
