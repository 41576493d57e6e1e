"""Insights are read from ClickHouse once a project is there, and from the main database before."""

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from parley.analytics.event_source import source as sources
from parley.analytics.event_source.conditions import AsOf
from parley.analytics.event_source.queries import events_of
from parley.analytics.event_source.source import ClickHouseEvents, MainEvents, event_source
from parley.analytics.event_source.tests.test_events import AS_OF
from parley.kernel.clickhouse.client import ClickHouse
from parley.kernel.clickhouse.errors import EventsAway
from parley.kernel.database.time_limit import QueryTookTooLong
from parley.people.clickhouse.actions.shipping import make_tables
from parley.people.clickhouse.tests.test_shipping import capture, engine, leave_others_out, seen, ship_all


@pytest_asyncio.fixture
async def clickhouse(services, database, project):
    await leave_others_out(database, project)
    made = ClickHouse(engine, place="here", database="default")
    services.clickhouse, database.ships_events = made, True
    await make_tables(made)
    yield made
    services.clickhouse, database.ships_events = None, False
    await made.close()


def counted(project, as_of: AsOf = AS_OF):
    found = events_of(project.id, ["seen"], (None, None), [], as_of, with_actor=True)
    return select(func.count().label("n"), func.count(found.c.actor.distinct()).label("actors"))


async def test_a_project_is_read_from_clickhouse_once_it_is_there(services, clickhouse, anonymous, project):
    await capture(anonymous, project, seen("ada"), seen("ada"), seen("bob"))
    before = await event_source(services, project.id)
    assert isinstance(before, MainEvents) and (await before.rows(counted(project)))[0].n == 3
    await ship_all(services)
    source = await event_source(services, project.id)
    assert isinstance(source, ClickHouseEvents)
    row = (await source.rows(counted(project)))[0]
    assert (row.n, row.actors) == (3, 2)


async def test_limits_and_absence_of_clickhouse_are_told(services, clickhouse, project, monkeypatch):
    source = ClickHouseEvents(services, clickhouse, project.id)
    monkeypatch.setitem(sources.READING, "max_execution_time", 1)
    slow = select(func.count(func.sleepEachRow(1))).select_from(func.numbers(5))
    with pytest.raises(QueryTookTooLong):
        await source.rows(slow)
    away = ClickHouse.open("clickhouse://user:secret@127.0.0.1:1/parley")
    with pytest.raises(EventsAway) as raised:
        await ClickHouseEvents(services, away, project.id).rows(counted(project))
    assert "secret" not in str(raised.value)
