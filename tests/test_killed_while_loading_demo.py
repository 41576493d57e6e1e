"""`parley serve` is killed while the demo data is made: it goes on where it was, and ends with the same conversations."""

import asyncio
import json
import signal
import time
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import func, select

from parley.analytics.recordings.tables import recording
from parley.commands.command_database import opened_services
from parley.conversations.tickets.tables import comment, ticket
from parley.demo.loading import ask_for_demo_data, load_demo_data
from parley.demo.rules import LOAD, N_TICKETS
from parley.kernel.config.settings import Settings
from parley.kernel.jobs import asked_work
from parley.kernel.services import Services
from tests.parley_server import Project
from tests.test_faults import Program, program  # noqa: F401 - a fixture

KILLED_AT = (1, 60, 130, N_TICKETS)
LONGEST_S = 120


async def n_tickets(services: Services, project: Project) -> int:
    mine = ticket.c.project_id == project.project_id
    async with services.database.transaction(write=False) as db:
        n: int = (await db.execute(select(func.count()).select_from(ticket).where(mine))).scalar_one()
    return n


async def is_asked(services: Services, project: Project) -> bool:
    async with services.database.transaction(write=False) as db:
        return await asked_work(db, LOAD, project.project_id) is not None


async def conversations(services: Services, project: Project) -> list[Any]:
    """Return all that was said and decided, in the order of the tickets' numbers, and what was recorded."""
    async with services.database.transaction(write=False) as db:
        ids = (ticket.c.project_id == comment.c.project_id) & (ticket.c.id == comment.c.ticket_id)
        c = ticket.c
        columns = (c.number, c.status, c.priority, c.distinct_id, c.unread_team_count, c.message_count)
        said = select(*columns, comment.c.author_type, comment.c.content).join(comment, ids)
        said = said.where(c.project_id == project.project_id).order_by(c.number, comment.c.id)
        recorded = select(recording.c.distinct_id, recording.c.n_blocks, recording.c.click_count)
        recorded = recorded.where(recording.c.project_id == project.project_id).order_by(recording.c.start_at)
        found = [[*row] for statement in (said, recorded) for row in await db.execute(statement)]
    return [*json.loads(json.dumps(found).replace(f"demo-{project.project_id}-", "demo-"))]


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + LONGEST_S
    while not await is_so():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def test_what_a_kill_has_interrupted_goes_on_and_ends_as_if_nothing_had_been(program: Program):  # noqa: F811
    project, other = (program.bootstrap(f"owner{n}@example.com") for n in range(2))
    async with opened_services(Settings.from_env(program.settings)) as services:
        async with services.database.transaction() as db:
            assert await ask_for_demo_data(db, services, project.project_id)
        were_interrupted = []
        for n in KILLED_AT:

            async def has_come_so_far(n: int = n) -> bool:
                return await n_tickets(services, project) >= n

            await until(has_come_so_far)
            program.end(signal.SIGKILL)
            were_interrupted.append(await is_asked(services, project))
            program.run()

        async def is_done() -> bool:
            return not await is_asked(services, project)

        await until(is_done)
        program.stop()
        assert any(were_interrupted)
        await load_demo_data(services, other.project_id)  # at one go, as the command does
        made = await conversations(services, project)
        assert made == await conversations(services, other)
        assert await n_tickets(services, project) == N_TICKETS
        assert not await is_asked(services, other)
