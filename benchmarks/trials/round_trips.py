"""`python -m benchmarks.trials.round_trips`: the round trips of a message by asyncpg, and by psycopg and its pipeline mode.

psycopg is no dependency of Parley: install `psycopg[binary]` beside it first.
"""

import asyncio
import re
from datetime import UTC, datetime
from importlib import import_module
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from benchmarks.trials import Call, compare
from tests.servers import start_postgres

TABLES = """
    CREATE TABLE ticket (project_id int, id uuid, message_count int, status text, traits jsonb, changed_at timestamptz,
        last text, PRIMARY KEY (project_id, id));
    CREATE TABLE comment (project_id int, id uuid, ticket_id uuid, content text, context jsonb, created_at timestamptz,
        PRIMARY KEY (project_id, id));
    CREATE TABLE event (project_id int, id uuid, name text, properties text, created_at timestamptz,
        PRIMARY KEY (project_id, id));
"""
TICKET = UUID(int=7)
NEW_TICKET = """INSERT INTO ticket VALUES (1, $1, 0, 'new', '{"name": "Ada"}', now(), '')"""
LOCK = "SELECT message_count, status, traits FROM ticket WHERE project_id = $1 AND id = $2 FOR NO KEY UPDATE"
WRITE = """
    WITH one AS (INSERT INTO comment VALUES ($1, $2, $3, $4, $5, $6)), two AS (INSERT INTO event VALUES ($1, $2, $7, $8, $6))
    UPDATE ticket SET message_count = message_count + 1, status = $9, changed_at = $6, last = $4
    WHERE project_id = $1 AND id = $3
"""
FUNCTION = f"""
    CREATE FUNCTION write_message(int, uuid, uuid, text, jsonb, timestamptz, text, text, text)
    RETURNS void LANGUAGE plpgsql AS $f$
    BEGIN PERFORM 1 FROM ticket WHERE project_id = $1 AND id = $3 FOR NO KEY UPDATE; {WRITE}; END $f$
"""


def values() -> tuple[Any, ...]:
    text = "Is there any news about my invoice? I would like to pay it before the end of the month."
    properties = '{"text": "' + "x" * 200 + '"}'
    context = '{"author_type": "customer", "is_private": false}'
    now = datetime.now(UTC)
    return (1, uuid4(), TICKET, text, context, now, "$conversation_message_received", properties, "open")


def by_asyncpg(connection: Any) -> dict[str, Call]:
    async def four() -> None:
        await connection.execute("BEGIN")
        await connection.fetch(LOCK, 1, TICKET)
        await connection.fetch(WRITE, *values())
        await connection.execute("COMMIT")

    async def one() -> None:
        await connection.fetch("SELECT write_message($1, $2, $3, $4, $5, $6, $7, $8, $9)", *values())

    return {"asyncpg, four round trips": four, "asyncpg, one call of a function": one}


def by_psycopg(connection: Any, cursor_type: Any) -> dict[str, Call]:
    async def four() -> None:
        cursor = cursor_type(connection)
        await cursor.execute("BEGIN")
        await cursor.execute(LOCK, (1, TICKET))
        await cursor.fetchall()
        await cursor.execute(WRITE, values())
        await cursor.execute("COMMIT")

    async def two() -> None:
        async with connection.pipeline():
            cursor, reading = cursor_type(connection), cursor_type(connection)
            await cursor.execute("BEGIN")
            await reading.execute(LOCK, (1, TICKET))
            await reading.fetchall()
            await cursor.execute(WRITE, values())
            await cursor.execute("COMMIT")

    return {"psycopg, four round trips": four, "psycopg, two, in pipeline mode": two}


async def measure(url: str) -> None:
    psycopg = import_module("psycopg")
    own = await asyncpg.connect(url)
    other = await psycopg.AsyncConnection.connect(url, autocommit=True, prepare_threshold=0)
    try:
        await own.execute(TABLES)
        await own.execute(re.sub(r"\s+", " ", FUNCTION))
        await own.execute(NEW_TICKET, TICKET)
        await compare(by_asyncpg(own) | by_psycopg(other, psycopg.AsyncRawCursor), calls=300)
    finally:
        await own.close()
        await other.close()


def main() -> None:
    server = start_postgres()
    try:
        asyncio.run(measure(server.make_database("trial")))
    finally:
        server.remove()


if __name__ == "__main__":
    main()
