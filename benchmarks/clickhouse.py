"""Insights of ClickHouse's engine in this process, by the statements that the program sends, without a network."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import msgspec
from clickhouse_connect.driver import create_client
from sqlalchemy import Executable
from sqlalchemy.engine import IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData

from benchmarks.figures import slug
from benchmarks.insights import FUNNEL, QUERIES, ROUNDS
from parley.analytics.event_source.source import READING, compiled_for_clickhouse
from parley.analytics.funnels.queries.answers import compute as compute_funnel
from parley.analytics.query_schema.reading import read_query
from parley.analytics.trends.queries.answers import compute as compute_trends
from parley.kernel.http.authorization import Project
from parley.people.clickhouse.definitions import statements

UNTIL = datetime(2026, 11, 28, 23, tzinfo=UTC)
PERSONS_OF, DISTINCT_IDS_OF = 100, 75
"""So many events have one person more, and one distinct id more."""
NAMES = [
    "$pageview", "$pageview", "$pageview", "$autocapture", "viewed product", "purchased", "click", "search", "open", "close",
]  # fmt: skip
EVENTS = f"""
INSERT INTO event SELECT 1, generateUUIDv4(), {NAMES}[1 + number %% 10], concat('d', toString(intHash32(number) %% %d)),
concat('{{"$browser":"', ['Chrome', 'Safari', 'Firefox'][1 + number %% 3], '","amount":', toString(number %% 400),
',"pad":"', repeat('x', 230), '"}}'),
toDateTime64('2026-08-31 00:00:00', 6, 'UTC') + toIntervalMicrosecond(toUInt64(number * %f)),
now64(6) FROM numbers(%d)
"""
OWNERS = "INSERT INTO person_distinct_id SELECT 1, concat('d', toString(number)), %s, 1, 0 FROM numbers(%d)"
PERSONS = """
INSERT INTO person SELECT 1, %s, if(number %% 3 = 0, '{"plan":"pro"}', '{"plan":"free"}'), 1, now64(6), 1, 0 FROM numbers(%d)
"""
PERSON = "toUUID(concat('00000000-0000-0000-0000-', leftPad(toString(number %% %d), 12, '0')))"


class Engine:
    """A source of events in a folder."""

    joins_fast = False

    def __init__(self, folder: Path, events: int) -> None:
        self._client = create_client(dsn=f"chdb://{folder}", tz_mode="aware")
        for one in statements("default"):
            self._client.command(one)
        persons, ids = max(1, events // PERSONS_OF), max(1, events // DISTINCT_IDS_OF)
        self._client.command(EVENTS % (ids, 90 * 86400 * 1_000_000 / events, events))
        self._client.command(OWNERS % (PERSON % persons, ids))
        self._client.command(PERSONS % (PERSON % persons, persons))

    async def rows(self, statement: Executable) -> Sequence[Any]:
        sql, names = compiled_for_clickhouse(statement)
        found = self._client.query(sql, settings=READING).result_rows
        return IteratorResult(SimpleResultMetaData(names), iter(found)).all()


class ClickHouseTimes(msgspec.Struct, frozen=True):
    """How long each query takes over so many events, p50."""

    events: int
    p50_ms: Mapping[str, float]

    def figures(self) -> dict[str, float]:
        return {f"{slug(title)}_{self.events}.ms": p50 for title, p50 in self.p50_ms.items()}


def measure_clickhouse(folder: Path, events: int | None) -> ClickHouseTimes:
    """Ask each query of so many events of 90 days, ten million where nobody says."""
    events = events or 10_000_000
    folder.mkdir(parents=True)
    engine = Engine(folder / "engine", events)
    return ClickHouseTimes(
        events, {title: asyncio.run(_p50_ms(engine, one)) for title, one in QUERIES.items()}
    )


def clickhouse_lines(done: ClickHouseTimes) -> str:
    """Return a line for each query."""
    return "\n".join(
        f"ClickHouse, {done.events} events, {title}: p50 {p50_ms:.0f} ms"
        for title, p50_ms in done.p50_ms.items()
    )


async def _p50_ms(engine: Engine, query: dict[str, Any]) -> float:
    project: Any = Project(
        id=1, organization_id=UUID(int=1), name="", timezone="Europe/Berlin", conversations_enabled=True, settings={},
        api_token="", widget_token=None,
    )  # fmt: skip
    compute: Any = compute_funnel if query is FUNNEL else compute_trends
    waits = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await compute(engine, project, read_query(query), UNTIL)
        waits.append(1000 * (time.perf_counter() - began))
    return median(waits)
