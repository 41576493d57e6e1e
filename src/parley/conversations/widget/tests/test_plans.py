"""The visitor's statements find their rows by index, however many tickets there are."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import insert, text
from sqlalchemy.dialects import postgresql, sqlite

from parley.conversations.participants.tables import ticket_participant
from parley.conversations.threads.queries.lists import visible_to
from parley.conversations.threads.queries.messages import MESSAGES_AFTER
from parley.conversations.threads.queries.sessions import OPENED
from parley.conversations.threads.queries.threads import TICKET
from parley.conversations.threads.rules import Visitor
from parley.conversations.tickets.tables import ticket
from parley.kernel.database.database import Database
from tests.cast import TestProject

DIALECTS: dict[str, Any] = {"sqlite": sqlite.dialect(), "postgresql": postgresql.dialect()}
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest_asyncio.fixture
async def crowd(database: Database, project: TestProject) -> int:
    """Give the id of a project with enough tickets for PostgreSQL to care how it finds them."""
    common = {
        "project_id": project.id, "status": "open", "channel_source": "widget", "anonymous_traits": {},
        "session_context": {}, "ai_resolved": False, "message_count": 1, "unread_team_count": 0,
        "unread_customer_count": 0, "cc_participants": [], "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    tickets = [
        common | {
            "id": uuid4(), "number": number, "distinct_id": f"visitor-{number}", "widget_session_id": uuid4(),
            "identity_verified": number % 2 == 0,
        }
        for number in range(1, 2001)
    ]  # fmt: skip
    participants = [
        {
            "project_id": project.id, "id": uuid4(), "ticket_id": one["id"], "created_at": NOW,
            "email": f"p{one['number']}@example.com", "distinct_id": f"p{one['number']}",
        }
        for one in tickets
    ]  # fmt: skip
    async with database.transaction() as db:
        await db.execute(insert(ticket), tickets)
        await db.execute(insert(ticket_participant), participants)
    if database.dialect == "postgresql":
        async with database.transaction() as db:
            await db.execute(text("ANALYZE ticket, ticket_participant"))
    return project.id


async def plan_of(database: Database, statement: Any, **values: Any) -> str:
    """Return how the database would run a statement if scanning whole tables were out of the question."""
    dialect = DIALECTS[database.dialect]
    sql = str(statement.params(**values).compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    async with database.transaction(write=False) as db:
        if database.dialect == "postgresql":
            await db.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN" if database.dialect == "postgresql" else "EXPLAIN QUERY PLAN"
        return "\n".join(
            str(tuple(row)) for row in await db.execute(text(f"{explain} {sql}".replace(":", r"\:")))
        )


@pytest.mark.parametrize(
    ("visitor", "indexes"),
    [
        (Visitor(widget_session_id=uuid4()), ["ix_ticket_session"]),
        (Visitor(distinct_id="ada"), ["ix_ticket_distinct_id", "ix_ticket_claim_email"]),
        (Visitor(distinct_id="ada", signed_email="ada@example.com"), ["ix_ticket_claim "]),
    ],
)
async def test_each_way_to_a_ticket_has_its_index(
    database: Database, crowd: int, visitor: Visitor, indexes: list[str]
):
    plan = await plan_of(database, visible_to(visitor, crowd))
    assert all(index in plan for index in indexes)


async def test_all_ways_together_still_scan_no_table(database: Database, crowd: int):
    visitor = Visitor(distinct_id="ada", signed_email="ada@example.com")
    plan = await plan_of(database, visible_to(visitor, crowd))
    assert "ix_ticket_distinct_id" in plan and "ix_ticket_claim " in plan and "ix_ticket_claim_email" in plan
    assert "ix_ticket_participant_distinct_id" in plan and "ix_ticket_participant_email" in plan


async def test_a_session_is_not_looked_for_among_participants(database: Database, crowd: int):
    assert "participant" not in await plan_of(database, visible_to(Visitor(widget_session_id=uuid4()), crowd))


async def test_a_thread_is_read_in_the_order_of_its_index(database: Database, crowd: int):
    ticket_id = uuid4()
    by_key = await plan_of(database, TICKET.statement, project_id=crowd, ticket_id=ticket_id)
    assert "pk_ticket" in by_key or "sqlite_autoindex_ticket_1" in by_key
    values = {"project_id": crowd, "ticket_id": ticket_id, "after": NOW, "limit": 50}
    messages = await plan_of(database, MESSAGES_AFTER.statement, **values)
    assert "ix_comment_ticket" in messages
    assert "Sort" not in messages and "TEMP B-TREE" not in messages


async def test_what_a_session_has_opened_is_found_by_its_index(database: Database, crowd: int):
    plan = await plan_of(database, OPENED, project_id=crowd, session=uuid4())
    assert "ix_ticket_session" in plan
