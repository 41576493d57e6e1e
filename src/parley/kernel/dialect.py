"""The few places where SQLite and PostgreSQL say the same thing in other words."""

from typing import Any

from sqlalchemy import Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import Text


def insert_for(dialect: Dialect, table: Table) -> Any:
    """Return an INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return postgresql.insert(table) if dialect.name == "postgresql" else sqlite.insert(table)


class json_array_text(GenericFunction[str]):
    """Aggregate a column into the text of a JSON array, in the order of the rows: `json_array_text(column)`."""

    type = Text()
    inherit_cache = True


@compiles(json_array_text, "postgresql")
def _postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(json_agg({compiler.process(element.clauses, **options)}) AS TEXT)"


@compiles(json_array_text, "sqlite")
def _sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_group_array({compiler.process(element.clauses, **options)})"
