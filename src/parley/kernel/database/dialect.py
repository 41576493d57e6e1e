"""The few places where SQLite and PostgreSQL say the same thing in other words."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Dialect, Integer, Table, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import Boolean, Text, Uuid

from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db


def insert_for(dialect: Dialect, table: Table) -> Any:
    """Return an INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return postgresql.insert(table) if dialect.name == "postgresql" else sqlite.insert(table)


_TURN = Prepared(
    select(func.pg_advisory_xact_lock(bindparam("kind", type_=Integer), bindparam("number", type_=Integer)))
)


async def take_turn(db: Db, kind: int, number: int) -> None:
    """Wait until nobody else is at something of this kind and number, and keep others out until the transaction ends.

    On SQLite, whoever writes is alone anyway.
    """
    if db.dialect.name == "postgresql":
        await db.rows(_TURN, kind=kind, number=number)


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


UUID_PATTERN = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


class uuid_of_text(GenericFunction[UUID]):
    """The uuid that a text spells with hyphens: `uuid_of_text(column)`. Any other text is no uuid of a row."""

    type = Uuid()
    inherit_cache = True


@compiles(uuid_of_text, "postgresql")
def _uuid_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    # The cast alone would end the statement at the first text that is no uuid.
    return f"CASE WHEN {text} ~* '{UUID_PATTERN}' THEN CAST({text} AS UUID) END"


@compiles(uuid_of_text, "sqlite")
def _uuid_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return f"replace({compiler.process(element.clauses, **options)}, '-', '')"


class json_member_text(GenericFunction[str]):
    """The text of a member of a JSON object, NULL where there is none: `json_member_text(column, key)`.

    Booleans are `true` and `false` on both databases. The key must not hold a quotation mark.
    """

    type = Text()
    inherit_cache = True


@compiles(json_member_text, "postgresql")
def _member_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    column, key = (compiler.process(part, **options) for part in element.clauses)
    return f"({column} ->> {key})"


@compiles(json_member_text, "sqlite")
def _member_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    column, key = (compiler.process(part, **options) for part in element.clauses)
    path = f"""('$."' || {key} || '"')"""
    kind = f"json_type({column}, {path})"
    # As it is written: SQLite would give 1 and 0 for booleans, and round numbers of more digits than it has.
    return f"CASE {kind} WHEN 'text' THEN json_extract({column}, {path}) WHEN 'null' THEN NULL ELSE {column} -> {path} END"


class json_array_holds(GenericFunction[bool]):
    """The condition that a JSON array of texts has a text among them: `json_array_holds(column, text)`."""

    type = Boolean()
    inherit_cache = True
    _is_implicitly_boolean = True


@compiles(json_array_holds, "postgresql")
def _array_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    column, text = (compiler.process(part, **options) for part in element.clauses)
    return f"({column} @> to_jsonb(CAST({text} AS TEXT)))"


@compiles(json_array_holds, "sqlite")
def _array_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    column, text = (compiler.process(part, **options) for part in element.clauses)
    return f"EXISTS (SELECT 1 FROM json_each({column}) WHERE value = {text})"  # noqa: S608


class folded_holds(GenericFunction[bool]):
    """The condition that a text, once folded, holds a folded one: `folded_holds(column, folded(part))`.

    It is for columns that have no folded twin; no index serves it.
    """

    type = Boolean()
    inherit_cache = True
    _is_implicitly_boolean = True


@compiles(folded_holds, "postgresql")
def _holds_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    text, part = (compiler.process(one, **options) for one in element.clauses)
    # Most are ASCII, whose lower case is all there is to it unless white space counts, and costs least.
    may_differ = f"octet_length({text}) <> char_length({text}) OR strpos({part}, ' ') > 0 AND {text} ~ '[\\t-\\r]|  |^ | $'"
    lower = f'lower({text} COLLATE "C")'
    return f"(strpos({lower}, {part}) > 0 OR ({may_differ}) AND strpos(text_folded({text}), {part}) > 0)"


@compiles(folded_holds)
def _holds_clickhouse(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    text, part = (compiler.process(one, **options) for one in element.clauses)
    # Near to the folding of searches: servers before version 26 have none that is nearer.
    squeezed = f"trimBoth(replaceRegexpAll({text}, '\\\\s+', ' '))"
    return f"(position(replaceAll(lowerUTF8(normalizeUTF8NFKC({squeezed})), 'ß', 'ss'), {part}) > 0)"


@compiles(folded_holds, "sqlite")
def _holds_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    text, part = (compiler.process(one, **options) for one in element.clauses)
    return f"(instr(search_folded({text}), {part}) > 0)"


class folded_text(GenericFunction[str]):
    """A text as `kernel.text.forms.folded` returns it: `folded_text(column)`. No index serves it."""

    type = Text()
    inherit_cache = True


@compiles(folded_text, "postgresql")
def _folded_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return f"text_folded({compiler.process(element.clauses, **options)})"


@compiles(folded_text, "sqlite")
def _folded_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return f"search_folded({compiler.process(element.clauses, **options)})"


class unplanned(GenericFunction[Any]):
    """A value that PostgreSQL doesn't look at when it plans: `unplanned(bind)`. The type is that of the value.

    A plan for the value at hand seems cheaper to it than one for any value, and it would plan at each execution, for
    half a millisecond, what comes to the same plan.
    """

    inherit_cache = True

    def __init__(self, value: ColumnElement[Any]) -> None:
        super().__init__(value)
        self.type = value.type


@compiles(unplanned, "postgresql")
def _unplanned_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return f"(SELECT {compiler.process(element.clauses, **options)})"


@compiles(unplanned, "sqlite")
def _unplanned_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)
