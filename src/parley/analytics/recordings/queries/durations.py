"""How long something took, in the words of each database."""

from typing import Any

from sqlalchemy import Float
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction


class milliseconds_between(GenericFunction[float]):
    """The milliseconds from one instant to another: `milliseconds_between(table.c.start_at, table.c.end_at)`."""

    type = Float()
    inherit_cache = True


@compiles(milliseconds_between, "postgresql")
def _postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    start, end = (compiler.process(one, **options) for one in element.clauses)
    return f"CAST(round(EXTRACT(EPOCH FROM ({end} - {start})) * 1000) AS DOUBLE PRECISION)"


@compiles(milliseconds_between, "sqlite")
def _sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    start, end = (compiler.process(one, **options) for one in element.clauses)
    return f"round((julianday({end}) - julianday({start})) * 86400000)"
