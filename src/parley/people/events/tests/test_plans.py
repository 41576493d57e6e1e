"""How the databases run what capture and the lists ask for: by an index, also where nothing is known of the tables yet."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import text

from parley.kernel.database.bulk import LookUp
from parley.kernel.database.prepared import _Compiled
from parley.kernel.http.authorization import Actor, Principal, Project
from parley.people.events.queries import EventFilters, listed_events
from parley.people.events.rules.cursors import EventCursor
from parley.people.persons.queries import by_identifier, capture
from parley.people.persons.queries.shown import PersonFilters, newest_persons
from parley.people.persons.rules.property_filters import EventPropertyFilter

KEY = UUID("01a1fdb7-84ef-70e2-b0fb-09ca8ea4cd11")
AT = datetime(2026, 5, 1, tzinfo=UTC)
N = 3000
NEEDS_BOTH = [
    EventPropertyFilter("a", operator="is_set"),
    EventPropertyFilter("b", operator="is_set", type="person"),
]


@pytest.fixture
def actor(project):
    owner = Principal(user_id=1, user_uuid=KEY, email="", name="", levels={}, current_project_id=None)
    theirs = Project(
        id=project.id,
        organization_id=project.organization_id,
        name="",
        timezone="UTC",
        conversations_enabled=True,
        settings={},
        api_token="",
        widget_token=None,
    )
    return Actor(principal=owner, project=theirs, level=15)


@pytest.fixture
async def db(database, project):
    """A transaction that leaves nothing behind."""

    class Enough(Exception):
        pass

    try:
        async with database.transaction() as opened:
            yield opened
            raise Enough
    except Enough:
        pass


async def fill(db, project_id):
    """Make a crowded project; persons and events get ids and times in no particular order."""
    numbers = f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {N})"
    if db.dialect.name == "postgresql":
        key, now = "md5({} || '{}')::uuid", "now() - n * interval '1 minute'"
    else:
        key, now = "printf('%032x', {} * 7919 + length('{}'))", "datetime('now', -n || ' minutes')"
    ids = key.format("n", project_id)
    for statement in (
        f"INSERT INTO person (project_id, id, properties, email, is_identified, created_at) {numbers} "
        f"SELECT {project_id}, {ids}, '{{}}', 'e' || n || '@example.com', FALSE, {now} FROM numbers",
        f"INSERT INTO person_distinct_id (project_id, distinct_id, person_id, created_at) {numbers} "
        f"SELECT {project_id}, 'd' || n, {ids}, {now} FROM numbers",
        f"INSERT INTO event (project_id, id, event, distinct_id, properties, timestamp, created_at) {numbers} "
        f"SELECT {project_id}, {ids}, 'e' || n % 7, 'd' || n % 100, '{{}}', {now}, {now} FROM numbers",
    ):
        if db.dialect.name == "postgresql":
            head, _, tail = statement.partition(numbers)
            statement = head + tail.replace("FROM numbers", f"FROM generate_series(1, {N}) AS n")
        await db.execute(text(statement.replace(":", r"\:")))
    if db.dialect.name == "postgresql":
        await db.execute(text("ANALYZE person, person_distinct_id, event"))


async def plan_of(db, statement):
    compiled = _Compiled(statement, db.dialect)
    if db.dialect.name == "postgresql":
        rows = await db.driver.fetch(f"EXPLAIN {compiled.sql}", *compiled.arguments({}))
    else:
        rows = await db.driver.execute_fetchall(f"EXPLAIN QUERY PLAN {compiled.sql}", compiled.arguments({}))
    return "\n".join(str(tuple(row)) for row in rows)


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        (EventFilters(), "ix_event_project_id_timestamp_id"),
        (EventFilters(cursor=EventCursor(AT, KEY)), "ix_event_project_id_timestamp_id"),
        (EventFilters(after=AT, before=AT), "ix_event_project_id_timestamp_id"),
        (EventFilters(event="e3"), "ix_event_named"),
        (EventFilters(event="e3", properties=NEEDS_BOTH), "ix_event_named"),
        (EventFilters(distinct_id="d7"), "ix_event_project_id_distinct_id_timestamp_id"),
        (EventFilters(person_id=KEY), "ix_event_project_id_distinct_id_timestamp_id"),
    ],
)
async def test_events_are_listed_through_an_index(db, actor, filters, index):
    await fill(db, actor.project_id)
    plan = await plan_of(db, listed_events(actor, filters).limit(101))
    assert index in plan, plan
    assert "Seq Scan" not in plan and "SCAN event" not in plan


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        (PersonFilters(), "_person"),
        (PersonFilters(distinct_id="d7"), "_person_distinct_id"),
        (PersonFilters(email="e7@example.com"), "ix_person_project_id_email"),
        (PersonFilters(search="e77"), "ix_person_project_id_email"),
    ],
)
async def test_persons_are_listed_through_an_index(db, actor, filters, index):
    await fill(db, actor.project_id)
    plan = await plan_of(db, newest_persons(actor, filters).limit(101))
    assert index in plan, plan
    assert "Seq Scan" not in plan and "SCAN person" not in plan


@pytest.mark.parametrize(
    "look_up", [capture._SEEN, capture._WHOLE, capture._LOCKED, by_identifier._OWNERS, by_identifier._PERSONS]
)
async def test_a_look_up_finds_its_key_in_a_table_of_which_nothing_is_known(db, look_up: LookUp):
    if db.dialect.name == "sqlite":
        plan = await plan_of(db, look_up._sqlite.statement)
        assert "project_id=? AND distinct_id=?" in plan or "project_id=? AND id=?" in plan
        return
    await db.driver.execute("TRUNCATE event, person, person_distinct_id")
    await db.driver.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    compiled = _Compiled(look_up._postgresql.statement, db.dialect)
    values = "NULL, " * (len(compiled.arguments({"values": [], "project_id": 1})) - 1) + "NULL"
    await db.driver.execute(f"PREPARE looking_up AS {compiled.sql}")
    plan = "\n".join(row[0] for row in await db.driver.fetch(f"EXPLAIN EXECUTE looking_up ({values})"))
    await db.driver.execute("DEALLOCATE looking_up")
    assert ">= " in plan and "Filter" not in plan, plan
