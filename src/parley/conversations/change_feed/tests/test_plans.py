"""Reading and numbering cost what is new, however much is kept, as the databases say before they run it."""

from typing import Any
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio

from parley.conversations.change_feed.actions.numbering import _GIVE
from parley.conversations.change_feed.queries import (
    _AFTER,
    _FIRST,
    _UNNUMBERED,
    NUMBERED_AT_ONCE,
)
from parley.kernel.database.prepared import Prepared

N = 20_000
ID = "('01990000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid"
FILL = f"""INSERT INTO change (project_id, id, place, name, ticket_id, ticket_number, created_at)
    SELECT $1, {ID}, CASE WHEN n <= {N // 2} THEN n END, 'ticket.changed', {ID}, n, now()
    FROM generate_series(1, {N}) AS n"""

pytestmark = pytest.mark.parametrize("settings", ["postgresql"], indirect=True, scope="session")


def walked(node: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a node of a plan and all below it."""
    return [node, *(below for child in node.get("Plans", ()) for below in walked(child))]


@pytest_asyncio.fixture(params=[True, False], ids=["known", "new"])
async def nodes(request, database, project):
    """Return the nodes of the plan of a statement over many changes, which the planner knows of or not."""
    async with database.engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.execute("BEGIN")
        await driver.execute(FILL.replace("$1", str(project.id)))
        if request.param:
            await driver.execute("ANALYZE change")

        async def plan(prepared: Prepared, **values: Any) -> list[dict[str, Any]]:
            compiled = prepared.compiled_for(database.engine.dialect)
            arguments = compiled.arguments({"project_id": project.id, **values})
            found = await driver.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {compiled.sql}", *arguments)
            return walked((msgspec.json.decode(found) if isinstance(found, str) else found)[0]["Plan"])

        yield plan
        await driver.execute("ROLLBACK")


def n_read(nodes: list[dict[str, Any]]) -> int:
    """Return how many rows were read, whether or not they were of use."""
    return sum(
        (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        for node in nodes
        if "Scan" in node["Node Type"]
    )


async def test_a_page_is_read_by_its_places(nodes):
    found = await nodes(_AFTER, after=5000)
    assert n_read(found) <= 1000 and not any(node["Node Type"] == "Seq Scan" for node in found)


async def test_that_something_is_new_is_seen_in_one_step(nodes):
    assert n_read(await nodes(_UNNUMBERED)) <= 10


async def test_places_are_given_to_a_batch_without_reading_the_rest(nodes):
    assert n_read(await nodes(_FIRST)) == NUMBERED_AT_ONCE
    changed = await nodes(_GIVE, given=N + 1, change_id=UUID("01990000-0000-7000-8000-000000004e20"))
    assert n_read(changed) == 1
