"""Statements that are compiled once and run on the driver.

Which statements these are, and what that saves, is in docs/decisions/0004; `tools/lint/prepared.py` checks it.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import Dialect
from sqlalchemy.sql import Delete, Insert, Update
from sqlalchemy.sql.base import ExecutableStatement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.schema import ScalarElementColumnDefault

Processor = Callable[[Any], Any]


class Prepared:
    """A Core statement with named `bindparam`s. Values are given by name and pass through their column types."""

    def __init__(self, statement: ExecutableStatement) -> None:
        self.statement = statement
        self.writes_to = _table_written(statement)
        self._compiled: dict[str, _Compiled] = {}

    async def run(self, driver: Any, dialect: Dialect, values: dict[str, Any]) -> Sequence[Sequence[Any]]:
        """Run on an asyncpg or aiosqlite connection; all binds of the statement must be given."""
        compiled = self.compiled_for(dialect)
        arguments = compiled.arguments(values)
        if dialect.name == "sqlite":
            found = await driver.execute_fetchall(compiled.sql, arguments)
        else:
            found = await driver.fetch(compiled.sql, *arguments)
        return compiled.typed(found)

    async def run_each(self, driver: Any, dialect: Dialect, many: Sequence[dict[str, Any]]) -> None:
        """Run once for each set of values, in one round trip; nothing comes back."""
        compiled = self.compiled_for(dialect)
        await driver.executemany(compiled.sql, [compiled.arguments(values) for values in many])

    def compiled_for(self, dialect: Dialect) -> "_Compiled":
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _Compiled(self.statement, dialect)
        return compiled


async def run_together(driver: Any, dialect: Dialect, some: Sequence[tuple[Prepared, Sequence[Any]]]) -> None:
    """Run INSERTs, UPDATEs and DELETEs on asyncpg in one round trip, each with its arguments; nothing comes back.

    None of them sees what another one does (PostgreSQL, 7.8.4), and no two may change one row.
    """
    arguments = [one for _, given in some for one in given]
    await driver.fetch(_joined(tuple(prepared for prepared, _ in some), dialect), *arguments)


@lru_cache(1000)
def _joined(some: tuple[Prepared, ...], dialect: Dialect) -> str:
    """Return one statement of several: all but the first stand in front of it, within a WITH.

    In which order they run is left open. PostgreSQL begins with the main one and then goes through the others from the last
    to the first, so a row that many wait for is locked last where its statement comes last.
    """
    texts, n_before = [], 0
    for prepared in some:
        compiled = prepared.compiled_for(dialect)
        texts.append(NUMBER.sub(lambda found, by=n_before: f"${int(found[1]) + by}", compiled.sql))  # type: ignore[misc]
        n_before += compiled.n_arguments
    first, *others = texts
    inside = ", ".join(f"part_{at} AS ({one})" for at, one in reversed(list(enumerate(others, 2))))
    return f"WITH {inside} {first}" if others else first


NUMBER = re.compile(r"\$(\d+)")
"""A parameter in the text of a statement for asyncpg; values never stand in it."""


def _table_written(statement: Any) -> str:
    """Return the name of the table of an INSERT, UPDATE or DELETE, "" of others."""
    table: Any = getattr(statement, "table", None)
    return str(table.name) if isinstance(statement, Insert | Update | Delete) else ""


class Reads(Protocol):
    """Whatever runs a prepared SELECT: `Db.rows` inside a transaction, `Database.read` outside any."""

    def __call__(self, prepared: Prepared, **values: Any) -> Awaitable[Sequence[Sequence[Any]]]: ...


class _Compiled:
    """The text for one dialect, with what its types do to values and rows."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled: SQLCompiler = statement.compile(
            dialect=dialect, compile_kwargs={"render_postcompile": True}
        )
        self.sql = str(compiled)
        self.only_adds = isinstance(statement, Insert) and " DO UPDATE " not in self.sql
        names = compiled.positiontup or []
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}
        for column in compiled.insert_prefetch:
            if isinstance(column.default, ScalarElementColumnDefault):
                self._fixed[column.key] = column.default.arg
        self._binds: list[tuple[str, Processor | None]] = [
            (name, _bind_processor(compiled.binds[name], dialect)) for name in names
        ]
        columns = getattr(statement, "exported_columns", None) or ()
        self._results: list[tuple[int, Processor]] = []
        for index, column in enumerate(columns):
            processor = column.type.dialect_impl(dialect).result_processor(dialect, None)
            if processor is not None:
                self._results.append((index, processor))
        self._width = len(columns)

    @property
    def n_arguments(self) -> int:
        return len(self._binds)

    def arguments(self, values: dict[str, Any]) -> list[Any]:
        arguments = []
        for name, processor in self._binds:
            value = values[name] if name in values else self._fixed.get(name)
            arguments.append(processor(value) if processor else value)
        return arguments

    def typed(self, found: Sequence[Any]) -> Sequence[Sequence[Any]]:
        if not self._results or not found:
            return found
        rows = [list(row) for row in found]
        for index, processor in self._results:
            for row in rows:
                row[index] = processor(row[index])
        return rows


def _bind_processor(bind: Any, dialect: Dialect) -> Processor | None:
    processor: Processor | None = bind.type.dialect_impl(dialect).bind_processor(dialect)
    return processor
