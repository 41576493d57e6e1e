"""The revision that brings stored names into their normal form: what it changes, and what it leaves alone."""

import importlib
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, insert, select, update

from parley.accounts.users.tables import user_account
from parley.conversations.tickets.tables import ticket_tag
from parley.conversations.tickets.tests.factories import Desk
from parley.kernel.ids import new_uuid
from parley.people.persons.tables import person

revision: Any = importlib.import_module("parley.migrations.versions.0008_normal_names")


def _rewrite(connection: Connection) -> None:
    with Operations.context(MigrationContext.configure(connection)):
        revision.rewrite()


async def rewritten(database) -> None:
    async with database.transaction() as db:
        await db.connection.run_sync(_rewrite)


@pytest.fixture
def desk(alice, project):
    return Desk(alice, project)


async def test_tags_become_normal_and_equal_ones_become_one(desk, database, monkeypatch):
    monkeypatch.setattr(revision, "BATCH", 2)
    first, second = await desk.open(tags=["café"]), await desk.open(tags=["plain"])
    async with database.transaction() as db:
        for ticket, name in ((first, "cafe\u0301"), (second, "cafe\u0301"), (second, "big  bug")):
            row = {"project_id": desk.project.id, "ticket_id": UUID(ticket["id"]), "name": name}
            await db.execute(insert(ticket_tag).values(row))
    for _ in range(2):
        await rewritten(database)
        assert (await desk.ticket(1))["tags"] == ["café"]
        assert (await desk.ticket(2))["tags"] == ["big bug", "café", "plain"]
    assert await desk.numbers(tags='["CAFÉ"]') == [2, 1]


async def test_persons_are_found_by_names_and_addresses_in_their_normal_form(
    api, project, database, monkeypatch
):
    monkeypatch.setattr(revision, "BATCH", 2)
    old = [
        ({"name": "STRASSE"}, None, "straße"),
        ({"name": "zoe\u0308"}, None, "zoe\u0308"),
        ({"name": 4711}, None, None),
        ({"email": "a@xn--bcher-kva.example"}, "a@xn--bcher-kva.example", None),
        ({"name": "Ada"}, None, "ada"),
    ]
    async with database.transaction() as db:
        for properties, email, name in old:
            row = {
                "project_id": project.id,
                "id": new_uuid(),
                "properties": properties,
                "created_at": datetime.now(UTC),
            }
            await db.execute(insert(person).values(**row, email=email, search_name=name))
    for _ in range(2):
        await rewritten(database)
        for query in (
            {"search": "Strasse"},
            {"search": "ZOË"},
            {"search": "47"},
            {"email": "a@bücher.example"},
            {"search": "ada"},
        ):
            found = (await api.get(f"/api/projects/{project.id}/persons/", params=query)).json()
            assert found["count"] == 1, query


async def test_accounts_get_their_normal_address_unless_somebody_has_it(cast, alice, database):
    async with database.transaction() as db:
        third = await cast.make_member(db, alice.project, level=1, name="third")
    alone, has, wants = cast.bob.user_id, alice.user_id, third.user_id
    name = new_uuid().hex
    domains = ("b@xn--strae-oqa", "a@straße", "a@xn--strae-oqa")
    new = {
        user_id: f"{name}-{domain}.example"
        for user_id, domain in zip((alone, has, wants), domains, strict=True)
    }
    async with database.transaction() as db:
        for user_id, email in new.items():
            await db.execute(update(user_account).where(user_account.c.id == user_id).values(email=email))
    await rewritten(database)
    async with database.transaction(write=False) as db:
        rows = await db.execute(
            select(user_account.c.id, user_account.c.email).where(user_account.c.id.in_(new))
        )
        emails = {row.id: row.email for row in rows}
    assert emails == {alone: f"{name}-b@straße.example", has: new[has], wants: new[wants]}
