"""ClickHouse's embedded engine with a world in it, to be asked beside the main database."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Executable

from parley.analytics.event_source.source import READING, compiled_for_clickhouse
from parley.people.clickhouse.definitions import (
    DEFINITIONS,
    DISTINCT_ID_COLUMNS,
    EVENT_COLUMNS,
    PERSON_COLUMNS,
    statements,
)

if TYPE_CHECKING:
    from parley.analytics.event_source.tests.events_world import World

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


@cache
def _engine() -> Any:
    from clickhouse_connect.driver import create_client

    made = create_client(dsn="chdb://memory", tz_mode="aware")
    for sql in statements("default"):
        made.command(sql)
    return made


def load(project_id: int, world: "World") -> None:
    """Put a world in place of what was there before."""
    engine = _engine()
    for one in DEFINITIONS:
        engine.command(f"TRUNCATE TABLE {one.name}")
    events = [
        [project_id, one.id, one.event, one.distinct_id, _json(one.properties), one.timestamp, BEGAN]
        for one in world.events
    ]
    owners = [[project_id, id, person_id, 1, 0] for id, person_id in world.owners.items()]
    persons = [
        [project_id, id, _json(properties), True, BEGAN, 1, 0] for id, properties in world.persons.items()
    ]
    for table, columns, rows in (
        ("event", EVENT_COLUMNS, events),
        ("person_distinct_id", DISTINCT_ID_COLUMNS, owners),
        ("person", PERSON_COLUMNS, persons),
    ):
        if rows:
            engine.insert(table, rows, column_names=columns)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def check_same(statement: Executable, rows: Sequence[Any]) -> None:
    """Fail unless ClickHouse has the same rows for a statement, in whatever order it leaves open."""
    sql, _ = compiled_for_clickhouse(statement)
    found = _engine().query(sql, settings={**READING, "max_threads": 1}).result_rows
    theirs, ours = (sorted((_plain(row) for row in many), key=repr) for many in (found, rows))
    assert len(theirs) == len(ours), (sql, theirs, ours)
    for one, other in zip(theirs, ours, strict=True):
        assert all(_is_same(a, b) for a, b in zip(one, other, strict=True)), (sql, one, other)


def _plain(row: Any) -> tuple[Any, ...]:
    return tuple(round(one, 9) if isinstance(one, float) else one for one in row)


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, float) or isinstance(other, float):
        return one is not None and other is not None and math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return bool(one == other)
