"""SQL functions over texts of properties, spelled for each store."""

from typing import Any

from sqlalchemy import ColumnElement, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import BigInteger, Boolean, Text, TypeDecorator

from parley.analytics.query_schema.patterns import for_postgresql
from parley.kernel.text.iso_moments import INSTANT_PATTERN, MIDNIGHT, WALL_PATTERN


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


class wall_of(GenericFunction[str]):
    """The time on the wall that a text is, without a zone, to be compared as a text; NULL for others (iso_moments.py)."""

    type = Text()
    inherit_cache = True


@compiles(wall_of, "postgresql")
def _wall_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    (text,) = _parts(element, compiler, options)
    filled = f"replace({text}, 'T', ' ') || substr('{MIDNIGHT}', length({text}) + 1)"
    return f"(CASE WHEN {text} ~ '{WALL_PATTERN}' THEN {filled} END COLLATE \"C\")"


@compiles(wall_of, "sqlite")
def _wall_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return f"wall_of({_parts(element, compiler, options)[0]})"


@compiles(wall_of)
def _wall_clickhouse(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    (text,) = _parts(element, compiler, options)
    filled = f"concat(replaceOne({text}, 'T', ' '), substring('{MIDNIGHT}', length({text}) + 1))"
    return f"if(match(ifNull({text}, ''), '{WALL_PATTERN}'), {filled}, NULL)"


class instant_of(GenericFunction[int]):
    """The instant that a text is, with its offset from UTC, in microseconds since 1970; NULL for others (iso_moments.py)."""

    type = BigInteger()
    inherit_cache = True


@compiles(instant_of, "postgresql")
def _instant_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    (text,) = _parts(element, compiler, options)
    # A cast ends the statement at the first text that is no moment. It rounds what is finer than a microsecond.
    cut = rf"regexp_replace({text}, '([.][0-9][0-9][0-9][0-9][0-9][0-9])[0-9]+', '\1')"
    moved = f"EXTRACT(epoch FROM CAST({cut} AS TIMESTAMPTZ)) * 1000000"
    return f"CASE WHEN {text} ~ '{INSTANT_PATTERN}' THEN CAST({moved} AS BIGINT) END"


@compiles(instant_of, "sqlite")
def _instant_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return f"instant_of({_parts(element, compiler, options)[0]})"


@compiles(instant_of)
def _instant_clickhouse(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    (text,) = _parts(element, compiler, options)
    moment = f"parseDateTime64BestEffortOrNull(ifNull({text}, ''), 6, 'UTC')"
    return f"if(match(ifNull({text}, ''), '{INSTANT_PATTERN}'), toUnixTimestamp64Micro({moment}), NULL)"
