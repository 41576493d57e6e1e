"""Answers that go out by mail: planned, composed, signed and handed to a mail server on the same machine."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import aiosmtplib
import httpx
import msgspec
from sqlalchemy import ColumnElement, func, insert, select, update

from benchmarks.processes import cpu_seconds
from benchmarks.programs import mail_sink, parley
from benchmarks.world import World, make_world
from parley.conversations.tickets.tables import comment, ticket
from parley.email.channels.tables import email_domain
from parley.email.letters.composing import Letter, Said, mail_of
from parley.email.outbound.tables import outbound_email
from parley.kernel.database.database import Database
from parley.kernel.ids import new_uuid
from parley.kernel.jobs import emit_all

TIMEOUT_S = 300.0
WARM_UP = 50
CONNECTIONS = 4
"""As many as Parley keeps to its mail server."""
TEXT = "Some words of an answer, as long as answers are. " * 20


class Mailed(msgspec.Struct, frozen=True):
    """How long so many answers took, from the commit of the messages to the last record, and what they cost.

    `bare_s` is how long a bare client of SMTP takes to hand as many equal mails to the same server.
    """

    database: str
    mails: int
    took_s: float
    cpu_s: float
    bare_s: float

    def figures(self) -> dict[str, float]:
        return {
            "mailed.per_second": self.mails / self.took_s,
            "mail_cpu.ms": 1000 * self.cpu_s / self.mails,
        }


def measure_outbound(
    folder: Path, database_url: str | None, mails: int, command: list[str] | None = None
) -> Mailed:
    """Run Parley on a new database, on SQLite without an address, and have answers mailed to as many customers."""
    folder.mkdir(parents=True)
    url = database_url or f"sqlite:///{folder}/parley.sqlite3"
    world = make_world(folder, url, mails + WARM_UP, agents=0)
    with mail_sink(folder) as sink:
        settings = {"PARLEY_SMTP_URL": sink}
        with parley(folder, database_url, command=command, settings=settings) as own:
            return asyncio.run(_measure(own.address, own.process.pid, world, mails, sink))


async def _measure(address: str, pid: int, world: World, mails: int, sink: str) -> Mailed:
    database = Database.open(world.database_url)
    try:
        await _make_customers(address, world, database)
        await _answer(database, world, 1, WARM_UP)
        before, began = cpu_seconds(pid), time.perf_counter()
        await _answer(database, world, WARM_UP + 1, WARM_UP + mails)
        took, used = time.perf_counter() - began, cpu_seconds(pid) - before
    finally:
        await database.close()
    return Mailed(database.dialect, mails, took, used, await _bare(sink, mails))


async def _make_customers(address: str, world: World, database: Database) -> None:
    headers = {"Authorization": world.headers["Authorization"]}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60) as api:
        body = {"from_email": "support@example.org", "from_name": "Support", "project_id": world.project_id}
        answer = await api.post("/api/conversations/v1/email/connect", json=body)
        channel_id = UUID(answer.raise_for_status().json()["config"]["id"])
        limits = {f"email_limit_per_{name}": 1_000_000 for name in ("project", "ticket", "recipient")}
        settings = {"conversations_settings": limits}
        (await api.patch(f"/api/projects/{world.project_id}/", json=settings)).raise_for_status()
    async with database.transaction() as db:
        proved = update(email_domain).values(verified_at=datetime.now(UTC))
        await db.execute(proved.where(email_domain.c.project_id == world.project_id))
        own_address: ColumnElement[Any] = func.concat("c", ticket.c.number, "@example.com")
        if database.dialect == "sqlite":
            own_address = "c" + ticket.c.number.cast(ticket.c.email_from.type) + "@example.com"
        values = {"channel_source": "email", "email_from": own_address, "email_channel_id": channel_id}
        mine = (ticket.c.project_id == world.project_id, ticket.c.deleted_at.is_(None))
        await db.execute(update(ticket).where(*mine).values(values))


async def _answer(database: Database, world: World, first: int, last: int) -> None:
    """Store answers on these tickets, as answering leaves them, and wait until all mails are sent and recorded."""
    async with database.transaction() as db:
        wanted = (ticket.c.project_id == world.project_id, ticket.c.number.between(first, last))
        rows = [
            _comment(world, id) for id in (await db.execute(select(ticket.c.id).where(*wanted))).scalars()
        ]
        await db.execute(insert(comment), rows)
        about = [{"ticket_id": str(row["ticket_id"]), "comment_id": str(row["id"])} for row in rows]
        await emit_all(db, "ticket.answered", [(world.project_id, one) for one in about])
    deadline = time.monotonic() + TIMEOUT_S
    while await _n_sent(database, world) < last:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


def _comment(world: World, ticket_id: UUID) -> dict[str, Any]:
    return {
        "project_id": world.project_id,
        "id": new_uuid(),
        "scope": "conversations_ticket",
        "item_id": str(ticket_id),
        "ticket_id": ticket_id,
        "item_context": {"author_type": "support"},
        "author_type": "support",
        "is_private": False,
        "content": TEXT,
        "created_by": world.user_id,
        "is_task": False,
        "version": 0,
        "deleted": False,
        "created_at": datetime.now(UTC),
    }


async def _n_sent(database: Database, world: World) -> int:
    mine = (outbound_email.c.project_id == world.project_id, outbound_email.c.state == "sent")
    async with database.transaction(write=False) as db:
        found = await db.execute(select(func.count()).select_from(outbound_email).where(*mine))
        return int(found.scalar_one())


async def _bare(sink: str, mails: int) -> float:
    """Return how long a bare client takes, over as many connections as Parley has."""
    at = datetime.now(UTC)
    letter = Letter(
        from_name="Support",
        from_email="support@example.org",
        to="c1@example.com",
        subject="A question",
        message_id="1@example.org",
        at=at,
        said=[Said(TEXT, None, "Bench", at)],
    )
    raw = mail_of(letter).as_bytes()
    shares = [mails // CONNECTIONS + (place < mails % CONNECTIONS) for place in range(CONNECTIONS)]
    began = time.perf_counter()
    await asyncio.gather(*(_hand_over(sink, raw, share) for share in shares))
    return time.perf_counter() - began


async def _hand_over(sink: str, raw: bytes, mails: int) -> None:
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=int(sink.rpartition(":")[2])) as client:
        for _ in range(mails):
            await client.mail("support@example.org")
            await client.rcpt("c1@example.com")
            await client.data(raw)
