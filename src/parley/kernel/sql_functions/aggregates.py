"""SQL functions that divide moments into intervals and numbers into shares, which the databases spell differently.

SQLite, PostgreSQL, and ClickHouse as the last of each.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement, GenericFunction
from sqlalchemy.types import Float, Integer


def _parts(element: Any, compiler: SQLCompiler, options: Any) -> list[str]:
    return [compiler.process(part, **options) for part in element.clauses]


class bucket(FunctionElement[int]):
    """The number of the interval that a moment lies in, from 0 on: `bucket(timestamp, edges)`.

    Edges are in order; what is before the second one lies in 0, what is at or after the last but one in the last.
    """

    type = Integer()
    inherit_cache = False  # the edges are written into the statement

    def __init__(self, timestamp: ColumnElement[Any], edges: Sequence[datetime]) -> None:
        super().__init__(timestamp)
        self.inner = tuple(edges[1:-1])


@compiles(bucket, "postgresql")
def _bucket_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    if not element.inner:
        return "0"
    (timestamp,) = _parts(element, compiler, options)
    edges = ", ".join(f"'{edge.isoformat()}'" for edge in element.inner)
    return f"width_bucket({timestamp}, CAST(ARRAY[{edges}] AS TIMESTAMPTZ[]))"


@compiles(bucket, "sqlite")
def _bucket_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    (timestamp,) = _parts(element, compiler, options)
    return _halved(timestamp, element.inner, 0)


def _halved(timestamp: str, edges: Sequence[datetime], first: int) -> str:
    """The search by halves, as a tree of CASE."""
    if not edges:
        return str(first)
    middle = len(edges) // 2
    below, above = edges[:middle], edges[middle + 1 :]
    edge = edges[middle].strftime("%Y-%m-%d %H:%M:%S.%f")
    return (
        f"CASE WHEN {timestamp} < '{edge}' THEN {_halved(timestamp, below, first)} "
        f"ELSE {_halved(timestamp, above, first + middle + 1)} END"
    )


@compiles(bucket)
def _bucket_clickhouse(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    if not element.inner:
        return "0"
    (timestamp,) = _parts(element, compiler, options)
    edges = f"CAST({[0, *(_microseconds(edge) for edge in element.inner)]} AS Array(Int64))"
    moment = f"roundDown(toUnixTimestamp64Micro({timestamp}), {edges})"
    return f"transform({moment}, {edges}, {list(range(len(element.inner) + 1))}, 0)"


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


class percentile(GenericFunction[float]):
    """The value below which a share of the numbers lies, between two of them if need be: `percentile(0.9, number)`."""

    type = Float()
    inherit_cache = False  # the share is written into the statement

    def __init__(self, share: float, number: ColumnElement[Any]) -> None:
        super().__init__(number)
        self.share = float(share)


@compiles(percentile, "postgresql")
def _percentile_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return f"percentile_cont({element.share}) WITHIN GROUP (ORDER BY {_parts(element, compiler, options)[0]})"


@compiles(percentile, "sqlite")
def _percentile_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return f"percentile_of({element.share}, json_group_array({_parts(element, compiler, options)[0]}))"


@compiles(percentile)
def _percentile_clickhouse(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return f"quantileExactInclusiveOrNull({element.share})({_parts(element, compiler, options)[0]})"
