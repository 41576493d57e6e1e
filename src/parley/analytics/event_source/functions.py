"""SQL functions over events that the stores spell differently: SQLite, PostgreSQL, and ClickHouse as the last of each.

A property's text is the string itself, or a number or a boolean as JSON writes it; of a list, its strings joined by `, `.
Objects, null and what is missing have none. A number is a JSON number, or a text that is a plain decimal one, below 1e300.
"""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import BigInteger, Boolean, Float, Text, Uuid

NUMBER = r"^[ \t\n\r\f\v]*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)[ \t\n\r\f\v]*$"
MOST_DIGITS = 300


def _parts(element: Any, compiler: SQLCompiler, options: Any) -> list[str]:
    return [compiler.process(part, **options) for part in element.clauses]


class property_text(GenericFunction[str]):
    """The text of a property: `property_text(properties, key)`; NULL where it has none."""

    type = Text()
    inherit_cache = True


@compiles(property_text, "postgresql")
def _text_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    column, key = _parts(element, compiler, options)
    joined = (
        "(SELECT string_agg(one #>> '{}', ', ' ORDER BY nth) FROM "  # noqa: S608
        f"jsonb_array_elements({column} -> {key}) WITH ORDINALITY AS list(one, nth) WHERE jsonb_typeof(one) = 'string')"
    )
    kind = f"jsonb_typeof({column} -> {key})"
    return f"CASE {kind} WHEN 'array' THEN {joined} WHEN 'object' THEN NULL ELSE {column} ->> {key} END"


@compiles(property_text, "sqlite")
def _text_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    column, key = _parts(element, compiler, options)
    path = _path(key)
    joined = f"(SELECT group_concat(value, ', ') FROM json_each({column}, {path}) WHERE type = 'text')"  # noqa: S608
    # Numbers and booleans as they are written: SQLite would give 1 and 0 for booleans.
    return (
        f"CASE json_type({column}, {path}) WHEN 'text' THEN json_extract({column}, {path}) "
        f"WHEN 'array' THEN {joined} WHEN 'object' THEN NULL WHEN 'null' THEN NULL ELSE {column} -> {path} END"
    )


@compiles(property_text)
def _text_clickhouse(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    column, key = _json_clickhouse(element, compiler, options)
    strings = f"arrayFilter(one -> startsWith(one, '\"'), JSONExtractArrayRaw({column}, {key}))"
    joined = f"nullIf(arrayStringConcat(arrayMap(one -> JSONExtractString(one), {strings}), ', '), '')"
    kind = f"JSONType({column}, {key})"
    return (
        f"multiIf({kind} = 'String', toNullable(JSONExtractString({column}, {key})), "
        f"{kind} IN ('Null', 'Object'), NULL, {kind} = 'Array', {joined}, JSONExtractRaw({column}, {key}))"
    )


def _json_clickhouse(element: Any, compiler: SQLCompiler, options: Any) -> tuple[str, str]:
    """The column and the key; its JSON functions take no NULL, as who did it may have no person."""
    column, key = _parts(element, compiler, options)
    return f"ifNull({column}, '{{}}')", key


def _path(key: str) -> str:
    return f"""('$."' || {key} || '"')"""


class is_property_set(GenericFunction[bool]):
    """The condition that a property is there and not null: `is_property_set(properties, key)`."""

    type = Boolean()
    inherit_cache = True
    _is_implicitly_boolean = True


@compiles(is_property_set, "postgresql")
def _set_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    column, key = _parts(element, compiler, options)
    return f"(({column} ->> {key}) IS NOT NULL)"


@compiles(is_property_set, "sqlite")
def _set_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    column, key = _parts(element, compiler, options)
    return f"(coalesce(json_type({column}, {_path(key)}), 'null') <> 'null')"


@compiles(is_property_set)
def _set_clickhouse(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    column, key = _json_clickhouse(element, compiler, options)
    return f"(JSONType({column}, {key}) <> 'Null')"


class property_number(GenericFunction[float]):
    """The number that a property is: `property_number(properties, key)`; NULL where it is none."""

    type = Float()
    inherit_cache = True


@compiles(property_number, "postgresql")
def _number_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    column, key = _parts(element, compiler, options)
    text = f"({column} ->> {key})"
    # A cast ends the statement at the first text that is no number, or too large a one.
    is_plain = f"length({text}) <= 100 AND {text} ~ '{NUMBER}'"
    return (
        f"CASE jsonb_typeof({column} -> {key}) WHEN 'number' THEN "
        f"CASE WHEN length({text}) <= {MOST_DIGITS} THEN CAST({text} AS DOUBLE PRECISION) END "
        f"WHEN 'string' THEN CASE WHEN {is_plain} THEN CAST({text} AS DOUBLE PRECISION) END END"
    )


@compiles(property_number, "sqlite")
def _number_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    column, key = _parts(element, compiler, options)
    return f"number_of_json({column} -> {_path(key)})"


@compiles(property_number)
def _number_clickhouse(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    column, key = _json_clickhouse(element, compiler, options)
    text = f"JSONExtractString({column}, {key})"
    number = f"JSONExtractFloat({column}, {key})"
    plain = NUMBER.replace("\\", "\\\\")
    return (
        f"multiIf(JSONType({column}, {key}) IN ('Int64', 'UInt64', 'Double'), if(abs({number}) < 1e300, {number}, NULL), "
        f"JSONType({column}, {key}) = 'String' AND lengthUTF8({text}) <= 100 AND match({text}, '{plain}'), "
        f"toFloat64OrNull(trimBoth(replaceRegexpOne({text}, '^\\\\s*\\\\+', ''))), NULL)"
    )


class microseconds(GenericFunction[int]):
    """A moment as microseconds since 1970: `microseconds(timestamp)`. Whole numbers are the same everywhere."""

    type = BigInteger()
    inherit_cache = True


@compiles(microseconds, "postgresql")
def _micro_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    (moment,) = _parts(element, compiler, options)
    # A double holds microseconds until the year 2255, and is much faster than the numeric of EXTRACT.
    return f"CAST(date_part('epoch', {moment}) * 1000000 AS BIGINT)"


@compiles(microseconds, "sqlite")
def _micro_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    (moment,) = _parts(element, compiler, options)
    return f"(CAST(strftime('%s', substr({moment}, 1, 19)) AS INTEGER) * 1000000 + CAST(substr({moment}, 21, 6) AS INTEGER))"


@compiles(microseconds)
def _micro_clickhouse(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return f"toUnixTimestamp64Micro({_parts(element, compiler, options)[0]})"


class actor_of(GenericFunction[UUID]):
    """Who did it: the person, or one actor for each distinct id without a person: `actor_of(person_id, distinct_id)`."""

    type = Uuid()
    inherit_cache = True


@compiles(actor_of, "postgresql")
def _actor_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    person, distinct_id = _parts(element, compiler, options)
    return f"coalesce({person}, CAST(md5({distinct_id}) AS UUID))"


@compiles(actor_of, "sqlite")
def _actor_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    person, distinct_id = _parts(element, compiler, options)
    return f"coalesce({person}, md5_of({distinct_id}))"


@compiles(actor_of)
def _actor_clickhouse(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    person, distinct_id = _parts(element, compiler, options)
    return f"coalesce({person}, UUIDNumToString(MD5({distinct_id}))::UUID)"
