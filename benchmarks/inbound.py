"""Inbound mail: posted, kept and interpreted, and the list of a ledger of very many mails."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from uuid import uuid4

import asyncpg
import httpx
import msgspec

from benchmarks.processes import cpu_seconds
from benchmarks.programs import parley
from benchmarks.world import World, make_world
from parley.email.mail_webhook.tests.posted import SIGNING_KEY, posted, signed

WEBHOOK = "/api/conversations/v1/email/inbound"
CLIENTS = 4
TIMEOUT_S = 300.0
LINE = "Some words of a mail that is as long as mails are, with a link and a number 4711.\n"
MAIL_BYTES = 20_000
NOWHERE = "a text in no mail"
LISTS = {
    "newest first": {},
    "failed ones": {"state": "failed"},
    "of one sender": {"from_address": "c17@example.com"},
    "page 1,000": {"date_to": "2026-01-01T06:00:00Z"},
    "a text in many subjects": {"search": "order 99"},
    NOWHERE: {"search": "nobody writes this"},
}
# Mails of a year in one project, as interpreting leaves them; a thousandth has failed.
FILL = """
INSERT INTO inbound_message (project_id, id, channel_id, source, is_backfill, envelope_from, recipient, received_at,
  deliveries, delivery_digest, raw_key, raw_sha256, size_bytes, message_id, message_id_digest, subject, from_address,
  state, attempts, processed_at, is_authenticated)
SELECT $1::int, (lpad(to_hex(1767225600000 + n * 20), 12, '0') || '7000' || '8000' || lpad(to_hex(n), 12, '0'))::uuid,
  $2::uuid, 'smtp', false, 'c' || n % 5000 || '@example.com', 'team@example.com',
  timestamptz '2026-01-01' + n * interval '20 ms', 1, encode(sha256(('d' || n)::bytea), 'hex'),
  $1::int || '/inbound/' || md5(n::text), encode(sha256(('d' || n)::bytea), 'hex'), 20000, n || '@example.com',
  encode(sha256(('m' || n)::bytea), 'hex'), 'A question about order ' || n, 'c' || n % 5000 || '@example.com',
  CASE WHEN n % 1000 = 0 THEN 'failed' ELSE 'stored' END, 1, timestamptz '2026-01-01', true
FROM generate_series(1, $3::int) AS n
"""


class Interpreted(msgspec.Struct, frozen=True):
    """How long so many mails took: until all were kept, and until all had become messages."""

    mails: int
    kept_s: float
    interpreted_s: float
    cpu_s: float
    grown_kb: int

    @property
    def per_second(self) -> float:
        """How many became messages in a second."""
        return self.mails / self.interpreted_s

    @property
    def cpu_ms(self) -> float:
        """The server's processor time for each."""
        return 1000 * self.cpu_s / self.mails


class LedgerList(msgspec.Struct, frozen=True):
    """How long a page of the ledger takes."""

    title: str
    rows: int
    p50_ms: float


def inbound_figures(posted: Interpreted, lists: Sequence[LedgerList]) -> dict[str, float]:
    """Return how fast posted mails are interpreted, and how long the slowest list of the ledger takes."""
    slowest = max(lists, key=lambda one: one.p50_ms)
    return {
        "posted.per_second": posted.per_second,
        "posted_cpu.ms": posted.cpu_ms,
        f"ledger_{slowest.rows}.ms": slowest.p50_ms,
    }


def measure_inbound(folder: Path, url: str, mails: int, rows: int) -> tuple[Interpreted, list[LedgerList]]:
    """Run Parley on a new database of PostgreSQL, post mails of 20 KB to it, and then list a large ledger."""
    folder.mkdir(parents=True)
    world = make_world(folder, url, 1, agents=0)
    with parley(folder, url, settings={"PARLEY_MAILGUN_SIGNING_KEY": SIGNING_KEY}) as own:
        return asyncio.run(_measure(own.address, own.process.pid, world, mails, rows))


async def _measure(
    address: str, pid: int, world: World, mails: int, rows: int
) -> tuple[Interpreted, list[LedgerList]]:
    headers = {"Authorization": world.headers["Authorization"]}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60) as api:
        config = await connect(api, world)
        await _post_all(
            address, config["forwarding_address"], 50
        )  # so that nothing starts while it is measured
        await settled(world, 50)
        before, rss, began = cpu_seconds(pid), resident_kb(pid), time.perf_counter()
        await _post_all(address, config["forwarding_address"], mails)
        kept_s = time.perf_counter() - began
        await settled(world, 50 + mails)
        took = time.perf_counter() - began
        done = Interpreted(mails, kept_s, took, cpu_seconds(pid) - before, resident_kb(pid) - rss)
        await _fill(world, config["id"], rows)
        return done, [await _list(api, world, title, query, rows) for title, query in LISTS.items()]


async def connect(api: httpx.AsyncClient, world: World) -> dict[str, str]:
    """Connect a channel, and return its settings."""
    body = {"from_email": "support@example.org", "from_name": "Support", "project_id": world.project_id}
    answer = await api.post("/api/conversations/v1/email/connect", json=body)
    config: dict[str, str] = answer.raise_for_status().json()["config"]
    return config


async def _post_all(address: str, recipient: str, mails: int) -> None:
    """Post mails from as many customers as there are; every other one is an answer to the one before."""
    text, run_id = LINE * (MAIL_BYTES // len(LINE)), uuid4().hex

    async def post(mine: range) -> None:
        async with httpx.AsyncClient(base_url=address, timeout=60) as client:
            for number in mine:
                thread, place = divmod(number // CLIENTS, 2)
                first = f"<{mine.start}.{thread}.0.{run_id}@example.com>"
                fields = posted(
                    recipient,
                    Message_Id=f"<{mine.start}.{thread}.{place}.{run_id}@example.com>",
                    In_Reply_To=first if place else None,
                    sender=f"{mine.start}.{thread}.{run_id}@example.com",
                    body_plain=text,
                    stripped_text=text,
                    **{"from": f"{mine.start}.{thread}.{run_id}@example.com"},
                )
                (await client.post(WEBHOOK, data={**fields, **signed()})).raise_for_status()

    await asyncio.gather(*(post(range(start, mails, CLIENTS)) for start in range(CLIENTS)))


async def settled(world: World, mails: int) -> None:
    """Wait until so many mails have become messages."""
    connection = await asyncpg.connect(world.database_url)
    deadline = time.monotonic() + TIMEOUT_S
    count = "SELECT count(*) FROM inbound_message WHERE project_id = $1 AND comment_id IS NOT NULL"
    while await connection.fetchval(count, world.project_id) < mails:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    await connection.close()


async def _fill(world: World, channel_id: str, rows: int) -> None:
    connection = await asyncpg.connect(world.database_url)
    await connection.execute(FILL, world.project_id, channel_id, rows, timeout=TIMEOUT_S)
    await connection.execute("ANALYZE inbound_message")
    await connection.close()


async def _list(
    api: httpx.AsyncClient, world: World, title: str, query: dict[str, str], rows: int
) -> LedgerList:
    path, waits = f"/api/projects/{world.project_id}/conversations/inbound_messages/", []
    for _ in range(60):
        began = time.perf_counter()
        answer = (await api.get(path, params=query)).raise_for_status()
        waits.append(1000 * (time.perf_counter() - began))
        assert bool(answer.json()["results"]) is (title != NOWHERE)
    return LedgerList(title, rows, median(waits[10:]))


def resident_kb(pid: int) -> int:
    """Return how much memory a process holds."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])
