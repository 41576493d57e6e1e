"""Statements over many rows in one round trip, run on the driver (docs/decisions/0004).

PostgreSQL gets whole columns as arrays. SQLite has no arrays: it reads lists of values from JSON, and runs an INSERT
again for each row inside the library, which costs next to nothing in the same process.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    ARRAY,
    JSON,
    BindParameter,
    Boolean,
    ColumnElement,
    Dialect,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    column,
    func,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import TypeDecorator, TypeEngine

from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db


class ListOf(TypeDecorator[Sequence[Any]]):
    """A parameter that is a list of values of one type."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(self.item) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        if dialect.name == "postgresql" or value is None:
            return value
        processor = self.item.dialect_impl(dialect).bind_processor(dialect)
        return msgspec.json.encode([processor(item) for item in value] if processor else value).decode()


def listed(name: str, column: Any) -> BindParameter[Any]:
    """Return the parameter for a list of values of the column's type."""
    return bindparam(name, type_=ListOf(column.type))


class is_one_of(GenericFunction[bool]):
    """The condition that a column has one of the values of a list: `is_one_of(column, listed("ids", column))`."""

    type = Boolean()
    inherit_cache = True
    # Otherwise SQLite would get `... = 1` behind it and use no index.
    _is_implicitly_boolean = True


@compiles(is_one_of, "postgresql")
def _postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    column, values = element.clauses
    return f"{compiler.process(column, **options)} = ANY ({compiler.process(values, **options)})"


@compiles(is_one_of, "sqlite")
def _sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    column, values = element.clauses
    json = compiler.process(values, **options)
    return f"{compiler.process(column, **options)} IN (SELECT value FROM json_each({json}))"  # noqa: S608


class LookUp:
    """Finds at most one row for each value of a list, each by one step into the index that begins so.

    While a table is new, PostgreSQL thinks of all its indexes as equally good and remembers what it chose, until the
    table is next analysed: with `project_id` in front of each, that may be one through which it reads the whole
    project for each value. Asking for the lowest value of a range that holds just one value leaves only the index
    that is sorted by it. SQLite chooses by what it knows of the index, which is right from the beginning.
    """

    def __init__(self, key: ColumnElement[Any], found: Select[Any]) -> None:
        """`key` is the last column of a unique index; `found` has conditions for the columns before it."""
        values = func.unnest(listed("values", key)).table_valued(column("value", key.type), name="value")
        value = values.c.value
        inside = found.where(key.between(value, value)).order_by(key).limit(1).lateral("found")
        self._postgresql = Prepared(select(value, *inside.c).select_from(values).join(inside, true()))
        self._sqlite = Prepared(
            found.with_only_columns(key, *found.selected_columns).where(is_one_of(key, listed("values", key)))
        )

    async def run(
        self, source: Db | Database, values: Sequence[Any], **others: Any
    ) -> Sequence[Sequence[Any]]:
        """Return the rows that were found, each with its value in front; on PostgreSQL in the order of the values."""
        if not values:
            return ()
        prepared = self._sqlite if _dialect_name(source) == "sqlite" else self._postgresql
        read = source.rows if isinstance(source, Db) else source.read
        return await read(prepared, values=values, **others)


def _dialect_name(source: Db | Database) -> str:
    return source.dialect.name if isinstance(source, Db) else source.dialect


class InsertMany:
    """An INSERT of many rows that leaves out those which are there already. JSON columns are given as text."""

    def __init__(self, table: Table, columns: Sequence[str], *, returning: str | None = None) -> None:
        """`returning` names the column whose values come back for the rows that were new, on PostgreSQL only."""
        self._columns = tuple(columns)
        self._returns = returning is not None
        self._arrays = Prepared(_insert_of_arrays(table, self._columns, returning))
        self._each = Prepared(_insert_of_row(table, self._columns))

    async def run(self, db: Db, rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
        """Insert the rows, whose values stand in the order of the columns."""
        if not rows:
            return ()
        if db.dialect.name == "postgresql":
            values = zip(*rows, strict=True)
            columns = {name: list(column) for name, column in zip(self._columns, values, strict=True)}
            if self._returns:
                return await db.rows(self._arrays, **columns)
            await db.write(self._arrays, **columns)
            return ()
        await db.each(self._each, [dict(zip(self._columns, row, strict=True)) for row in rows])
        return ()


def _is_json(type_: TypeEngine[Any]) -> bool:
    return isinstance(type_, JSON)


def _item_type(type_: TypeEngine[Any]) -> TypeEngine[Any]:
    return Text() if _is_json(type_) else type_


def _insert_of_arrays(table: Table, columns: tuple[str, ...], returning: str | None) -> Any:
    arrays = [bindparam(name, type_=ARRAY(_item_type(table.c[name].type))) for name in columns]
    given = func.unnest(*arrays).table_valued(*columns).render_derived(name="given")
    picked = [
        cast(given.c[name], JSONB) if _is_json(table.c[name].type) else given.c[name] for name in columns
    ]
    inserted = postgresql.insert(table).from_select(list(columns), select(*picked), include_defaults=False)
    statement = inserted.on_conflict_do_nothing()
    return statement.returning(table.c[returning]) if returning else statement


def _insert_of_row(table: Table, columns: tuple[str, ...]) -> Any:
    values = {
        name: bindparam(name, type_=Text() if _is_json(table.c[name].type) else table.c[name].type)
        for name in columns
    }
    return sqlite.insert(table).values(values).on_conflict_do_nothing()
