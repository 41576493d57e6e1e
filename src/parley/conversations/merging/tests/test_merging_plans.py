"""What is merged is found through indexes, however many messages the project has."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest_asyncio
from sqlalchemy import insert, text

from parley.conversations.threads.queries import merge_paths, messages
from parley.conversations.threads.rules import ThreadVisibility
from parley.conversations.tickets.queries import merged_ticket as merged_query
from parley.conversations.tickets.tables import comment
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db

N_MESSAGES = 3000


@pytest_asyncio.fixture
async def busy(desk, database, clock):
    """A project whose messages are mostly on tickets that nobody has merged; two others are merged."""
    now, crowd = clock.now(), [await desk.open() for _ in range(3)]
    rows = [
        {
            "project_id": desk.project.id,
            "id": uuid4(),
            "scope": "conversations_ticket",
            "item_id": crowd[n % 3]["id"],
            "ticket_id": UUID(crowd[n % 3]["id"]),
            "item_context": {},
            "author_type": "customer",
            "is_private": False,
            "content": "Hello",
            "created_at": now - timedelta(seconds=n),
        }
        for n in range(N_MESSAGES)
    ]
    async with database.transaction() as db:
        await db.execute(insert(comment), rows)
    one, other = await desk.open(message="mine"), await desk.open(message="theirs")
    await desk.client.post(f"{desk.tickets}{one['id']}/merge/", json={"into": other["id"]})
    if database.dialect == "postgresql":
        async with database.transaction() as db:
            await db.execute(text("ANALYZE comment, ticket, ticket_merge"))
    return {"one": UUID(one["id"]), "other": UUID(other["id"]), "at": now}


async def plan_of(db: Db, prepared: Prepared, values: dict[str, Any]) -> str:
    compiled = prepared.compiled_for(db.dialect)
    arguments = compiled.arguments(values)
    if db.dialect.name == "sqlite":
        rows = await db.driver.execute_fetchall(f"EXPLAIN QUERY PLAN {compiled.sql}", arguments)
        return "\n".join(row[3] for row in rows)
    await db.driver.execute("SET LOCAL enable_seqscan = off")
    return "\n".join(row[0] for row in await db.driver.fetch(f"EXPLAIN {compiled.sql}", *arguments))


async def test_what_a_stranger_sees_is_read_message_by_message(desk, busy, database: Database):
    visibility = ThreadVisibility(addressed_ids=[busy["one"]], targets=[(busy["other"], busy["at"])])
    values = {
        "project_id": desk.project.id,
        "limit": 50,
        "after": busy["at"] - timedelta(days=1),
        **messages.visibility_values(visibility),
    }
    async with database.transaction(write=False) as db:
        for prepared in (*messages.message_statements(1), *messages._summary(1)):
            plan = await plan_of(db, prepared, values)
            assert "ix_comment_ticket" in plan and "ix_comment_via" in plan, plan
            assert "ix_comment_recent" not in plan and "SCAN comment" not in plan, plan


async def test_the_last_target_is_found_from_merge_to_merge(desk, busy, database: Database):
    values = {"project_id": desk.project.id, "wanted": busy["one"], "ids": [busy["one"]]}
    async with database.transaction(write=False) as db:
        for prepared in (merged_query._by("id")[0], merge_paths._PATHS):
            plan = await plan_of(db, prepared, values)
            assert "ix_ticket_merge_merged" in plan, plan
            assert "SCAN ticket" not in plan, plan
