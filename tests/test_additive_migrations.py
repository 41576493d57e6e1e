"""Revisions only add, so that the version before goes on serving while the next one migrates."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    inspect,
    text,
)

import parley
from parley.kernel.migrations.revisions import config, revisions
from parley.kernel.migrations.runner import with_connection
from tests import servers

SINCE = "0003"
"""The revisions up to here are from before anybody served with Parley."""

Tables = dict[str, dict[str, Any]]


def tables_of(connection: Connection, names: Sequence[str] | None = None) -> Tables:
    """Return what a program that writes into a database has to know of its tables, or of these."""
    found = inspect(connection)
    columns = found.get_multi_columns(filter_names=names)
    keys = found.get_multi_foreign_keys(filter_names=names)
    constraints = found.get_multi_unique_constraints(filter_names=names)
    indexes = found.get_multi_indexes(filter_names=names)
    checks = found.get_multi_check_constraints(filter_names=names)
    return {
        name: {
            "columns": {one["name"]: one for one in columns[key]},
            "unique": [
                *(tuple(one["column_names"]) for one in constraints.get(key, [])),
                *(tuple(one["column_names"]) for one in indexes.get(key, []) if one["unique"]),
            ],
            "references": [tuple(one["constrained_columns"]) for one in keys.get(key, [])],
            "checks": [one["sqltext"] for one in checks.get(key, [])],
        }
        for key in columns
        if not (name := key[1]).startswith(("search_", "alembic_"))
    }


def in_the_way(before: Tables, after: Tables) -> list[str]:
    """Say what keeps a program that knows the tables `before` from going on with the tables `after`."""
    found = [f"{name} is gone" for name in before.keys() - after.keys()]
    for name in sorted(before.keys() & after.keys()):
        old, new = before[name], after[name]
        added = new["columns"].keys() - old["columns"].keys()
        found += [f"{name}.{one} is gone" for one in old["columns"].keys() - new["columns"].keys()]
        found += [
            f"{name}.{one} {why}"
            for one, column in old["columns"].items()
            if (why := _changed(column, new["columns"].get(one, column)))
        ]
        found += [
            f"{name}.{one} needs a value"
            for one in sorted(added)
            if not new["columns"][one]["nullable"] and new["columns"][one]["default"] is None
        ]
        for kind in ("unique", "references"):
            found += [
                f"{name} has a new rule on {columns}"
                for columns in new[kind]
                if columns not in old[kind] and not added & set(columns)
            ]
        found += [f"{name} has a new rule: {one}" for one in new["checks"] if one not in old["checks"]]
    return found


def _changed(old: Any, new: Any) -> str | None:
    if str(old["type"]) != str(new["type"]):
        return f"is {new['type']} instead of {old['type']}"
    return "must not be empty any more" if old["nullable"] and not new["nullable"] else None


def revision_by_revision(connection: Connection) -> dict[str, list[str]]:
    """Migrate from the first revision that counts to the newest; return what each has put in the way."""
    command.upgrade(config(connection), SINCE)
    before, texts, found = tables_of(connection), definitions(connection), {}
    for revision in [one for one in revisions() if one > SINCE]:
        command.upgrade(config(connection), revision)
        after, texts = tables_after(connection, before, texts)
        found[revision] = in_the_way(before, after)
        before = after
    assert in_the_way(before, tables_of(connection)) == in_the_way(tables_of(connection), before) == []
    return found


def definitions(connection: Connection) -> dict[str, str]:
    """Return the text of each table of a SQLite database, with its indexes; PostgreSQL has none."""
    if connection.dialect.name != "sqlite":
        return {}
    sql = "SELECT tbl_name, group_concat(sql) FROM (SELECT * FROM sqlite_master ORDER BY name) GROUP BY tbl_name"
    return {row.tbl_name: row[1] for row in connection.execute(text(sql))}


def tables_after(
    connection: Connection, before: Tables, texts: dict[str, str]
) -> tuple[Tables, dict[str, str]]:
    """Return the tables as they are now, and their texts. SQLite tells slowly of each: what reads as before is as before."""
    now = definitions(connection)
    if not now:
        return tables_of(connection), now
    same = {name: before[name] for name in before if now.get(name) == texts[name]}
    changed = [name for name in now if name not in same and not name.startswith("search_")]
    return same | (tables_of(connection, changed) if changed else {}), now


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection")
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_no_revision_is_in_the_way_of_the_version_before(kind, tmp_path):
    url = servers.new_postgres_url() if kind == "postgresql" else f"sqlite:///{tmp_path}/parley.sqlite3"
    found = await with_connection(url, revision_by_revision)
    assert {revision: why for revision, why in found.items() if why} == {}


def made(*more: Any, table: str = "thing", text: Any = None) -> Tables:
    """Return a table as a database has it."""
    metadata = MetaData()
    name = Column("name", String(10)) if text is None else text
    Table(table, metadata, Column("id", Integer, primary_key=True), name, *more)
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        metadata.create_all(connection)
        return tables_of(connection)


@pytest.mark.parametrize(
    ("after", "why"),
    [
        (lambda: made(table="other"), "thing is gone"),
        (lambda: made(text=Column("title", String(10))), "thing.name is gone"),
        (lambda: made(text=Column("name", Integer)), "thing.name is INTEGER instead of VARCHAR(10)"),
        (
            lambda: made(text=Column("name", String(10), nullable=False)),
            "thing.name must not be empty any more",
        ),
        (lambda: made(Column("more", Integer, nullable=False)), "thing.more needs a value"),
        (lambda: made(Index("ix", "name", unique=True)), "thing has a new rule on ('name',)"),
        (lambda: made(text=Column("name", String(10), unique=True)), "thing has a new rule on ('name',)"),
        (
            lambda: made(text=Column("name", String(10), ForeignKey("thing.id"))),
            "thing has a new rule on ('name',)",
        ),
        (lambda: made(CheckConstraint("id > 0")), "thing has a new rule: id > 0"),
    ],
)
def test_what_takes_something_away_or_asks_for_more_is_in_the_way(after, why):
    assert why in in_the_way(made(), after())


def test_what_only_adds_is_not_in_the_way():
    more = (Column("more", Integer, unique=True), Column("flag", Integer, nullable=False, server_default="0"))
    assert in_the_way(made(), made(*more, Index("ix", "name"))) == []


def test_every_revision_has_a_number_of_its_own():
    numbers = [
        path.name[:4] for path in (Path(parley.__file__).parent / "migrations" / "versions").glob("0*.py")
    ]
    assert len(numbers) > 30 and len(numbers) == len(set(numbers))
