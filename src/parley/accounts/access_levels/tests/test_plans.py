"""Restricted lists stay on their indexes, as PostgreSQL says before it runs them."""

from typing import Any
from uuid import UUID

from sqlalchemy import func

from parley.accounts.access_levels.queries.visibility import TicketVisibility, is_hidden, visible_tickets
from parley.conversations.ticket_api.queries import tags
from parley.conversations.ticket_api.queries.shown import live_tickets
from parley.conversations.ticket_list.queries import unread
from parley.conversations.ticket_list.queries.selects import Part, whole_page
from parley.conversations.ticket_list.rules.orders import ORDERS
from parley.conversations.tickets.tables import ticket
from parley.conversations.tickets.tests.test_plans import (
    ID,
    PG,
    N,
    Planner,
    check,
    crowded,
)
from parley.inbox.ticket_rows.queries import counts, list_pages

BOB, ROLES, OTHERS = UUID(int=7), [UUID(int=8), UUID(int=9)], UUID(int=10)
FEW = 20
"""Tickets with a level for everybody, so also for Bob."""
ROLE = """INSERT INTO role (id, organization_id, name, created_at)
    SELECT $2, organization_id, 'Others', now() FROM project WHERE id = $1"""
# One ticket in twenty has a level for others. If it were for Bob, too, reading all tickets would be the best plan.
LEVELS = f"""INSERT INTO access_control (project_id, id, resource, resource_id, access_level, role_id, created_at)
    SELECT $1, gen_random_uuid(), 'ticket', {ID}, 'none', CASE WHEN n % {N // FEW} <> 1 THEN $2::uuid END, now()
    FROM generate_series(1, {N}, 20) AS n"""


def page(visibility: TicketVisibility, order: str, *statuses: str) -> Any:
    """Return the first page of a restricted list."""
    part = Part(ORDERS[order], statuses, False, True if ORDERS[order].is_nullable else None)
    return whole_page(part, live_tickets().where(*visible_tickets(visibility, ticket.c.id)), 100, False, PG)


async def crowd(planner: Planner) -> None:
    """Set levels on tickets: for everybody on a few, for others on many.

    What other tests have left would change how many rows are expected for everybody; it is out of the way until the end.
    """
    await planner.driver.execute("DELETE FROM access_control")
    for part in (ROLE, LEVELS):
        await planner.driver.execute(part, planner.project_id, OTHERS)
    await planner.driver.execute("ANALYZE access_control")
    planner.values |= {"access_member": BOB, "access_roles": ROLES, "user_id": 1}


def check_looked_up(name: str, nodes: list[dict[str, Any]]) -> None:
    """Fail unless levels are looked up ticket by ticket, beside an index of tickets."""
    check(name, nodes)
    read = [node for node in nodes if node.get("Relation Name") == "access_control"]
    assert read and all(node["Index Name"] == "ix_access_control_resource" for node in read), name


def check_looked_up_first(name: str, nodes: list[dict[str, Any]]) -> None:
    """Fail unless the few levels of the caller say which tickets are read, each by its key or all of one assignee."""
    check(name, nodes)
    read = [node for node in nodes if node.get("Relation Name") == "ticket"]
    assert read, name
    for node in read:
        is_by_key = node["Index Name"] == "pk_ticket" and "(id = " in node["Index Cond"]
        assert is_by_key or node["Index Name"] == "ix_ticket_assignee", name


async def test_restricted_lists_stay_on_their_indexes(database, project):
    if database.dialect != PG:
        return
    async with crowded(database, project.id) as planner:
        await crowd(planner)
        for order, index in (("-updated_at", "ix_ticket_recent"), ("-created_at", "ix_ticket_created")):
            nodes = await planner.nodes(page("but", order))
            check_looked_up(order, nodes)
            assert index in {node.get("Index Name") for node in nodes}
        check_looked_up("statuses", await planner.nodes(page("but", "-updated_at", "new", "open")))
        for who in ("all", "mine", "unassigned"):
            wanted = list_pages.InboxFilter(statuses=("new", "open"), who=who)
            check_looked_up(
                f"inbox of {who}",
                await planner.nodes(list_pages._page(wanted, "but", False, list_pages.PAGE_SIZE, PG)),
            )
            check_looked_up_first(
                f"few of {who}",
                await planner.nodes(list_pages._page(wanted, "only", False, list_pages.PAGE_SIZE, PG)),
            )
        check_looked_up_first("unread", await planner.nodes(unread._unread("but")))
        check("tags", await planner.nodes(tags._OF_OPEN))
        for name, statement in (
            ("open", counts._OPEN), ("closed", counts._CLOSED),
            ("count", live_tickets().where(is_hidden(ticket.c.id)).with_only_columns(func.count())),
        ):  # fmt: skip
            check_looked_up_first(name, await planner.nodes(statement))
