"""What is measured on: one project with tickets, messages, persons, tags and assignees, and the keys to it."""

import asyncio
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec

from benchmarks.programs import PARLEY, ProgramFailed

STATEMENTS = Path(__file__).with_name("tickets.sql")
MESSAGES_PER_TICKET = 4
PART = re.compile(r"^-- part: .*$", re.MULTILINE)
EMAIL, PASSWORD = "bench@example.com", "correct horse battery staple"


class World(msgspec.Struct, frozen=True):
    """A filled project and what opens its doors."""

    database_url: str
    tickets: int
    project_id: int
    user_id: int
    personal_api_key: str
    project_token: str
    widget_token: str

    @property
    def tickets_path(self) -> str:
        return f"/api/projects/{self.project_id}/conversations/tickets/"

    @property
    def headers(self) -> dict[str, str]:
        """The credentials of every door, to be sent with every request; each door takes its own."""
        return {
            "Authorization": f"Bearer {self.personal_api_key}",
            "X-Conversations-Token": self.widget_token,
            "Content-Type": "application/json",
        }


class Ticket(msgspec.Struct, frozen=True):
    """What a visitor's message needs to know of a ticket."""

    id: str
    number: int
    distinct_id: str
    widget_session_id: str


def make_world(folder: Path, database_url: str, tickets: int) -> World:
    """Make owner and project with the command line, and the rest straight in the migrated tables."""
    known = _bootstrap(folder, database_url)
    world = World(
        database_url=database_url,
        tickets=tickets,
        project_id=known["project_id"],
        user_id=known["user_id"],
        personal_api_key=known["personal_api_key"],
        project_token=known["project_token"],
        widget_token=known["widget_token"],
    )
    asyncio.run(_fill(world))
    return world


async def _fill(world: World) -> None:
    values = (world.project_id, world.user_id, world.tickets)
    connection = await asyncpg.connect(world.database_url)
    try:
        async with connection.transaction():
            for statement in PART.split(STATEMENTS.read_text())[1:]:
                await _run(connection, statement, values)
        await connection.execute("VACUUM ANALYZE")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def _run(connection: asyncpg.Connection, statement: str, values: tuple[int, int, int]) -> None:
    """Run one part with those of the values that it names; PostgreSQL refuses more."""
    places = sorted(set(map(int, re.findall(r"\$(\d)", statement))))
    for new, old in enumerate(places, 1):
        statement = statement.replace(f"${old}", f"${new}")
    await connection.execute(statement, *(values[place - 1] for place in places), timeout=600)


def _bootstrap(folder: Path, database_url: str) -> dict[str, Any]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    environment |= {"PARLEY_DATA_DIR": str(folder), "PARLEY_DATABASE_URL": database_url}
    command = [PARLEY, "bootstrap", "--email", EMAIL, "--password", PASSWORD, "--organization", "Bench"]
    done = subprocess.run(
        [*command, "--project", "Bench", "--json"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ProgramFailed(f"parley bootstrap failed:\n{done.stderr[-2000:]}")
    known: dict[str, Any] = json.loads(done.stdout)
    return known


def tickets_of(world: World, first: int, last: int) -> list[Ticket]:
    """Return the tickets with these numbers."""
    return asyncio.run(_tickets_of(world, first, last))


async def _tickets_of(world: World, first: int, last: int) -> list[Ticket]:
    connection = await asyncpg.connect(world.database_url)
    try:
        rows = await connection.fetch(
            "SELECT id::text, number, distinct_id, widget_session_id::text FROM ticket"
            " WHERE project_id = $1 AND number BETWEEN $2 AND $3 ORDER BY number",
            world.project_id,
            first,
            last,
        )
    finally:
        await connection.close()
    return [Ticket(*row) for row in rows]


def sign_in(address: str) -> str:
    """Return the Cookie header of a session of the owner."""
    with httpx.Client(base_url=address) as client:
        answer = client.post("/api/login", json={"email": EMAIL, "password": PASSWORD})
        answer.raise_for_status()
        return "; ".join(f"{name}={value}" for name, value in client.cookies.items())
