"""Changes of many tickets find them by index, however many there are beside."""

from typing import Any
from uuid import UUID

from parley.conversations.bulk_changes import queries as bulk
from parley.conversations.deletion import queries as deletion
from parley.conversations.tickets.actions import many
from parley.conversations.tickets.tests.test_plans import (
    GROWING,
    NOW,
    check,
    crowded,
)
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared, _Compiled

# As many as let an index pay off in a table of this size; five hundred are as few in a million.
IDS = [UUID(f"01990000-0000-7000-8000-{n:012x}") for n in range(1, 21)]
VALUES = {"ids": IDS, "names": ["vip"], "to": "open", "at": NOW, "since": NOW}


def statements(project_id: int) -> dict[str, Any]:
    """Return what is run over many tickets, and what looks for deleted ones."""
    return {
        "lock": bulk._LOCKED,
        "tags": bulk._TAGS,
        "move": many._STATUS,
        "touch": many._TOUCH,
        "untag": many._UNTAG,
        "restore by id": deletion._BY_ID,
        "restore by number": deletion._BY_NUMBER,
        "purge": Prepared(deletion.to_purge(project_id, NOW, limit=50)),
    }


async def test_many_tickets_are_found_by_index(database: Database, desk):
    if database.dialect == "sqlite":
        await _check_sqlite(database)
        return
    async with crowded(database, desk.project.id) as planner:
        planner.values |= VALUES
        for name, statement in statements(desk.project.id).items():
            check(name, await planner.nodes(statement))
        assert await planner.indexes(statements(desk.project.id)["purge"]) >= {"ix_ticket_deleted"}


async def _check_sqlite(database: Database) -> None:
    dialect = database.engine.dialect
    values = {
        **VALUES,
        "project_id": 1,
        "ticket_id": IDS[0],
        "number": 1,
    }
    async with database.engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        for name, statement in statements(1).items():
            compiled = _Compiled(statement.statement, dialect)
            found = await driver.execute_fetchall(
                f"EXPLAIN QUERY PLAN {compiled.sql}", compiled.arguments(values)
            )
            scanned = [row[3] for row in found if row[3].startswith("SCAN ")]
            assert not [step for step in scanned if step.split()[1] in GROWING], name
