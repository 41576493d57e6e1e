"""A person with any number of events takes no more memory than a page of them, and every look-up is served by an index."""

import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from parley.accounts.projects.queries.projects import projects_by_ids
from parley.administration.privacy.actions.export import export_person
from parley.administration.privacy.rules import SubjectReference
from parley.conversations.personal_data.queries import stored
from parley.conversations.tickets.tests.test_plans import crowded
from parley.kernel.database.prepared import _Compiled
from parley.kernel.http.authorization import OWNER, Actor, Principal
from parley.kernel.ids import new_uuid
from parley.people.events import actions as event_actions
from parley.people.events import queries as events
from parley.people.events.tables import event

AT = datetime(2026, 5, 1, tzinfo=UTC)
N_EVENTS, EVENT_BYTES = 4000, 2000
N = 3000


@pytest.fixture
async def actor(services, project, alice):
    async with services.database.transaction(write=False) as db:
        (known,) = (await projects_by_ids(db, [project.id])).values()
    owner = Principal(
        user_id=alice.user_id,
        user_uuid=alice.user_uuid,
        email="",
        name="",
        levels={},
        current_project_id=None,
    )
    return Actor(principal=owner, project=known, level=OWNER)


async def test_an_export_holds_no_more_than_a_page_in_memory(services, database, project, actor):
    rows = [
        {
            "project_id": project.id,
            "id": new_uuid(),
            "event": "seen",
            "distinct_id": "ada",
            "properties": {"page": "x" * EVENT_BYTES, "n": n},
            "timestamp": AT + timedelta(seconds=n // 3),
            "created_at": AT,
        }
        for n in range(N_EVENTS)
    ]
    async with database.transaction() as db:
        await db.execute(insert(event), rows)
    del rows
    tracemalloc.start()
    try:
        made = await export_person(
            services, actor, SubjectReference("distinct_id", "ada"), is_confirmed=False
        )
        numbers = b"".join([piece.replace(b"x", b"") async for piece in made.pieces]).count(b'"n":')
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert numbers == N_EVENTS and made.size > N_EVENTS * EVENT_BYTES
    assert most < made.size / 2


KEYS = [str(new_uuid())]
VALUES = {"texts": ["d7"], "author": "d7", "distinct_ids": ["d7"], "ids": [new_uuid()], "ticket_ids": KEYS}
SERVED = {
    "tickets by distinct id": (stored._BY_DISTINCT_ID.statement, "ix_ticket_distinct_id"),
    "tickets by stated address": (stored._BY_STATED_EMAIL.statement, "ix_ticket_told_email"),
    "tickets by address": (stored._BY_ADDRESS.statement, "ix_ticket_email"),
    "messages by author": (stored._BY_AUTHOR.statement, "ix_comment_customer"),
    "messages that came through": (stored._VIA.statement, "ix_comment_via"),
    "events to give out": (events._ABOUT.statement, "ix_event_ticket"),
    "events of tickets": (event_actions._ABOUT_TICKETS, "ix_event_ticket"),
    "events of a person": (event_actions._OF_PERSON, "ix_event_project_id_distinct_id_timestamp_id"),
}


async def test_an_index_serves_whatever_is_looked_for(database, project):
    if database.dialect == "sqlite":
        async with database.transaction() as db:
            await check(database, db.driver, project.id)
        return
    async with crowded(database, project.id) as planner:
        await planner.driver.execute(EVENTS.replace("$1", str(project.id)))
        await planner.driver.execute("ANALYZE event")
        await check(database, planner.driver, project.id)


EVENTS = f"""
    INSERT INTO event (project_id, id, event, distinct_id, properties, timestamp, created_at)
    SELECT $1, md5('e' || n)::uuid, CASE n % 3 WHEN 0 THEN '$conversation_message_sent' ELSE 'seen' END,
        'd' || n % 500, jsonb_build_object('ticket_id', md5('t' || n % 700)::uuid::text), now(), now()
    FROM generate_series(1, {N}) AS n"""


async def check(database, driver, project_id):
    for name, (statement, index) in SERVED.items():
        compiled = _Compiled(statement, database.engine.dialect)
        values = compiled.arguments({**VALUES, "project_id": project_id})
        if database.dialect == "sqlite":
            found = await driver.execute_fetchall(f"EXPLAIN QUERY PLAN {compiled.sql}", values)
        else:
            found = await driver.fetch(f"EXPLAIN {compiled.sql}", *values)
        plan = "\n".join(str(tuple(row)) for row in found)
        assert index in plan and "Seq Scan" not in plan, (name, plan)
