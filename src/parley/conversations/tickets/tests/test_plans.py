"""Hot statements stay on their indexes, as the databases say before they run them."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import chain, pairwise, product
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func

from parley.conversations.messages.queries import comments, messages
from parley.conversations.participants import queries
from parley.conversations.snoozes import queries as snoozes
from parley.conversations.threads.queries import messages as visible
from parley.conversations.threads.queries import threads
from parley.conversations.ticket_api.queries import tickets, written
from parley.conversations.ticket_api.queries.shown import live_tickets
from parley.conversations.ticket_list.queries import readers, selects, unread
from parley.conversations.ticket_list.queries.conditions import ListMoment, matching_tickets
from parley.conversations.ticket_list.queries.strategy import REACH
from parley.conversations.ticket_list.rules.filters import TicketFilters
from parley.conversations.ticket_list.rules.orders import ORDERS
from parley.conversations.tickets.queries import messages as stored
from parley.conversations.tickets.queries import tickets as locking
from parley.conversations.tickets.rules.assignees import AssigneeIds
from parley.conversations.tickets.tables import IN_FACTS, comment
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared, _Compiled

PG = "postgresql"
N = 20_000
ID = "('01990000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid"
NOW = datetime.now(UTC)
TAGGED = TicketFilters(tags=("vip",))
ROLE_ID = UUID("01990000-0000-7000-8000-000000000008")
VALUES = {
    "project_id": 0, "ticket_id": UUID("01990000-0000-7000-8000-000000000007"), "number": 7, "cursor_number": 500,
    "cursor_value": NOW, "stop_number": 19_000, "stop_key": NOW, "offset": 100, "reach": 200, "limit": 50, "after": NOW,
    "participant_id": UUID("01990000-0000-7000-8000-000000000007"), "ids": ["d7"], "email": "p7@example.com",
    "now": NOW, "soon": NOW, "changed_since": NOW - timedelta(days=30), "changed_until": NOW,
}  # fmt: skip
GROWING = {"ticket", "comment", "person", "person_distinct_id", "ticket_tag", "ticket_participant"}
FILL = (
    f"""INSERT INTO person (project_id, id, properties, email, is_identified, created_at)
    SELECT $1, {ID}, '{{"name": "Ada"}}', 'p' || n || '@example.com', TRUE, now()
    FROM generate_series(1, {N}) AS n""",
    f"""INSERT INTO person_distinct_id (project_id, distinct_id, person_id, created_at)
    SELECT $1, 'd' || n, {ID}, now() FROM generate_series(1, {N}) AS n""",
    f"""INSERT INTO ticket (project_id, id, number, status, channel_source, distinct_id, widget_session_id,
    anonymous_traits, session_context, ai_resolved, message_count, unread_team_count, unread_customer_count,
    cc_participants, created_at, updated_at, sla_due_at, snoozed_until)
    SELECT $1, {ID}, n, CASE WHEN n % 100 < 4 THEN (ARRAY['new', 'open', 'pending', 'on_hold'])[1 + n % 100]
    ELSE 'resolved' END, 'widget', 'd' || n, {ID}, '{{}}', '{{}}', FALSE, 2, CASE WHEN n % 50 = 0 THEN 1 ELSE 0 END,
    0, '[]', now() - n * interval '1 minute', now() - n * interval '1 minute',
    CASE WHEN n % 10 = 0 THEN now() + n * interval '1 minute' END,
    CASE WHEN n % 10 = 1 THEN now() + n * interval '1 minute' END FROM generate_series(1, {N}) AS n""",
    f"""INSERT INTO ticket_tag (project_id, ticket_id, name)
    SELECT $1, {ID}, 'vip' FROM generate_series(1, {N}) AS n""",
    f"""INSERT INTO ticket_participant (project_id, id, ticket_id, email, distinct_id, created_at)
    SELECT $1, gen_random_uuid(), {ID}, 'p' || n || '@example.com', 'd' || n, now()
    FROM generate_series(1, {N}) AS n""",
    f"""INSERT INTO comment (project_id, id, scope, item_id, ticket_id, item_context, author_type, is_private, content,
    is_task, version, deleted, created_at)
    SELECT $1, gen_random_uuid(), 'conversations_ticket', {ID}::text, {ID}, '{{}}', 'customer', FALSE, 'Hello', FALSE,
    0, FALSE, now() FROM generate_series(1, {N}) AS n""",
)


class Planner:
    """Asks a database with a crowded project how it would run statements."""

    def __init__(self, driver: Any, database: Database, project_id: int) -> None:
        self.driver, self.dialect = driver, database.engine.dialect
        self.project_id, self.values = project_id, {**VALUES, "project_id": project_id}

    async def nodes(self, statement: Any, **others: Any) -> list[dict[str, Any]]:
        """Return the nodes of the plan for a statement, prepared or not; `others` are values in place of VALUES."""
        if not isinstance(statement, Prepared):
            statement = Prepared(statement)
        compiled = _Compiled(statement.statement, self.dialect)
        return await self.explained(compiled.sql, compiled.arguments({**self.values, **others}))

    async def nodes_of_filtered(self, statement: Any) -> list[dict[str, Any]]:
        """Return the nodes of the plan for a statement whose lists of values have any length."""
        whole = statement.compile(dialect=self.dialect).construct_expanded_state(self.values)
        return await self.explained(whole.statement, whole.positional_parameters)

    async def explained(self, sql: str, arguments: Any) -> list[dict[str, Any]]:
        """Return the nodes of the plan for a text and its values."""
        found = await self.driver.fetchval(f"EXPLAIN (FORMAT JSON) {sql}", *arguments)
        plan = msgspec.json.decode(found) if isinstance(found, str) else found
        return list(_walk(plan[0]["Plan"]))

    async def indexes(self, statement: Any) -> set[str | None]:
        """Return the names of the indexes that the plan for a statement reads."""
        return {node.get("Index Name") for node in await self.nodes(statement)}


def _walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _walk(child)


@asynccontextmanager
async def crowded(database: Database, project_id: int) -> AsyncIterator[Planner]:
    """Yield a planner over thousands of tickets, which are gone again afterwards."""
    async with database.engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.execute("BEGIN")
        try:
            for part in FILL:
                await driver.execute(part.replace("$1", str(project_id)))
            await driver.execute(f"ANALYZE {', '.join(GROWING)}")
            yield Planner(driver, database, project_id)
        finally:
            await driver.execute("ROLLBACK")


def check(name: str, nodes: list[dict[str, Any]]) -> None:
    """Fail on a sequential scan of a table that grows, and on a sort of more than a few pages of a list."""
    scans = [node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"]
    assert not GROWING.intersection(scans), f"{name} reads all of {scans}"
    sorts = [child for node in nodes if node["Node Type"] == "Sort" for child in node["Plans"]]
    assert all(child["Plan Rows"] <= 2000 for child in sorts), (
        f"{name} sorts {[one['Plan Rows'] for one in sorts]}"
    )


def list_statements(dialect: str) -> Iterator[tuple[str, Prepared]]:
    for name, order in ORDERS.items():
        for statuses in ((), ("open",), ("new", "open", "pending")):
            for is_behind_cursor in (False, True):
                for has_key in (True, False) if order.is_nullable else (None,):
                    part = selects.Part(order, statuses, is_behind_cursor, has_key)
                    yield (
                        f"{name} {statuses} {is_behind_cursor} {has_key}",
                        readers._page_by_status(part, 100, False, dialect),
                    )
    yield (
        "offset",
        readers._page_by_status(selects.Part(ORDERS["-updated_at"], (), False), 100, True, dialect),
    )


def first_pages() -> Iterator[tuple[str, Prepared]]:
    """Yield what is asked for the first page of lists on PostgreSQL, of which tickets are kept."""
    for (name, order), statuses, only in product(
        ORDERS.items(), ((), ("open",), ("new", "open", "pending")), (True, False)
    ):
        for has_key in (True, False) if order.is_nullable else (None,):
            part = selects.Part(order, statuses, False, has_key)
            yield f"first {name} {statuses} {has_key} {only}", readers._first_by_status(part, 100, only)


def filtered_statements(dialect: str) -> Iterator[tuple[str, Any, str | None]]:
    """Yield lists and counts with a filter that few tickets fit, and the index that either starts from."""
    narrow = (
        (TicketFilters(distinct_ids=("d7",)), "ix_ticket_distinct_id"),
        (TicketFilters(emails=("p7@example.com",)), "ix_ticket_email"),
        (TicketFilters(distinct_ids=("d7",), emails=("p7@example.com",)), "ix_ticket_email"),
        (TicketFilters(assignees=(AssigneeIds(user_id=1),)), "ix_ticket_assignee"),
        (TicketFilters(assignees=(AssigneeIds(role_id=ROLE_ID),)), "ix_ticket_role"),
        (TicketFilters(priorities=("critical",)), "ix_ticket_priority"),
        (TicketFilters(tags=("rare",)), "ix_ticket_tag_name"),
    )
    for filters, index in narrow:
        matching = matching_tickets(filters, ListMoment(NOW, UTC))
        yield f"count {index}", matching.with_only_columns(func.count()), index
    for filters in (TicketFilters(channel_source="email"), TicketFilters(is_snoozed=False), TAGGED):
        matching = matching_tickets(filters, ListMoment(NOW, UTC))
        counted = matching.where(IN_FACTS).with_only_columns(func.count())
        yield f"count {filters}", counted, "ix_ticket_facts"
    yield from filtered_pages(dialect)


def filtered_pages(dialect: str) -> Iterator[tuple[str, Any, str | None]]:
    """Yield what finds a page of matches: where a walk stops, the walk until there, and all matches where they are few."""
    for order in (ORDERS["-updated_at"], ORDERS["-created_at"], ORDERS["-ticket_number"]):
        part = selects.Part(order, (), False)
        yield f"stop {order}", selects.stop_of(live_tickets(), part, REACH), None
        for filters in (TAGGED, TicketFilters(is_snoozed=False), TicketFilters(tags_exclude=("vip",))):
            matching = matching_tickets(filters, ListMoment(NOW, UTC))
            near = selects.until_stop(matching, part)
            yield f"near {order} {filters}", selects.whole_page(part, near, 100, False, dialect), None
    matching = matching_tickets(TicketFilters(tags=("rare",)), ListMoment(NOW, UTC))
    part = selects.Part(ORDERS["-updated_at"], (), False)
    yield "gathered", selects.gathered_page(part, matching, 100, False, dialect), "ix_ticket_tag_name"
    in_time = matching_tickets(TicketFilters(date_from="-30d"), ListMoment(NOW, UTC))
    yield "walk", selects.whole_page(part, in_time, 100, False, dialect), "ix_ticket_recent"


async def check_filtered(planner: Planner) -> None:
    for name, statement, index in filtered_statements(PG):
        if index == "ix_ticket_facts":
            continue  # only where vacuum has been is an index alone worth more than rows as short as those here
        nodes = await planner.nodes_of_filtered(statement)
        check(name, nodes)
        assert index is None or index in {node.get("Index Name") for node in nodes}, name


async def test_hot_statements_read_only_what_they_answer(database: Database, desk):
    if database.dialect == "sqlite":
        await check_sqlite(database)
        return
    async with crowded(database, desk.project.id) as planner:
        await check_lists(planner)
        await check_filtered(planner)
        await check_look_ups(planner)
        await check_indexes(planner)


async def test_a_page_has_one_plan_wherever_it_is(database: Database, desk):
    """Otherwise PostgreSQL plans at each execution, which takes as long as half a page."""
    if database.dialect == "sqlite":
        return
    async with crowded(database, desk.project.id) as planner:
        for name, statement in list_statements(PG):
            costs = set()
            for days in (-1, 5, 10):
                planner.values |= {
                    "cursor_value": NOW - timedelta(days=days),
                    "cursor_number": 1 + 700 * (days + 1),
                }
                costs.add((await planner.nodes(statement))[0]["Total Cost"])
            assert len(costs) == 1, name


async def check_sqlite(database: Database) -> None:
    """Fail where SQLite would read a table that grows, or sort a list whole; it plans without looking at the rows."""
    dialect = database.engine.dialect
    statements = [
        *list_statements("sqlite"),
        ("by id", tickets._by_id("sqlite")),
        ("unread", unread._unread("all")),
    ]
    async with database.engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        for name, statement in statements:
            compiled = _Compiled(statement.statement, dialect)
            sql = f"EXPLAIN QUERY PLAN {compiled.sql}"
            found = await driver.execute_fetchall(sql, compiled.arguments({**VALUES, "project_id": 1}))
            steps = [row[3] for row in found]
            assert not [step for step in steps if step.startswith("SCAN ") and step.split()[1] in GROWING], (
                name
            )
            for step, following in pairwise(steps):
                is_sorted = step.startswith("SEARCH ticket ") and following == "USE TEMP B-TREE FOR ORDER BY"
                assert not is_sorted, f"{name}: {steps}"


async def test_narrow_filters_start_from_their_index_on_sqlite(database: Database):
    if database.dialect != "sqlite":
        return
    async with database.engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        for name, statement, index in filtered_statements("sqlite"):
            given = {**VALUES, "project_id": 1}
            whole = statement.compile(dialect=database.engine.dialect).construct_expanded_state(given)
            values = [
                value.hex if isinstance(value, UUID) else value for value in whole.positional_parameters
            ]
            plan = await driver.execute_fetchall(f"EXPLAIN QUERY PLAN {whole.statement}", values)
            steps = " ".join(row[3] for row in plan)
            assert index is None or index in steps, (name, steps)
            assert "SCAN ticket " not in steps, (name, steps)


async def check_lists(planner: Planner) -> None:
    for name, statement in chain(list_statements(PG), first_pages()):
        check(f"list {name}", await planner.nodes(statement))
    visible = comments.visible_comments(planner.project_id)
    ordered = visible.order_by(comment.c.created_at.desc(), comment.c.id.desc()).limit(101)
    check("comments", await planner.nodes(ordered))
    of_ticket = comments.CommentFilters(scope="conversations_ticket", item_id=str(VALUES["ticket_id"]))
    check("comments of a ticket", await planner.nodes(comments._narrowed(ordered, of_ticket)))


async def check_look_ups(planner: Planner) -> None:
    check("by id", await planner.nodes(tickets._by_id(PG)))
    check("by number", await planner.nodes(tickets._by_number(PG)))
    check("by ids", await planner.nodes(written._THESE, ids=[VALUES["ticket_id"]]))
    for module, name in (
        (locking, "_LOCKED_BY_ID"), (locking, "_TAGS"), (messages, "_PAGE"),
        (messages, "_COUNT"), (stored, "_CUSTOMER_MESSAGES"), (stored, "_LAST"), (threads, "TICKET"),
        (visible, "MESSAGES"), (visible, "MESSAGES_AFTER"), (queries, "_ALL"), (queries, "_PAGE"),
        (queries, "_ONE"), (queries, "_COUNT"), (threads, "_PARTICIPANT"),
    ):  # fmt: skip
        check(name, await planner.nodes(getattr(module, name)))
    check("unread", await planner.nodes(unread._unread("all")))


async def check_indexes(planner: Planner) -> None:
    wanted = {
        ("-updated_at", ()): "ix_ticket_recent", ("-updated_at", ("open",)): "ix_ticket_status",
        ("-created_at", ()): "ix_ticket_created", ("sla_due_at", ()): "ix_ticket_sla",
    }  # fmt: skip
    for (name, statuses), index in wanted.items():
        part = selects.Part(ORDERS[name], statuses, False, True if ORDERS[name].is_nullable else None)
        assert index in await planner.indexes(readers._page_by_status(part, 100, False, PG))
    assert "ix_ticket_snoozed" in await planner.indexes(snoozes.due(NOW, limit=500))
