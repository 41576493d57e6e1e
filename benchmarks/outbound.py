"""Answers that go out by mail: planned, composed, signed and handed to a mail server on the same machine."""

import asyncio
import time
from pathlib import Path

import asyncpg
import httpx
import msgspec

from benchmarks.processes import cpu_seconds
from benchmarks.programs import parley
from benchmarks.world import World, make_world
from tests.smtp_peer import SmtpPeer, smtp_peer

TIMEOUT_S = 300.0
WARM_UP = 50
MAKE_CUSTOMERS = """
WITH proved AS (UPDATE email_domain SET verified_at = now() WHERE project_id = $1::int)
UPDATE ticket SET channel_source = 'email', email_from = 'c' || number || '@example.com', email_channel_id = $2::uuid
WHERE project_id = $1::int AND deleted_at IS NULL
"""
# As answering leaves them: a message on each ticket, and the word that it has to be mailed.
ANSWER = """
WITH answered AS (
  INSERT INTO comment (project_id, id, scope, item_id, ticket_id, item_context, author_type, is_private, content, created_by,
    is_task, version, deleted, created_at)
  SELECT project_id, gen_random_uuid(), 'conversations_ticket', id::text, id, '{"author_type": "support"}', 'support', false,
    repeat('Some words of an answer, as long as answers are. ', 20), $2::int, false, 0, false, now()
  FROM ticket WHERE project_id = $1::int AND number BETWEEN $3::int AND $4::int
  RETURNING project_id, id, ticket_id)
INSERT INTO outbox (project_id, id, handler, kind, name, payload, available_at, attempts)
SELECT project_id, gen_random_uuid(), '', 'event', 'ticket.answered',
  jsonb_build_object('ticket_id', ticket_id, 'comment_id', id), timestamptz '1970-01-01', 0 FROM answered
"""


class Mailed(msgspec.Struct, frozen=True):
    """How long so many answers took, from the commit of the messages to the last mail, and what they cost."""

    mails: int
    took_s: float
    cpu_s: float


def measure_outbound(folder: Path, url: str, mails: int) -> Mailed:
    """Run Parley on a new database of PostgreSQL and have answers mailed to as many customers."""
    folder.mkdir(parents=True)
    world = make_world(folder, url, mails + WARM_UP, agents=0)
    return asyncio.run(_measure(folder, url, world, mails))


async def _measure(folder: Path, url: str, world: World, mails: int) -> Mailed:
    async with smtp_peer() as peer:
        with parley(folder, url, settings={"PARLEY_SMTP_URL": peer.url}) as own:
            await _make_customers(own.address, world)
            await _answer(world, 1, WARM_UP, peer)
            before, began = cpu_seconds(own.process.pid), time.perf_counter()
            await _answer(world, WARM_UP + 1, WARM_UP + mails, peer)
            took = time.perf_counter() - began
            return Mailed(mails, took, cpu_seconds(own.process.pid) - before)


async def _make_customers(address: str, world: World) -> None:
    headers = {"Authorization": world.headers["Authorization"]}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60) as api:
        body = {"from_email": "support@example.org", "from_name": "Support", "project_id": world.project_id}
        answer = await api.post("/api/conversations/v1/email/connect", json=body)
        channel_id = answer.raise_for_status().json()["config"]["id"]
        limits = {f"email_limit_per_{name}": 1_000_000 for name in ("project", "ticket", "recipient")}
        settings = {"conversations_settings": limits}
        (await api.patch(f"/api/projects/{world.project_id}/", json=settings)).raise_for_status()
    connection = await asyncpg.connect(world.database_url)
    await connection.execute(MAKE_CUSTOMERS, world.project_id, channel_id)
    await connection.close()


async def _answer(world: World, first: int, last: int, peer: SmtpPeer) -> None:
    """Store answers on these tickets, and wait until the mail server has a mail about each."""
    connection = await asyncpg.connect(world.database_url)
    user_id = await connection.fetchval("SELECT min(id) FROM user_account")
    await connection.execute(ANSWER, world.project_id, user_id, first, last)
    await connection.close()
    deadline = time.monotonic() + TIMEOUT_S
    while len(peer.taken) < last:
        assert time.monotonic() < deadline, len(peer.taken)
        await asyncio.sleep(0.02)
