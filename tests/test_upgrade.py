"""A database of the first version, with everything in it, is served by this one after a single step."""

import shutil
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alembic import command
from sqlalchemy import TableClause, column, event, inspect, select, table, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from parley.conversations.tickets.tables import ticket
from parley.kernel.database.columns import metadata
from parley.kernel.migrations.revisions import import_tables
from parley.kernel.migrations.runner import with_alembic
from parley.kernel.sql_functions.sqlite_functions import add_functions
from tests import servers
from tests.forked_program import run
from tests.parley_server import Project
from tests.test_faults import MESSAGE, Program
from tests.test_faults_of_integrations import until

FIRST = "0001"
# What the server itself writes down when it starts.
RUNNING = {"alembic_version", "job_schedule", "outbox"}
FILLED = (
    "organization", "project", "user_account", "membership", "personal_api_key", "role", "ticket", "ticket_tag",
    "ticket_ledger", "comment", "person", "person_distinct_id", "event", "activity_log", "saved_view", "quick_action",
    "idempotency_key",
)  # fmt: skip
VISITOR = {"widget_session_id": str(uuid4()), "distinct_id": "w", "message": "Hello from the widget"}


def new_program(kind: str, folder: Path) -> Program:
    """Return a server that was never started, with a database of its own."""
    folder.mkdir()
    (folder / "data").mkdir()
    url = servers.new_postgres_url() if kind == "postgresql" else f"sqlite:///{folder}/data/parley.sqlite3"
    return Program(folder, {"PARLEY_DATABASE_URL": url})


def engine_of(program: Program) -> AsyncEngine:
    """Return an engine on the database of a server; its connections know the functions that triggers call."""
    default = f"sqlite:///{program.folder}/data/parley.sqlite3"
    scheme, _, rest = program.settings.get("PARLEY_DATABASE_URL", default).partition(":")
    engine = create_async_engine(
        {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}[scheme] + f":{rest}"
    )
    if scheme == "sqlite":
        event.listen(engine.sync_engine, "connect", lambda connection, _: add_functions(connection))
    return engine


async def old_tables(connection: AsyncConnection) -> list[TableClause]:
    """Return the tables of a database with the columns that it has, and no more."""
    import_tables()
    there = await connection.run_sync(
        lambda sync: {
            name: {one["name"] for one in inspect(sync).get_columns(name)}
            for name in inspect(sync).get_table_names()
        }
    )
    return [
        table(known.name, *(column(one.name, one.type) for one in known.c if one.name in there[known.name]))
        for known in metadata.tables.values()
        if known.name in there and known.name not in RUNNING
    ]


async def rows_of(connection: AsyncConnection, tables: Sequence[TableClause]) -> dict[str, list[Any]]:
    """Return every row of the tables."""
    return {
        one.name: sorted((dict(row) for row in (await connection.execute(select(one))).mappings()), key=repr)
        for one in tables
    }


async def copied_back(new: Program, old: Program) -> tuple[list[TableClause], dict[str, list[Any]]]:
    """Make a database of the first version and fill it with what it can hold of another; return what it holds."""
    url = old.settings["PARLEY_DATABASE_URL"]
    await with_alembic(url, lambda config: command.upgrade(config, FIRST))
    source, target = engine_of(new), engine_of(old)
    found = await rows_copied(source, target)
    await source.dispose()
    await target.dispose()
    shutil.copytree(new.folder / "data", old.folder / "data", dirs_exist_ok=True, ignore=_databases)
    return found


async def rows_copied(
    source: AsyncEngine, target: AsyncEngine
) -> tuple[list[TableClause], dict[str, list[Any]]]:
    """Copy rows into a database of an earlier version, as far as it has their tables and columns."""
    async with source.connect() as here, target.begin() as there:
        is_postgresql = target.dialect.name == "postgresql"
        if is_postgresql:
            await there.execute(text("SET LOCAL session_replication_role = replica"))
        tables = await old_tables(there)
        rows = await rows_of(here, tables)
        for one in tables:
            if rows[one.name]:
                await there.execute(one.insert(), rows[one.name])
        for name in ("project", "user_account") if is_postgresql else ():
            number = f"(SELECT max(id) FROM {name})"
            await there.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {number})"))
    return tables, rows


def _databases(_: Any, names: list[str]) -> list[str]:
    return [name for name in names if "sqlite3" in name]


