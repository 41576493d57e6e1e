"""Searches in a crowded project stay on their indexes, as the databases say before they run them."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func

from parley.conversations.ticket_api.queries.shown import live_tickets
from parley.conversations.ticket_list.queries import selects
from parley.conversations.ticket_list.queries.conditions import has_number, has_words, through_index
from parley.conversations.ticket_list.rules.orders import ORDERS
from parley.conversations.tickets.tests.test_plans import Planner, check, crowded
from parley.kernel.database.database import Database

PART = selects.Part(ORDERS["-updated_at"], (), False)


def statements(dialect: str) -> Iterator[tuple[str, Any, set[str]]]:
    """Yield what a search runs, and the indexes that it has to read."""
    for is_alone in (True, False):
        found = through_index(live_tickets(), "zebra", dialect, is_alone=is_alone)
        yield f"count {is_alone}", found.with_only_columns(func.count()), {"ix_search_text"}
        page = selects.gathered_page(PART, found, 100, False, dialect)
        yield f"page {is_alone}", page, {"ix_search_text", "pk_ticket"}
    near = live_tickets().where(has_words("hello", dialect))
    page = selects.whole_page(PART, near, 100, False, dialect)
    yield "head", page, {"ix_ticket_recent", "pk_search_text"}
    yield "number", live_tickets().where(has_number(7)), {"uq_ticket_project_id_number", "pk_ticket"}


async def test_a_search_reads_the_index_of_texts_or_the_head_of_the_list(database: Database, desk):
    if database.dialect == "sqlite":
        await check_sqlite(database)
        return
    async with crowded(database, desk.project.id) as planner:
        await planner.driver.execute("SELECT gin_clean_pending_list('ix_search_text'); ANALYZE search_text")
        for name, statement, indexes in statements("postgresql"):
            await check_postgresql(planner, name, statement, indexes)


async def check_postgresql(planner: Planner, name: str, statement: Any, indexes: set[str]) -> None:
    nodes = await planner.nodes_of_filtered(statement)
    check(name, nodes)
    assert "search_text" not in {
        node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"
    }, name
    assert indexes <= {node.get("Index Name") for node in nodes}, name
    for node in nodes:
        if node.get("Index Name") == "ix_search_text":
            assert ("project_id = " in node["Index Cond"]) != name.endswith("True")


async def check_sqlite(database: Database) -> None:
    wanted = {
        "count": ("search_index VIRTUAL TABLE INDEX", "ticket USING"),
        "page": ("search_index VIRTUAL TABLE INDEX", "ticket USING"),
        "head": ("ticket USING INDEX ix_ticket_recent", "search_text USING INDEX"),
        "number": ("ticket USING",),
    }
    async with database.engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        for name, statement, _ in statements("sqlite"):
            whole = statement.compile(dialect=database.engine.dialect).construct_expanded_state(
                {"project_id": 1}
            )
            plan = await driver.execute_fetchall(
                f"EXPLAIN QUERY PLAN {whole.statement}", whole.positional_parameters
            )
            steps = [row[3] for row in plan]
            assert not [
                step for step in steps if step.startswith(("SCAN ticket", "SCAN comment", "SCAN search_text"))
            ], name
            for part in wanted[name.split()[0]]:
                assert any(part in step for step in steps), (name, steps)
