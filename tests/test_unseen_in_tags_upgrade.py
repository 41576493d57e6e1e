"""The revision that takes out of stored tags what nobody sees, wherever a tag is stored."""

import importlib
from typing import Any
from uuid import UUID

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, insert, select, update

from parley.analytics.dashboards.tables import dashboard
from parley.conversations.quick_actions.tables import quick_action
from parley.conversations.tickets.tables import ticket_tag
from parley.conversations.tickets.tests.factories import Desk
from parley.knowledge.articles.tables import article
from parley.migrations import stored_tags

revision: Any = importlib.import_module("parley.migrations.versions.0070_tags_without_what_nobody_sees")
SPOILED, FLAG = "vi\u200cp\x07", "\U0001f3f4\U000e0067\U000e0062\U000e007f"


def rewrite_tags(connection: Connection) -> None:
    with Operations.context(MigrationContext.configure(connection)):
        revision.rewrite()


@pytest.fixture
def desk(alice, project):
    return Desk(alice, project)


async def test_tags_of_tickets_that_look_equal_become_one(desk, database):
    first, second = await desk.open(tags=["vip", FLAG]), await desk.open()
    async with database.transaction() as db:
        for ticket, name in ((first, SPOILED), (second, SPOILED), (second, "\ufeff")):
            row = {"project_id": desk.project.id, "ticket_id": UUID(ticket["id"]), "name": name}
            await db.execute(insert(ticket_tag).values(row))
    for _ in range(2):
        async with database.transaction() as db:
            await db.connection.run_sync(rewrite_tags)
        assert (await desk.ticket(1))["tags"] == ["vip", FLAG]
        assert (await desk.ticket(2))["tags"] == ["vip"]


async def test_a_tag_of_the_tickets_own_is_not_taken_by_undoing_a_merge(desk, database):
    target, source = await desk.open(), await desk.open(tags=["vip"])
    path = f"/api/projects/{desk.project.id}/conversations/tickets"
    api = desk.client
    assert (await api.post(f"{path}/2/merge/", json={"into": target["id"]})).status_code == 200
    async with database.transaction() as db:
        row = {"project_id": desk.project.id, "ticket_id": UUID(target["id"]), "name": SPOILED}
        await db.execute(insert(ticket_tag).values(row))
        await db.connection.run_sync(rewrite_tags)
    undone = await api.post(f"{path}/{source['id']}/unmerge/")
    assert undone.status_code == 200, undone.text
    assert (await desk.ticket(1))["tags"] == ["vip"]


async def test_tags_of_quick_actions_articles_and_dashboards_are_rewritten(
    desk, database, api, project, monkeypatch
):
    monkeypatch.setattr(stored_tags, "BATCH", 1)
    base, stored = f"/api/projects/{project.id}", [SPOILED, FLAG, "plain"]
    made = [
        await api.post(
            f"{base}/conversations/quick_actions/", json={"name": name, "actions": {"tags": ["a"]}}
        )
        for name in ("One", "Two")
    ]
    made.append(await api.post(f"{base}/dashboards/", json={"name": "D", "tags": ["a"]}))
    made.append(
        await api.post(f"{base}/conversations/articles/", json={"title": "T", "content": "C", "tags": ["a"]})
    )
    assert [one.status_code for one in made] == [201] * 4, [one.text for one in made]
    async with database.transaction() as db:
        for table, values in (
            (quick_action, {"actions": {"tags": stored, "status": "open"}}),
            (dashboard, {"tags": stored}),
            (article, {"tags": stored}),
        ):
            await db.execute(update(table).where(table.c.project_id == project.id).values(values))
        await db.connection.run_sync(rewrite_tags)
    async with database.transaction(write=False) as db:
        found = select(quick_action.c.actions).where(quick_action.c.project_id == project.id)
        acting = (await db.execute(found)).scalars().all()
        lists = [
            (await db.execute(select(table.c.tags).where(table.c.project_id == project.id))).scalar_one()
            for table in (dashboard, article)
        ]
    assert acting == [{"tags": ["plain", "vip", FLAG], "status": "open"}] * 2
    assert lists == [["plain", "vip", FLAG]] * 2
