"""What is stored reaches ClickHouse once, and what is erased leaves it; on ClickHouse's embedded engine."""

import pytest
import pytest_asyncio
from clickhouse_connect.driver import create_client
from sqlalchemy import delete, insert, literal, select

from parley.accounts.projects.tables import project as projects
from parley.kernel.clickhouse.client import ClickHouse
from parley.kernel.clickhouse.errors import EventsAway
from parley.kernel.jobs import is_waiting
from parley.people.clickhouse.actions.older import note_older
from parley.people.clickhouse.actions.shipping import make_tables, ship_next
from parley.people.clickhouse.jobs import SHIP, call_for_shipping
from parley.people.shipments.queries import next_incomplete, next_shipments, shipping_state
from parley.people.shipments.tables import shipment, shipped_project

FINAL = {"final": 1}


def engine():
    return create_client(dsn="chdb://memory", tz_mode="aware")


async def leave_others_out(database, project):
    """Have all projects but this one count as shipped: thousands of tests have left theirs here."""
    done = {"kind": "", "after": [], "is_complete": True}
    others = select(
        projects.c.id, *(literal(value, shipped_project.c[name].type) for name, value in done.items())
    )
    async with database.transaction() as db:
        await db.execute(delete(shipment))
        await db.execute(delete(shipped_project))
        wanted = others.where(projects.c.id != project.id)
        await db.execute(insert(shipped_project).from_select(["project_id", *done], wanted))


@pytest_asyncio.fixture
async def clickhouse(services, database, project):
    """ClickHouse in use, with everything that the project had before noted and sent."""
    await leave_others_out(database, project)
    made = ClickHouse(engine, place="here", database="default")
    services.clickhouse, database.ships_events = made, True
    await make_tables(made)
    await ship_all(services)
    yield made
    services.clickhouse, database.ships_events = None, False
    await made.close()


async def ship_all(services):
    while True:
        async with services.database.transaction() as db:
            is_older = await note_older(db, services.clock.now())
        if not (await ship_next(services, services.clickhouse) or is_older):
            return


async def capture(anonymous, project, *events):
    batch = {"api_key": project.api_token, "batch": list(events)}
    answer = await anonymous.post("/batch/", json=batch)
    assert answer.status_code == 200, answer.text


def seen(distinct_id="visitor", **fields):
    return {"event": "seen", "properties": {"distinct_id": distinct_id}, **fields}


async def shipped(clickhouse, project, what="count()", table="event"):
    sql = f"SELECT {what} FROM {table} WHERE project_id = {{id:Int32}}"
    return (await clickhouse.rows(sql, {"id": project.id}, settings=FINAL))[0][0]


async def test_an_event_that_is_sent_twice_and_shipped_twice_is_counted_once(
    clickhouse, anonymous, project, services, database
):
    one = seen(uuid="0190a0a0-0000-7000-8000-000000000001", timestamp="2026-01-02T03:04:05Z")
    await capture(anonymous, project, one, seen())
    async with database.transaction(write=False) as db:
        before = await next_shipments(db, 10)
    assert sum(shipment.n_keys for shipment in before if shipment.kind == "events") == 2
    await ship_all(services)
    await capture(anonymous, project, one)
    await ship_all(services)
    assert await shipped(clickhouse, project) == 2


async def test_a_killed_shipment_goes_again(clickhouse, anonymous, project, services, database, monkeypatch):
    await capture(anonymous, project, seen())
    with monkeypatch.context() as patch:
        patch.setattr("parley.people.clickhouse.actions.shipping.remove_shipments", None)
        with pytest.raises(TypeError):
            await ship_next(services, clickhouse)
    await ship_all(services)
    assert await shipped(clickhouse, project) == 1


async def test_while_it_is_away_nothing_is_lost_and_capture_goes_on(
    clickhouse, anonymous, project, services, database, queue
):
    services.clickhouse = ClickHouse.open("clickhouse://user:secret@127.0.0.1:1/parley")
    await capture(anonymous, project, seen())
    async with database.transaction() as db:
        assert await call_for_shipping(db, services) == 1
        assert await call_for_shipping(db, services) == 0
    await queue.drain()
    async with database.transaction(write=False) as db:
        state = await shipping_state(db)
        assert not await is_waiting(db, SHIP, project_id=0)
    reason = state.last_error or ""
    assert state.n_waiting and "does not answer" in reason and "secret" not in reason
    services.clickhouse = clickhouse
    await ship_all(services)
    assert await shipped(clickhouse, project) == 1
    async with database.transaction(write=False) as db:
        assert (await shipping_state(db)).last_error is None


async def test_persons_follow_merges(clickhouse, anonymous, project, services):
    await capture(anonymous, project, seen("guest-1"), seen("ada"))
    identify = {"event": "$identify", "properties": {"distinct_id": "ada", "$anon_distinct_id": "guest-1"}}
    await capture(anonymous, project, identify)
    await ship_all(services)
    owners = await shipped(clickhouse, project, "uniqExact(person_id)", "person_distinct_id")
    assert owners == 1
    assert await shipped(clickhouse, project, table="person_distinct_id") == 2


async def test_who_is_deleted_leaves_clickhouse(clickhouse, anonymous, project, services, api, queue, clock):
    identify = {"event": "$identify", "properties": {"distinct_id": "ada", "$set": {"email": "a@b.example"}}}
    await capture(anonymous, project, identify, seen("ada"), seen("bob"))
    await ship_all(services)
    people = f"/api/projects/{project.id}/persons/"
    person = next(p for p in (await api.get(people)).json()["results"] if "ada" in p["distinct_ids"])
    assert (await api.delete(f"{people}{person['uuid']}/?delete_events=true")).status_code == 204
    await queue.drain()
    assert await shipped(clickhouse, project, "groupUniqArray(distinct_id)") == ["bob"]
    assert await shipped(clickhouse, project, "countIf(distinct_id = 'ada')", "person_distinct_id") == 0


async def test_what_was_stored_before_is_shipped_too(anonymous, project, services, database, clickhouse):
    database.ships_events = False
    await capture(anonymous, project, seen(), seen("other"))
    async with database.transaction() as db:
        await call_for_shipping(db, services)  # off: everything is forgotten
    await leave_others_out(database, project)
    database.ships_events = True
    async with database.transaction(write=False) as db:
        assert await next_incomplete(db) is not None
    await ship_all(services)
    assert await shipped(clickhouse, project) == 2


async def test_errors_name_neither_password_nor_values():
    away = ClickHouse.open("clickhouse://user:geheim@127.0.0.1:1/parley")
    with pytest.raises(EventsAway) as raised:
        await away.ping()
    assert "geheim" not in repr(raised.value) + raised.value.reason
    assert raised.value.__cause__ is None
