"""What is measured on: one project with tickets, messages, persons, tags and assignees, and the keys to it."""

import asyncio
import json
import os
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import msgspec

from benchmarks.filling import file_of, fill
from benchmarks.programs import PARLEY, ProgramFailed
from benchmarks.rows import Desk, now

TICKETS = "SELECT id, number, distinct_id, widget_session_id, identity_verified FROM ticket WHERE project_id = ? AND"
AGENTS = 3
# What part of the tickets a second project has in the same tables.
SECOND = 10
EMAIL, SECOND_EMAIL = "bench@example.com", "second@example.com"
PASSWORD = "correct horse battery staple"


class World(msgspec.Struct, frozen=True):
    """A filled project and its credentials."""

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
        """The credentials for every endpoint, to be sent with every request; each endpoint takes its own."""
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
    is_open_to_session: bool  # its visitor writes on it with the session alone


def make_world(folder: Path, database_url: str, tickets: int, *, agents: int = AGENTS) -> World:
    """Make owner, agents and projects with the command line, and the rest straight in the migrated tables."""
    known, second = _bootstrap(folder, database_url, EMAIL), _bootstrap(folder, database_url, SECOND_EMAIL)
    team = [_agent(folder, database_url, known["organization_id"], n) for n in range(agents)]
    at = now()
    desks = [
        Desk(known["project_id"], [known["user_id"], *team], tickets, at),
        Desk(second["project_id"], [second["user_id"]], max(1, tickets // SECOND), at),
    ]
    fill(database_url, desks)
    return World(
        database_url=database_url,
        tickets=tickets,
        project_id=known["project_id"],
        user_id=known["user_id"],
        personal_api_key=known["personal_api_key"],
        project_token=known["project_token"],
        widget_token=known["widget_token"],
    )


def _bootstrap(folder: Path, database_url: str, email: str) -> dict[str, Any]:
    options = ["--email", email, "--password", PASSWORD, "--organization", "Bench", "--project", "Bench"]
    return _made(folder, database_url, ["bootstrap", *options])


def _agent(folder: Path, database_url: str, organization_id: str, n: int) -> int:
    options = ["--email", f"agent-{n}@example.com", "--password", PASSWORD, "--organization", organization_id]
    found: int = _made(folder, database_url, ["user", "create", *options, "--level", "member"])["user_id"]
    return found


def _made(folder: Path, database_url: str, command: list[str]) -> dict[str, Any]:
    """Run a command of `parley` and return what it prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    environment["PARLEY_DATA_DIR"] = str(folder)
    if not database_url.startswith("sqlite"):
        environment["PARLEY_DATABASE_URL"] = database_url
    done = subprocess.run(
        [PARLEY, *command, "--json"], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise ProgramFailed(f"parley {command[0]} failed:\n{done.stderr[-2000:]}")
    known: dict[str, Any] = json.loads(done.stdout)
    return known


def tickets_of(world: World, numbers: Sequence[int]) -> list[Ticket]:
    """Return the tickets with these numbers, in their order."""
    if world.database_url.startswith("sqlite"):
        with closing(sqlite3.connect(file_of(world.database_url))) as connection:
            places = ", ".join("?" * len(numbers))
            found = connection.execute(
                f"{TICKETS} number IN ({places})", (world.project_id, *numbers)
            ).fetchall()
    else:
        found = asyncio.run(_tickets_of(world, numbers))
    rows = {
        number: Ticket(
            str(UUID(id)), number, known, str(UUID(session)), verified is not None and not verified
        )
        for id, number, known, session, verified in found
    }
    return [rows[number] for number in numbers if number in rows]


async def _tickets_of(world: World, numbers: Sequence[int]) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(world.database_url)
    try:
        rows = await connection.fetch(
            TICKETS.replace("?", "$1") + " number = ANY ($2::int[])", world.project_id, list(numbers)
        )
    finally:
        await connection.close()
    return [(str(id), number, known, str(session), verified) for id, number, known, session, verified in rows]


def sign_in(address: str) -> str:
    """Return the Cookie header of a session of the owner."""
    with httpx.Client(base_url=address) as client:
        answer = client.post("/api/login", json={"email": EMAIL, "password": PASSWORD})
        answer.raise_for_status()
        return "; ".join(f"{name}={value}" for name, value in client.cookies.items())
