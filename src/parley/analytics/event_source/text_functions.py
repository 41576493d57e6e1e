"""SQL functions over texts of properties, spelled for each store."""

from typing import Any

from sqlalchemy import ColumnElement, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import Boolean, Text, TypeDecorator

from parley.analytics.query_schema.patterns import for_postgresql


def _parts(element: Any, compiler: SQLCompiler, options: Any) -> list[str]:
    return [compiler.process(part, **options) for part in element.clauses]


class Pattern(TypeDecorator[str]):
    """A regular expression of RE2, which each store gets in its own syntax."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        if value is None or dialect.name == "sqlite":
            return value
        # ClickHouse has RE2, but lets `.` stand for a new line.
        return for_postgresql(value) if dialect.name == "postgresql" else f"(?-s){value}"


class text_matches(GenericFunction[bool]):
    """The condition that a regular expression of RE2 is found in a text: `text_matches(text, pattern)`."""

    type = Boolean()
    inherit_cache = True
    _is_implicitly_boolean = True

    def __init__(self, text: ColumnElement[Any], pattern: str) -> None:
        super().__init__(text, literal(pattern, Pattern()))


@compiles(text_matches, "postgresql")
def _matches_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    text, pattern = _parts(element, compiler, options)
    return f"({text} ~ {pattern})"


@compiles(text_matches, "sqlite")
def _matches_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    text, pattern = _parts(element, compiler, options)
    return f"re2_found({text}, {pattern})"


@compiles(text_matches)
def _matches_clickhouse(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    text, pattern = _parts(element, compiler, options)
    return f"match({text}, {pattern})"