async def let_things_happen(program: Program, project: Project) -> None:
    """Make one of everything that the first version could hold, some of it changed, deleted or strange."""
    root = f"/api/projects/{project.project_id}"
    tickets = f"{root}/conversations/tickets/"
    async with program.client(project) as client:

        async def post(path: str, body: dict[str, Any]) -> Any:
            return (await client.post(path, json=body)).raise_for_status().json()

        event = {"api_key": project.project_token, "event": "seen", "distinct_id": "ada"}
        await post("/capture/", event | {"properties": {"$set": {"email": "ada@example.com", "name": "Ada"}}})
        for n in range(6):
            body = {
                "distinct_id": "ada" if n % 2 else f"d{n}",
                "message": f"Where is order {n}? 日本 'x' %_\\",
            }
            await post(
                tickets, body | {"tags": ["vip", f"t{n}"], "anonymous_traits": {"email": f"{n}@example.com"}}
            )
        changes = {"priority": "high", "assignee": {"type": "user", "id": project.user_id}}
        (
            await client.patch(f"{tickets}2/", json=changes | {"snoozed_until": "2040-01-01T00:00:00Z"})
        ).raise_for_status()
        await post(f"{tickets}3/reply/", {"message": "It left", "rich_content": {"type": "doc"}})
        await post(f"{tickets}3/notes/", {"message": "A note"})
        await post(f"{root}/comments/", {"scope": "Insight", "item_id": "7", "content": "Elsewhere"})
        (await client.delete(f"{tickets}5/")).raise_for_status()
        await post(f"{root}/conversations/views/", {"name": "Open", "filters": {"status": ["new"], "own": 1}})
        await post(
            f"{root}/conversations/quick_actions/", {"name": "Close", "actions": {"status": "resolved"}}
        )
        await post(f"/api/organizations/{project.organization_id}/roles/", {"name": "Support"})
        headers = {"X-Conversations-Token": project.widget_token, "Idempotency-Key": "first"}
        (await client.post(MESSAGE, json=VISITOR, headers=headers)).raise_for_status()

        async def has_dashboards() -> bool:
            return bool((await client.get(f"{root}/dashboards/")).raise_for_status().json()["results"])

        await until(has_dashboards)  # they come after the project, and belong to what its log says


async def all_that_is_said(program: Program, project: Project) -> dict[str, Any]:
    """Return what the API answers about everything, without the addresses of other pages."""
    root = f"/api/projects/{project.project_id}"
    tickets = f"{root}/conversations/tickets/"
    paths = [
        tickets, f"{tickets}?status=new&order_by=ticket_number", f'{tickets}?tags=["vip"]&emails=&assignee=me',
        f"{tickets}?snoozed=true&distinct_ids=ada", f"{tickets}?search=order%203", f"{tickets}?search=%25_",
        *(f"{tickets}{number}/messages/" for number in (1, 3, 7)), f"{tickets}unread_count/", f"{root}/comments/",
        f"{root}/events/", f"{root}/persons/", f"{root}/activity_log/", f"{root}/tags/",
        f"{root}/conversations/views/", f"{root}/conversations/quick_actions/", f"{root}/", "/api/users/@me/",
        f"/api/organizations/{project.organization_id}/roles/",
        f"/api/organizations/{project.organization_id}/members/",
    ]  # fmt: skip
    async with program.client(project) as client:
        answers = {path: (await client.get(path)).raise_for_status().json() for path in paths}
    return {
        path: answer.get("results", answer) if isinstance(answer, dict) else answer
        for path, answer in answers.items()
    }


async def check_it_goes_on(program: Program, project: Project) -> None:
    """Fail unless what was begun before the upgrade is continued after it."""
    root = f"/api/projects/{project.project_id}"
    tickets = f"{root}/conversations/tickets/"
    visitor = {"X-Conversations-Token": project.widget_token, "Idempotency-Key": "first"}
    async with program.client(project) as client:
        opened = (await client.post(tickets, json={"distinct_id": "ada", "message": "Hello again"})).json()
        assert opened["ticket_number"] == 8
        assert (await client.post(f"{tickets}5/restore/")).json()["tags"] == ["t4", "vip"]
        reply = await client.post(f"{tickets}1/reply/", json={"message": "It has arrived"})
        assert reply.status_code == 201
        assert (await client.get(tickets, params={"status": "new"})).json()["count"] == 7
        assert (await client.post("/api/projects/", json={"name": "Second"})).status_code == 201
        again = await client.post(MESSAGE, json=VISITOR, headers=visitor)
        assert (again.status_code, again.headers["idempotent-replayed"]) == (200, "true")


def migrated(program: Program) -> str:
    """Run `parley migrate`; return what it says."""
    code, said, complained = run("migrate", settings=program.settings)
    assert (code, complained) == (0, "")
    return said


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_database_of_the_first_version_is_brought_up_and_served(kind, tmp_path):
    new, old = new_program(kind, tmp_path / "new"), new_program(kind, tmp_path / "old")
    new.run()
    project = new.bootstrap("owner@example.com")
    await let_things_happen(new, project)
    said = await all_that_is_said(new, project)
    assert all(said.values()), said
    new.end(signal.SIGINT)
    tables, before = await copied_back(new, old)
    columns = next(one for one in tables if one.name == "ticket").c.keys()
    assert "number" in columns and {"is_merged", "merged_numbers"}.isdisjoint(columns)
    assert all(before[name] for name in FILLED)
    assert migrated(old) == "The database has been migrated.\n"
    target = engine_of(old)
    async with target.connect() as connection:
        assert await rows_of(connection, tables) == before
        added = (await connection.execute(select(ticket.c.is_merged, ticket.c.merged_numbers))).all()
        assert {(is_merged, *numbers) for is_merged, numbers in added} == {(False,)} and len(added) == 7
    await target.dispose()
    try:
        old.run()
        assert await all_that_is_said(old, project) == said
        await check_it_goes_on(old, project)
    finally:
        old.end(signal.SIGINT)
