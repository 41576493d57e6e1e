"""What keeps a migration of SQLite safe: a backup until it is done, and mending what earlier versions left behind.

A migration is one transaction. The first versions changed tables outside of it; killed in between, they left a part of a
revision, which their next start could not pass.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

import msgspec
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection

from parley.kernel.config.values import SettingsError
from parley.kernel.migrations.revisions import config, newest
from parley.kernel.sql_functions.sqlite_functions import add_functions

MIB = 1024 * 1024


class Schema(msgspec.Struct, frozen=True):
    """What a database of SQLite consists of: a kind and a statement for each name, and the columns of its tables."""

    kinds: dict[str, str]
    statements: dict[str, str]
    columns: dict[str, list[str]]

    def names(self, kind: str) -> set[str]:
        return {name for name, found in self.kinds.items() if found == kind}


# ------------------------------------------------------------------ the backup


@contextmanager
def with_backup(connection: Connection, revision: str | None) -> Iterator[None]:
    """Keep a copy of a SQLite file beside it until what happens inside is committed. PostgreSQL has its own backups."""
    file = _file_of(connection)
    if file is None or revision is None:
        yield
        return
    backup = file.with_name(f"{file.name}.before-{newest()}")
    _check_space(file)
    _copy(file, backup)
    yield
    for kept in file.parent.glob(f"{file.name}.before-*"):
        kept.unlink()


def _file_of(connection: Connection) -> Path | None:
    name = connection.engine.url.database
    return Path(name) if connection.dialect.name == "sqlite" and name else None


def _check_space(file: Path) -> None:
    """Refuse to begin where the copy and a log of all that changes might not fit."""
    needed = 2 * sum(one.stat().st_size for one in (file, Path(f"{file}-wal")) if one.exists())
    free = shutil.disk_usage(file.parent).free
    if free < needed:
        raise SettingsError(
            f"The migration needs up to {needed // MIB + 1} MiB on the disk of {file.parent} for a backup and its log, "
            f"and {free // MIB} MiB are free. Make room and start again; nothing has been changed."
        )


def _copy(file: Path, backup: Path) -> None:
    draft = backup.with_name(f"{backup.name}.draft")
    draft.unlink(missing_ok=True)
    # The mode of the original, which may be its owner's alone.
    os.close(os.open(draft, os.O_CREAT | os.O_WRONLY, file.stat().st_mode & 0o777))
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(draft)) as target:
        source.backup(target)
    with draft.open("rb") as written:
        os.fsync(written.fileno())
    draft.replace(backup)


# ------------------------------------------------------------------ what an earlier version left behind


def mend_half_migration(connection: Connection, revision: str | None) -> None:
    """Take away what belongs to later revisions than the database has, where it holds nothing of anybody's.

    Things that no revision knows are let be. Raises SettingsError where something would be lost.
    """
    if connection.dialect.name != "sqlite" or not (found := _schema(connection)).names("table"):
        return
    wanted, known = schemas(revision)
    if _is_whole(found, wanted, known):
        return
    for kind in ("trigger", "index"):
        for name in sorted(found.names(kind) & known.kinds.keys()):
            if found.statements[name] != wanted.statements.get(name):
                connection.exec_driver_sql(f'DROP {kind} "{name}"')
    _drop_tables(connection, known.kinds.keys() - wanted.kinds.keys())
    _drop_columns(connection, found, wanted, known)
    there = _schema(connection)
    for name in sorted((wanted.names("index") | wanted.names("trigger")) - there.kinds.keys()):
        connection.exec_driver_sql(wanted.statements[name])
    if not _is_whole(_schema(connection), wanted, known):
        raise _broken(f"parts of the schema {revision} are missing")


def _is_whole(found: Schema, wanted: Schema, known: Schema) -> bool:
    """Say whether all that is wanted is there, and nothing of what came later."""
    ours = found.kinds.keys() & known.kinds.keys() | wanted.kinds.keys()
    derived = wanted.names("index") | wanted.names("trigger")
    return (
        all(name in found.kinds and name in wanted.kinds for name in ours)
        and all(found.statements[name] == wanted.statements[name] for name in derived)
        and all(
            set(found.columns[table]) & set(known.columns.get(table, columns)) == set(columns)
            for table, columns in wanted.columns.items()
        )
    )


def _drop_tables(connection: Connection, later: set[str]) -> None:
    # Virtual tables first: they take their shadows along.
    def is_plain(name: str) -> bool:
        return not _schema(connection).statements[name].upper().startswith("CREATE VIRTUAL")

    for name in sorted(_schema(connection).names("table") & later, key=lambda name: (is_plain(name), name)):
        if name not in _schema(connection).kinds:
            continue
        # The tables of search hold nothing that isn't elsewhere.
        is_empty = name.startswith("search_") or not _has_rows(connection, name)
        if not is_empty:
            raise _broken(f"the table {name} has rows already")
        connection.exec_driver_sql(f'DROP TABLE "{name}"')


def _has_rows(connection: Connection, table: str) -> bool:
    return connection.exec_driver_sql(f'SELECT 1 FROM "{table}" LIMIT 1').scalar() is not None  # noqa: S608 - a name of ours


def _drop_columns(connection: Connection, found: Schema, wanted: Schema, known: Schema) -> None:
    for table, columns in wanted.columns.items():
        later = (set(known.columns.get(table, ())) - set(columns)) & set(found.columns.get(table, ()))
        for name in sorted(later):
            connection.exec_driver_sql(f'ALTER TABLE "{table}" DROP COLUMN "{name}"')


def _broken(why: str) -> SettingsError:
    return SettingsError(
        "PARLEY_DATABASE_URL: an earlier version was ended in the middle of a migration of this database, and it can't "
        f"be mended by itself: {why}. Restore the backup from before that migration and start again."
    )


@cache
def schemas(revision: str | None) -> tuple[Schema, Schema]:
    """Return what a database of a revision consists of, and one of the newest."""
    from alembic import command

    engine = create_engine("sqlite://")
    event.listen(engine, "connect", lambda connection, _: add_functions(connection))
    found: list[Schema] = []
    with engine.connect() as connection:
        for one in (revision, newest()):
            if one is not None:
                command.upgrade(config(connection), one)
            found.append(_schema(connection))
    engine.dispose()
    return found[0], found[1]


def _schema(connection: Connection) -> Schema:
    """Return what a database consists of, without what SQLite and Alembic keep for themselves."""
    rows = connection.exec_driver_sql(
        "SELECT name, type, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND name <> 'alembic_version'"
    ).all()
    columns = {
        row.name: [one.name for one in connection.exec_driver_sql(f'PRAGMA table_info("{row.name}")')]
        for row in rows
        if row.type == "table"
    }
    return Schema({row.name: row.type for row in rows}, {row.name: row.sql for row in rows}, columns)
