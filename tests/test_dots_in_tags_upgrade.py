"""The revision that takes the dot of the Turkish capital out of stored tags."""

import importlib
from typing import Any
from uuid import UUID

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, insert, select, update

from parley.conversations.quick_actions.tables import quick_action
from parley.conversations.tickets.tables import ticket_tag
from parley.conversations.tickets.tests.factories import Desk
from parley.kernel.text.forms import normal_tag

before: Any = importlib.import_module("parley.migrations.versions.0070_tags_without_what_nobody_sees")
revision: Any = importlib.import_module(
    "parley.migrations.versions.0073_tags_without_the_dot_of_the_turkish_capital"
)
DOTTED = "i\u0307ade"


def rewrite_tags(connection: Connection) -> None:
    with Operations.context(MigrationContext.configure(connection)):
        revision.rewrite()


async def test_stored_tags_that_look_equal_become_one(alice, api, project, database):
    desk = Desk(alice, project)
    first, second = await desk.open(tags=["iade", "café"]), await desk.open()
    path = f"/api/projects/{project.id}/conversations/quick_actions/"
    made = await api.post(path, json={"name": "Refund", "actions": {"tags": ["a"]}})
    assert made.status_code == 201, made.text
    async with database.transaction() as db:
        for ticket in (first, second):
            row = {"project_id": project.id, "ticket_id": UUID(ticket["id"]), "name": DOTTED}
            await db.execute(insert(ticket_tag).values(row))
        mine = quick_action.c.project_id == project.id
        await db.execute(update(quick_action).where(mine).values(actions={"tags": [DOTTED, "iade"]}))
    for _ in range(2):
        async with database.transaction() as db:
            await db.connection.run_sync(rewrite_tags)
        assert (await desk.ticket(1))["tags"] == ["café", "iade"]
        assert (await desk.ticket(2))["tags"] == ["iade"]
        assert await desk.numbers(tags='["İade"]') == [2, 1]
    async with database.transaction(write=False) as db:
        assert (await db.execute(select(quick_action.c.actions).where(mine))).scalar_one() == {
            "tags": ["iade"]
        }


@pytest.mark.parametrize(
    "tag", ["İade", "I\u0307\u0301", "i\u0307\u0307", "i\u0323\u0307", "Ünï\u200bcode", "ΌΣΟΣ"]
)
def test_a_tag_that_was_stored_before_becomes_what_is_stored_now(tag):
    assert revision.without_dots(before.seen_only(tag)) == normal_tag(tag)
