"""Small sets of events that hypothesis makes, for comparing SQL with plain Python: `worlds(zone)` and `stored`.

They are made to hurt: moments at and beside the edges of days on which the clock changes, several events at one moment,
distinct ids that came to one person later, events without a person, properties of every type and none.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from sqlalchemy import Executable, insert

from parley.analytics.event_source.source import EventSource
from parley.analytics.event_source.tests import clickhouse_world
from parley.kernel.database.database import Database
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Project
from parley.kernel.ids import new_uuid
from parley.people.events.tables import event
from parley.people.persons.tables import person, person_distinct_id

DISTINCT_IDS = ("anna", "anna-phone", "bert", "Bert", "straße 😀", "nobody", "none-too")
"""The first five may belong to a person; the others never do."""

NAMES = ("visit", "visit", "sign up", "pay", "$conversation_ticket_created")

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")

# Local midnights beside which events happen: two changes of the clock in most zones, the end of a month and of a year.
DAYS = {
    "Europe/Berlin": ((2026, 3, 28), (2026, 3, 29), (2026, 3, 30), (2026, 4, 1)),
    "America/New_York": ((2026, 3, 7), (2026, 3, 8), (2026, 3, 9), (2026, 3, 10)),
    "Australia/Lord_Howe": ((2026, 4, 4), (2026, 4, 5), (2026, 4, 6), (2026, 4, 7)),
    "Asia/Kolkata": ((2025, 12, 30), (2025, 12, 31), (2026, 1, 1), (2026, 1, 2)),
    "UTC": ((2026, 2, 27), (2026, 2, 28), (2026, 3, 1), (2026, 3, 2)),
}

SHIFTS = (
    timedelta(),
    timedelta(),
    timedelta(microseconds=-1),
    timedelta(milliseconds=1),
    timedelta(hours=1),
    timedelta(hours=2, minutes=30),
    timedelta(hours=23),
    timedelta(days=-9),
    timedelta(days=-40),
)

VALUES = ("a", "A", "", "ä", "é", "10", 10, 2.5, -1, "2.50", True, None, "2026-03-29", ["a"], {"a": 1})


@dataclass(frozen=True)
class PlainEvent:
    """An event as it was captured."""

    id: UUID
    event: str
    distinct_id: str
    timestamp: datetime
    properties: dict[str, Any]


@dataclass(frozen=True)
class World:
    """Persons with their properties, whose each distinct id is, and what happened."""

    persons: dict[UUID, dict[str, Any]]
    owners: dict[str, UUID]
    events: list[PlainEvent]
    is_in_clickhouse: bool = True
    """Is ClickHouse asked, too; it takes much longer than SQLite, so of what hypothesis makes only a part is there."""

    def actor(self, distinct_id: str) -> UUID | str:
        """Who did it: a person, or a distinct id that belongs to none."""
        return self.owners.get(distinct_id, distinct_id)

    def person_properties(self, distinct_id: str) -> dict[str, Any]:
        """The properties of whoever did it; none without a person."""
        return self.persons.get(self.owners.get(distinct_id), {})  # type: ignore[arg-type]

    async def store(self, db: Db, project_id: int) -> None:
        """Write everything straight into the tables of the main database."""
        base = {"project_id": project_id, "created_at": datetime(2026, 1, 1, tzinfo=UTC)}
        persons = [
            {**base, "id": id, "properties": properties, "is_identified": True}
            for id, properties in self.persons.items()
        ]
        owners = [
            {**base, "distinct_id": id, "person_id": person_id} for id, person_id in self.owners.items()
        ]
        events = [
            {
                **base,
                "id": one.id,
                "event": one.event,
                "distinct_id": one.distinct_id,
                "timestamp": one.timestamp,
                "properties": one.properties,
            }
            for one in self.events
        ]
        for table, rows in ((person, persons), (person_distinct_id, owners), (event, events)):
            if rows:
                await db.execute(insert(table), rows)


def moments(zone: str) -> st.SearchStrategy[datetime]:
    """Instants at which a rule about time may be wrong, a few of them often."""
    midnights = [datetime(*day, tzinfo=ZoneInfo(zone)).astimezone(UTC) for day in DAYS[zone]]
    return st.builds(lambda day, shift: day + shift, st.sampled_from(midnights), st.sampled_from(SHIFTS))


PROPERTIES = st.fixed_dictionaries({}, optional={"n": st.sampled_from(VALUES), "s": st.sampled_from("ab")})


@st.composite
def worlds(draw: st.DrawFn, zone: str, max_events: int = 30) -> World:
    """A few persons, and events around the days of `DAYS[zone]`."""
    persons = {new_uuid(): draw(PROPERTIES) for _ in range(2)}
    ids = list(persons)
    chosen = draw(st.tuples(*[st.sampled_from((0, 1, None))] * 5))
    owners = {name: ids[n] for name, n in zip(DISTINCT_IDS, chosen, strict=False) if n is not None}
    made = draw(
        st.lists(
            st.builds(
                lambda *values: PlainEvent(new_uuid(), *values),
                st.sampled_from(NAMES),
                st.sampled_from(DISTINCT_IDS),
                moments(zone),
                PROPERTIES,
            ),
            max_size=max_events,
        )
    )
    return World(persons, owners, made, draw(st.sampled_from((True, False, False, False))))


def in_zone(project_id: int, zone: str) -> Project:
    """A project on whose wall clock a query is meant."""
    return Project(
        id=project_id,
        organization_id=UUID(int=1),
        name="Shop",
        timezone=zone,
        conversations_enabled=True,
        settings={},
        api_token="",
        widget_token=None,
    )


class OpenEvents:
    """A source that reads inside of a transaction, so that nothing that an example stores need be committed.

    Beside SQLite, ClickHouse is asked the same, and must answer the same.
    """

    def __init__(self, db: Db, *, asks_clickhouse: bool) -> None:
        self._db = db
        self.joins_fast = db.dialect.name == "postgresql"
        self._asks_clickhouse = asks_clickhouse

    async def rows(self, statement: Executable) -> Sequence[Any]:
        await self._db.allow_hashes()
        found = (await self._db.execute(statement)).all()
        if self._asks_clickhouse:
            clickhouse_world.check_same(statement, found)
        return found


class _Undo(Exception):
    """Raised to roll back what an example has written."""


@asynccontextmanager
async def stored(database: Database, project_id: int, world: World) -> AsyncIterator[EventSource]:
    """A source over the world, which is gone afterwards."""
    try:
        async with database.transaction() as db:
            await world.store(db, project_id)
            asks_clickhouse = database.dialect == "sqlite" and world.is_in_clickhouse
            if asks_clickhouse:
                clickhouse_world.load(project_id, world)
            yield OpenEvents(db, asks_clickhouse=asks_clickhouse)
            raise _Undo
    except _Undo:
        pass


async def run_examples(check: Callable[[Callable[[Coroutine[Any, Any, Any]], Any]], None]) -> None:
    """Run hypothesis in a thread; what `check` gets waits for a coroutine on the loop of the test."""
    loop = asyncio.get_running_loop()

    def wait(coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(60)

    await asyncio.to_thread(check, wait)
