"""Killed while it purges: each batch of tickets is gone with all that was on it, or is wholly there."""

import asyncio
import signal
from collections import Counter
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from parley.accounts.activity_log.tables import activity_log
from parley.conversations.deletion.actions import PURGE_BATCH
from parley.conversations.tickets.tables import comment, ticket, ticket_tag
from parley.kernel.ids import new_uuid
from parley.kernel.jobs import job_schedule
from tests.test_faults import START_S, Program, program
from tests.test_upgrade import engine_of

__all__ = ["program"]

N_BATCHES, N_MESSAGES, N_TAGS = 14, 3, 2
N_TICKETS = N_BATCHES * PURGE_BATCH


async def store_deleted_tickets(engine: AsyncEngine, project_id: int) -> None:
    """Store tickets with messages and tags that were deleted fifteen days ago."""
    now = datetime.now(UTC)
    ids = [new_uuid() for _ in range(N_TICKETS)]
    same = {
        "project_id": project_id, "status": "new", "channel_source": "widget", "distinct_id": "d",
        "widget_session_id": new_uuid(), "anonymous_traits": {}, "session_context": {}, "ai_resolved": False,
        "message_count": N_MESSAGES, "unread_team_count": 0, "unread_customer_count": 0, "cc_participants": [],
        "created_at": now, "updated_at": now, "deleted_at": now - timedelta(days=15),
    }  # fmt: skip
    message = {
        "project_id": project_id,
        "scope": "conversations_ticket",
        "item_context": {},
        "content": "Hello",
    }
    async with engine.begin() as db:
        await db.execute(insert(ticket), [same | {"id": id, "number": n} for n, id in enumerate(ids, 1)])
        messages = [
            message | {"id": new_uuid(), "ticket_id": id, "item_id": str(id), "created_at": now}
            for id in ids
            for _ in range(N_MESSAGES)
        ]
        await db.execute(insert(comment), messages)
        tags = [
            {"project_id": project_id, "ticket_id": id, "name": f"t{n}"} for id in ids for n in range(N_TAGS)
        ]
        await db.execute(insert(ticket_tag), tags)


async def left(engine: AsyncEngine) -> int:
    async with engine.connect() as db:
        return (await db.execute(select(func.count()).select_from(ticket))).scalar_one()


async def make_due(engine: AsyncEngine) -> None:
    """Have the daily job run when the server starts next."""
    mine = update(job_schedule).where(job_schedule.c.name == "tickets.purge_deleted")
    async with engine.begin() as db:
        await db.execute(mine.values(due_at=datetime.now(UTC)))


async def wait_until(engine: AsyncEngine, most: int) -> None:
    """Wait until so many tickets are left at most."""
    async with asyncio.timeout(START_S):
        while await left(engine) > most:
            await asyncio.sleep(0.002)


async def check_batches(engine: AsyncEngine) -> int:
    """Fail unless every ticket is whole or gone; return how many are left."""
    async with engine.connect() as db:
        ids = set((await db.execute(select(ticket.c.id))).scalars())
        messages = Counter((await db.execute(select(comment.c.ticket_id))).scalars())
        tags = Counter((await db.execute(select(ticket_tag.c.ticket_id))).scalars())
        of_tickets = select(activity_log.c.item_id).where(activity_log.c.scope == "Ticket")
        logged = Counter((await db.execute(of_tickets)).scalars())
    assert (N_TICKETS - len(ids)) % PURGE_BATCH == 0
    assert messages == dict.fromkeys(ids, N_MESSAGES) and tags == dict.fromkeys(ids, N_TAGS)
    assert len(logged) == N_TICKETS - len(ids) and set(logged.values()) <= {1}
    assert logged.keys().isdisjoint(map(str, ids))
    return len(ids)


async def test_each_batch_is_purged_whole_or_not_at_all(program: Program):
    project = program.bootstrap("owner@example.com")
    program.end(signal.SIGINT)
    engine = engine_of(program)
    await store_deleted_tickets(engine, project.project_id)
    remaining = N_TICKETS
    for _ in range(2):
        await make_due(engine)
        program.run()
        await wait_until(engine, remaining - 1)
        assert program.end(signal.SIGKILL) == -signal.SIGKILL
        before, remaining = remaining, await check_batches(engine)
        assert 0 < remaining < before
    await make_due(engine)
    program.run()
    await wait_until(engine, 0)
    assert await check_batches(engine) == 0
    await engine.dispose()
