"""Where events are read from, a bounded number of statements at a time."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Protocol

from sqlalchemy import Dialect, Executable, Float
from sqlalchemy.engine import IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.ext.compiler import compiles

from parley.kernel.clickhouse.client import ClickHouse
from parley.kernel.clickhouse.errors import StatementStopped
from parley.kernel.database.time_limit import QueryTookTooLong, stopped_after
from parley.kernel.services import Services
from parley.people.shipments.queries import is_noted_whole

LIMIT_S = 60
"""Of one statement, once it has its turn."""


class EventSource(Protocol):
    """A store of events, persons and distinct ids, under the names of the main database's tables.

    `joins_fast` says that finding the person of each event costs less than grouping the events first.
    """

    joins_fast: bool

    async def rows(self, statement: Executable) -> Sequence[Any]:
        """Return the rows of a SELECT, in a reading transaction of its own.

        Waits for its turn beside other projects. Raises Throttled when too many wait, QueryTookTooLong
        at LIMIT_S, and Unavailable.
        """


class MainEvents:
    """The events of the main database."""

    def __init__(self, services: Services, project_id: int, limit_s: float = LIMIT_S) -> None:
        self._database = services.database
        self.joins_fast = services.database.dialect == "postgresql"  # by a hash of all distinct ids
        self._turns, self._key = services.query_turns, str(project_id)
        self._limit_s = limit_s

    async def rows(self, statement: Executable) -> Sequence[Any]:
        async with (
            self._turns.taken(self._key),
            self._database.transaction(write=False) as db,
            stopped_after(db, self._limit_s),
        ):
            await db.allow_hashes()
            return (await db.execute(statement)).all()


class ClickHouseEvents:
    """The events in ClickHouse, as far as they have been shipped."""

    joins_fast = False

    def __init__(self, services: Services, clickhouse: ClickHouse, project_id: int) -> None:
        self._clickhouse = clickhouse
        self._turns, self._key = services.query_turns, str(project_id)

    async def rows(self, statement: Executable) -> Sequence[Any]:
        sql, names = compiled_for_clickhouse(statement)
        async with self._turns.taken(self._key):
            try:
                found = await self._clickhouse.rows(sql, settings=READING)
            except StatementStopped as error:
                raise QueryTookTooLong from error
        return IteratorResult(SimpleResultMetaData(names), iter(found)).all()


READING = {
    "final": 1,  # each event once, and persons as they are now
    "do_not_merge_across_partitions_select_final": 1,  # a row that comes twice comes into the same month
    "join_use_nulls": 1,
    "cast_keep_nullable": 1,
    "aggregate_functions_null_for_empty": 1,
    "max_execution_time": LIMIT_S,
    "max_memory_usage": 4_000_000_000,
    "max_bytes_before_external_group_by": 1_000_000_000,
    "max_bytes_before_external_sort": 1_000_000_000,
}


@compiles(Float, "clickhousedb")
def _float(element: Any, compiler: Any, **options: Any) -> str:
    return "Float64"  # FLOAT has half as many digits there


@cache
def _dialect() -> Dialect:
    from clickhouse_connect.cc_sqlalchemy.dialect import ClickHouseDialect

    compiler: Any = ClickHouseDialect.statement_compiler

    class WholeDivision(compiler):  # type: ignore[misc]
        def visit_floordiv_binary(self, binary: Any, operator: Any, **options: Any) -> str:
            one, other = (self.process(part, **options) for part in (binary.left, binary.right))
            return f"intDiv({one}, {other})"

    made = ClickHouseDialect()
    made.statement_compiler = WholeDivision
    return made


def compiled_for_clickhouse(statement: Executable) -> tuple[str, list[str]]:
    """Return the text of a SELECT, with its values as literals, and the names of its columns."""
    compiled = statement.compile(dialect=_dialect(), compile_kwargs={"literal_binds": True})  # type: ignore[attr-defined]
    return str(compiled), list(statement.selected_columns.keys())  # type: ignore[attr-defined]


async def event_source(services: Services, project_id: int) -> EventSource:
    """Return the store that insights of a project are answered from.

    That is the main database, which has everything, until all of the project is on its way to ClickHouse.
    """
    if services.clickhouse is not None and await is_noted_whole(services.database, project_id):
        return ClickHouseEvents(services, services.clickhouse, project_id)
    return MainEvents(services, project_id)
