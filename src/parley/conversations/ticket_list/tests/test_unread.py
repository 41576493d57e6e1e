"""The number of unread messages is kept while tickets change, and is what counting all of them gives."""

from random import Random
from typing import Any

import pytest
from sqlalchemy import Select, delete, func, insert, select, update

from parley.conversations.ticket_changes.actions.unread import fold_unread
from parley.conversations.ticket_changes.tables import unread_tally
from parley.conversations.ticket_list.queries.unread import _unread
from parley.conversations.ticket_list.tests.list_model import NOW, STATUSES
from parley.conversations.tickets.tables import UNREAD, ticket
from parley.kernel.database.database import Database
from parley.kernel.ids import new_uuid
from tests.effort import examples

N_STEPS = examples(60)


def row(random: Random, project_id: int, number: int) -> dict[str, Any]:
    return {
        "project_id": project_id, "id": new_uuid(), "number": number, "status": random.choice(STATUSES),
        "channel_source": "widget", "distinct_id": "a", "widget_session_id": new_uuid(), "anonymous_traits": {},
        "session_context": {}, "ai_resolved": False, "message_count": 0,
        "unread_team_count": random.randint(0, 3), "unread_customer_count": 0, "cc_participants": [],
        "deleted_at": random.choice((None, None, NOW)), "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip


def statement(random: Random, project_id: int, number: int) -> Any:
    """Return a random change of some of the project's tickets, as no action would make it."""
    some = (ticket.c.project_id == project_id, ticket.c.number % random.randint(1, 4) == 0)
    match random.randint(0, 7):
        case 0 | 1:
            return insert(ticket).values([row(random, project_id, number + n) for n in range(5)])
        case 2:
            return update(ticket).where(*some).values(status=random.choice(STATUSES))
        case 3:
            return update(ticket).where(*some).values(deleted_at=random.choice((None, NOW)))
        case 4:
            return update(ticket).where(*some).values(unread_team_count=random.randint(0, 2))
        case 5:
            more = {"unread_team_count": ticket.c.unread_team_count + 1, "status": random.choice(STATUSES)}
            return update(ticket).where(*some).values(**more)
        case 6:
            return update(ticket).where(*some).values(updated_at=NOW)
        case _:
            return delete(ticket).where(*some, ticket.c.number % 5 == 0)


def summed(project_id: int) -> Select[Any]:
    return select(func.coalesce(func.sum(ticket.c.unread_team_count), 0)).where(
        ticket.c.project_id == project_id, UNREAD
    )


async def kept(database: Database, project_id: int) -> int:
    return int((await database.read(_unread("all"), project_id=project_id))[0][0])


async def n_rows(database: Database, project_id: int) -> int:
    async with database.transaction(write=False) as db:
        mine = select(func.count()).where(unread_tally.c.project_id == project_id)
        n: int = (await db.execute(mine)).scalar_one()
        return n


@pytest.mark.parametrize("seed", range(3))
async def test_the_number_is_exact_whatever_writes_tickets(desk, mallory, database, seed):
    random, projects = Random(seed), (desk.project.id, mallory.project_id)
    for step in range(N_STEPS):
        changed = random.choice(projects)
        async with database.transaction() as db:
            await db.execute(statement(random, changed, 1 + step * 10))
            if random.random() < 0.2:
                await fold_unread(db)
        async with database.transaction(write=False) as db:
            counted = [(await db.execute(summed(one))).scalar_one() for one in projects]
        assert [await kept(database, one) for one in projects] == counted


async def test_what_is_undone_is_not_counted(desk, database):
    await desk.open(message="Hello")
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as db:
            await db.execute(insert(ticket).values(row(Random(1), desk.project.id, 2)))
            raise ZeroDivisionError
    assert await kept(database, desk.project.id) == 1


async def test_one_row_is_left_once_all_are_added_up(desk, database):
    for _ in range(3):
        await desk.open(message="Hello")
    for _ in range(2):
        async with database.transaction() as db:
            await fold_unread(db)
    assert (await n_rows(database, desk.project.id), await kept(database, desk.project.id)) == (1, 3)


async def test_nothing_is_left_of_a_deleted_project(alice, database):
    made = (await alice.client.post("/api/projects/", json={"name": "Second"})).json()
    tickets = f"/api/projects/{made['id']}/conversations/tickets/"
    opened = await alice.client.post(tickets, json={"distinct_id": "a", "message": "Hello"})
    assert opened.status_code == 201
    assert await kept(database, made["id"]) == 1
    assert (await alice.client.delete(f"/api/projects/{made['id']}/")).status_code == 204
    async with database.transaction() as db:
        await fold_unread(db)
    assert await n_rows(database, made["id"]) == 0
