"""What happened to one thing is read in one walk over its latest entries, however many there are."""

from typing import Any

import msgspec
import pytest

from parley.accounts.activity_log.queries import _LATEST

N, WANTED = 10_000, 100
ID = "('01990000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid"
FILL = f"""INSERT INTO activity_log
    (project_id, id, activity, scope, item_id, detail, was_impersonated, created_at)
    SELECT $1, {ID}, 'updated', 'Ticket', (n % 2)::text, '{{"name": null}}', false, now()
    FROM generate_series(1, {N}) AS n"""

pytestmark = pytest.mark.parametrize("settings", ["postgresql"], indirect=True, scope="session")


@pytest.mark.parametrize("is_known", [True, False], ids=["known", "new"])
async def test_the_latest_entries_of_one_thing_are_read_without_the_others(database, project, is_known):
    async with database.engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.execute("BEGIN")
        await driver.execute(FILL.replace("$1", str(project.id)))
        if is_known:
            await driver.execute("ANALYZE activity_log")
        compiled = _LATEST.compiled_for(database.engine.dialect)
        values = {"project_id": project.id, "scope": "Ticket", "item_id": "1", "limit": WANTED}
        found = await driver.fetchval(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {compiled.sql}", *compiled.arguments(values)
        )
        await driver.execute("ROLLBACK")
    plan = (msgspec.json.decode(found) if isinstance(found, str) else found)[0]["Plan"]
    [read] = [node for node in walked(plan) if node.get("Relation Name") == "activity_log"]
    assert read["Index Name"] == "ix_activity_log_item"
    assert read["Actual Rows"] + read.get("Rows Removed by Filter", 0) <= WANTED


def walked(node: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a node of a plan and all below it."""
    return [node, *(below for child in node.get("Plans", ()) for below in walked(child))]
