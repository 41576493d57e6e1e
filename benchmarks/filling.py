"""Fills the migrated tables of a database in minutes.

Indexes and references are taken away first and made again afterwards, as restoring a dump does; both are compared with
what the migrations had made. On PostgreSQL the tables are vacuumed and analyzed at the end, as autovacuum would have done
by then; on SQLite nobody does.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks.rows import COLUMNS, Desk, Rows, rows_of
from benchmarks.words import Language, language
from parley.kernel.sql_functions.sqlite_functions import add_functions

PIECE = 20_000
TIMEOUT_S = 1800
LEDGER = """
INSERT INTO ticket_ledger (project_id, last_number, n_new, n_open, n_pending, n_on_hold, n_resolved)
SELECT project_id, max(number), count(*) FILTER (WHERE status = 'new'), count(*) FILTER (WHERE status = 'open'),
       count(*) FILTER (WHERE status = 'pending'), count(*) FILTER (WHERE status = 'on_hold'),
       count(*) FILTER (WHERE status = 'resolved')
FROM ticket GROUP BY project_id
ON CONFLICT (project_id) DO UPDATE SET
  last_number = excluded.last_number, n_new = excluded.n_new, n_open = excluded.n_open,
  n_pending = excluded.n_pending, n_on_hold = excluded.n_on_hold, n_resolved = excluded.n_resolved
"""
TALLY = """
INSERT INTO person_tally (project_id, slot, n_persons) SELECT project_id, 0, count(*) FROM person GROUP BY project_id
ON CONFLICT (project_id, slot) DO UPDATE SET n_persons = excluded.n_persons
"""
# Otherwise the background work of suggestions would index all that is resolved while something else is measured.
INDEXED = """
INSERT INTO answer_index_progress (project_id, number) SELECT project_id, max(number) FROM ticket GROUP BY project_id
ON CONFLICT (project_id) DO UPDATE SET number = excluded.number
"""
# Those that belong to no constraint; keys stay, because nothing else would notice a row that is there twice.
INDEXES = """
SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relnamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)
ORDER BY i.indrelid::regclass::text, c.relname
"""
REFERENCES = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'f' AND conrelid = ANY ($1::text[]::regclass[]) ORDER BY 1, 2
"""


def fill(database_url: str, desks: Sequence[Desk]) -> None:
    """Fill projects with tickets, in turn, so that their rows lie between each other in the tables."""
    words = language()
    if database_url.startswith("sqlite"):
        _fill_sqlite(file_of(database_url), desks, words)
    else:
        asyncio.run(_fill_postgres(database_url, desks, words))


def file_of(database_url: str) -> Path:
    """Return the file of a SQLite database."""
    return Path(database_url.removeprefix("sqlite:///"))


def _pieces(desks: Sequence[Desk], words: Language) -> Iterator[Rows]:
    """Yield the rows of all projects by turns; a smaller project comes in smaller pieces."""
    most = max(desk.tickets for desk in desks)
    sizes = (max(1, PIECE * desk.tickets // most) for desk in desks)
    pieces = [rows_of(desk, words, size) for desk, size in zip(desks, sizes, strict=True)]
    for turn in zip_longest(*pieces):
        yield from (rows for rows in turn if rows is not None)


# ------------------------------------------------------------------ PostgreSQL


async def _fill_postgres(url: str, desks: Sequence[Desk], words: Language) -> None:
    async with unindexed(url, list(COLUMNS)) as connection:
        for rows in _pieces(desks, words):
            for table, records in rows.items():
                await connection.copy_records_to_table(
                    table, records=records, columns=COLUMNS[table], timeout=TIMEOUT_S
                )
        await connection.execute(LEDGER)
        await connection.execute(TALLY)
        await connection.execute(INDEXED)


@asynccontextmanager
async def unindexed(url: str, tables: Sequence[str]) -> AsyncIterator[Any]:
    """Open a connection on which tables of PostgreSQL are filled; their indexes and references are made at the end."""
    connection = await asyncpg.connect(url, command_timeout=TIMEOUT_S)
    try:
        indexes = await connection.fetch(INDEXES)
        references = await connection.fetch(REFERENCES, tables)
        for name, _ in indexes:
            await connection.execute(f'DROP INDEX "{name}"')
        for table, name, _ in references:
            await connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        yield connection
        await _index(url, [definition for _, definition in indexes])
        for table, name, definition in references:
            await connection.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        await connection.execute("VACUUM (ANALYZE)")
        await connection.execute("CHECKPOINT")
        made = {tuple(row) for row in await connection.fetch(INDEXES)}
        assert made == {tuple(row) for row in indexes}, "the indexes are not those of the migrations"
        assert await connection.fetch(REFERENCES, tables) == references, "the references differ"
    finally:
        await connection.close()


async def _index(url: str, definitions: Sequence[str]) -> None:
    """Make indexes on two connections at once."""
    waiting = list(reversed(definitions))

    async def work() -> None:
        connection = await asyncpg.connect(
            url,
            command_timeout=TIMEOUT_S,
            server_settings={"maintenance_work_mem": "512MB", "max_parallel_maintenance_workers": "0"},
        )
        try:
            while waiting:
                await connection.execute(waiting.pop())
        finally:
            await connection.close()

    await asyncio.gather(work(), work())


# ------------------------------------------------------------------ SQLite


def _fill_sqlite(file: Path, desks: Sequence[Desk], words: Language) -> None:
    with unindexed_file(file) as connection:
        for rows in _pieces(desks, words):
            for table, records in rows.items():
                columns = COLUMNS[table]
                insert_rows(connection, table, columns, (_stored(table, record) for record in records))
        connection.execute(LEDGER)
        connection.execute(TALLY)
        connection.execute(INDEXED)


@contextmanager
def unindexed_file(file: Path) -> Iterator[sqlite3.Connection]:
    """Open a connection on which tables of SQLite are filled in one transaction; their indexes are made at the end."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        add_functions(connection)
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-500000")
        indexes = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        ).fetchall()
        connection.execute("BEGIN")
        for name, _ in indexes:
            connection.execute(f'DROP INDEX "{name}"')
        yield connection
        for _, definition in indexes:
            connection.execute(definition)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def insert_rows(
    connection: sqlite3.Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert rows as SQLite keeps them."""
    places = ", ".join("?" * len(columns))
    connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)


IDS = {
    table: {
        columns.index(name)
        for name in columns
        if name in ("id", "person_id", "ticket_id", "widget_session_id")
    }
    for table, columns in COLUMNS.items()
}


def _stored(table: str, record: tuple[Any, ...]) -> list[Any]:
    """Return a row as SQLite keeps it: uuids without dashes, instants as text in UTC."""
    ids = IDS[table]
    return [
        value.replace("-", "")
        if place in ids
        else value.replace(tzinfo=None).isoformat(" ", "microseconds")
        if isinstance(value, datetime)
        else value
        for place, value in enumerate(record)
    ]
