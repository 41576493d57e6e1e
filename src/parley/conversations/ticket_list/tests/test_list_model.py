"""The ticket list says what a model in plain Python says: every filter, views, orders, counts and pages."""

from random import Random
from typing import Any

import pytest
from sqlalchemy import insert, update

from parley.accounts.projects.tables import project as project_table
from parley.accounts.roles.tables import role
from parley.conversations.ticket_changes.tables import ticket_ledger
from parley.conversations.ticket_list.queries import readers, strategy
from parley.conversations.ticket_list.tests.list_model import (
    NOW,
    STATUSES,
    ZONE,
    One,
    People,
    expected,
    random_tickets,
)
from parley.conversations.ticket_list.tests.list_questions import Asked, questions
from parley.conversations.tickets.tables import ticket, ticket_tag
from parley.kernel.ids import new_uuid
from tests.effort import examples

N_TICKETS, N_QUESTIONS = 120, examples(32)


def row_of(one: One, project_id: int) -> dict[str, Any]:
    same = (
        "number", "status", "priority", "channel_source", "channel_detail", "distinct_id", "email_from",
        "created_at", "updated_at", "sla_due_at", "snoozed_until",
    )  # fmt: skip
    return {
        **{name: getattr(one, name) for name in same},
        "project_id": project_id, "id": new_uuid(), "widget_session_id": new_uuid(), "anonymous_traits": {},
        "session_context": {}, "ai_resolved": False, "message_count": 0, "unread_team_count": 0,
        "unread_customer_count": 0, "cc_participants": [], "assignee_user_id": one.user_id,
        "assignee_role_id": one.role_id, "deleted_at": NOW if one.is_deleted else None,
    }  # fmt: skip


async def stored(database, project_id: int, tickets: list[One]) -> None:
    """Store the tickets straight in the tables, with the counters as the actions would have kept it."""
    rows = [row_of(one, project_id) for one in tickets]
    tags = [
        {"project_id": project_id, "ticket_id": row["id"], "name": name}
        for one, row in zip(tickets, rows, strict=True)
        for name in one.tags
    ]
    counts = {
        f"n_{status}": sum(one.status == status and not one.is_deleted for one in tickets)
        for status in STATUSES
    }
    async with database.transaction() as db:
        await db.execute(insert(ticket), rows)
        await db.execute(insert(ticket_tag), tags)
        await db.execute(
            insert(ticket_ledger).values(project_id=project_id, last_number=len(tickets), **counts)
        )


async def two_roles(database, organization_id):
    ids = (new_uuid(), new_uuid())
    rows = [
        {"id": id, "organization_id": organization_id, "name": f"Role {n}", "created_at": NOW}
        for n, id in enumerate(ids)
    ]
    async with database.transaction() as db:
        await db.execute(insert(role), rows)
    return ids


class World:
    """Random tickets of alice's project, and the same in the project of somebody else."""

    def __init__(self, desk, people: People, random: Random) -> None:
        self.desk, self.people, self.random = desk, people, random
        self.tickets = random_tickets(random, people, N_TICKETS)

    async def check(self, asked: Asked) -> None:
        """Ask once for everything, once for a page, and once page by page."""
        query = dict(asked.query)
        if asked.view is not None:
            query["view"] = await self._view(asked.view)
        wanted = expected(self.tickets, asked.fits, asked.order)
        whole = await self.desk.listed(**query, limit=1000)
        assert (_numbers(whole), whole["count"]) == (wanted, len(wanted))
        part = await self.desk.listed(**query, limit=asked.limit, offset=asked.offset)
        behind = asked.offset + asked.limit
        assert (_numbers(part), part["count"]) == (wanted[asked.offset : behind], len(wanted))
        assert (part["next"] is not None, part["previous"] is not None) == (
            behind < len(wanted),
            asked.offset > 0,
        )
        assert await self._followed(part) == wanted[asked.offset :]

    async def _view(self, filters: dict[str, Any]) -> str:
        url = f"/api/projects/{self.desk.project.id}/conversations/views/"
        answer = await self.desk.client.post(url, json={"name": "One", "filters": filters})
        assert answer.status_code == 201, answer.text
        short_id: str = answer.json()["short_id"]
        return short_id

    async def _followed(self, page: dict[str, Any]) -> list[int]:
        found = _numbers(page)
        while page["next"]:
            count = page["count"]
            page = (await self.desk.client.get(page["next"])).json()
            assert page["count"] == count
            found += _numbers(page)
        return found


def _numbers(page: dict[str, Any]) -> list[int]:
    return [one["ticket_number"] for one in page["results"]]


@pytest.fixture(params=[1, 2, 3], ids=["small", "large", "larger"])
async def world(request, monkeypatch, desk, database, services, clock, alice, bob, mallory):
    if request.param > 1:  # as if this were a project of many thousands
        monkeypatch.setattr(strategy, "REACH", 15 * request.param)
        monkeypatch.setattr(readers, "MANY", 1)
    people = People(alice.user_id, bob.user_id, await two_roles(database, alice.organization_id))
    made = World(desk, people, Random(request.param))
    async with database.transaction() as db:
        mine = update(project_table).where(project_table.c.id == desk.project.id)
        await db.execute(mine.values(timezone=ZONE.key))
    await services.live.publish("accounts", "project.changed")
    await stored(database, desk.project.id, made.tickets)
    await stored(database, mallory.project.id, made.tickets)
    clock.freeze(NOW)
    return made


async def test_the_list_is_what_the_model_says(world):
    for asked in questions(world.random, world.people, N_QUESTIONS):
        await world.check(asked)
