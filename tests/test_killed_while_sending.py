"""`parley serve` is killed while it hands mails over: nothing is lost, and twice comes only what nobody can know of."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import UUID

import pytest_asyncio
from sqlalchemy import update

from parley.commands.command_database import opened_services
from parley.conversations.tickets.tables import ticket
from parley.email.channels.tests.channels import make_channel
from parley.email.delivery.sending import CONNECTIONS
from parley.kernel.config.settings import Settings
from tests.parley_server import Project
from tests.smtp_peer import HANG_LATE, SmtpPeer, smtp_peer
from tests.test_faults import Program

N_MAILS, KILLED_AT = 30, (CONNECTIONS, 15)
LONGEST_S = 60


@pytest_asyncio.fixture
async def peer() -> AsyncIterator[SmtpPeer]:
    async with smtp_peer() as made:
        yield made


async def people(program: Program, project: Project) -> list[str]:
    """Connect a verified channel, and open tickets of people who write by mail; return their ids.

    The channel comes first: the server knows the project, with its settings, from its first request on.
    """
    async with opened_services(Settings.from_env(program.settings)) as services:
        channel = await make_channel(services, project)
        async with program.client(project) as client:
            tickets = f"/api/projects/{project.project_id}/conversations/tickets/"
            bodies = [{"email": f"p{n}@example.com"} for n in range(N_MAILS)]
            opened = [(await client.post(tickets, json=body)).json()["id"] for body in bodies]
        by_mail = {"channel_source": "email", "email_channel_id": channel.id}
        async with services.database.transaction() as db:
            mine = ticket.c.project_id == project.project_id
            await db.execute(update(ticket).where(mine).values(**by_mail))
    return opened


async def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST_S
    while not is_so():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def answer_all(program: Program, project: Project, ids: list[str]) -> None:
    async with program.client(project) as client:
        for n, id in enumerate(ids):
            path = f"/api/projects/{project.project_id}/conversations/tickets/{id}/reply/"
            assert (await client.post(path, json={"message": f"Answer {n}"})).status_code == 201


async def statuses(program: Program, project: Project) -> Counter[str]:
    async with program.client(project) as client:
        path = f"/api/projects/{project.project_id}/conversations/outbound_emails/"
        return Counter(one["state"] for one in (await client.get(path)).json()["results"])


async def test_a_kill_loses_no_mail_and_repeats_only_those_that_were_in_the_hands_of_the_server(
    tmp_path: Path, peer: SmtpPeer
):
    program = Program(tmp_path, {"PARLEY_SMTP_URL": peer.url})
    await asyncio.to_thread(program.run)
    try:
        project = program.bootstrap("owner@example.com")
        ids = await people(program, project)
        # The peer takes a mail and says nothing; then the process that waits for its word is killed.
        peer.at_data = HANG_LATE
        await answer_all(program, project, ids)
        for n in KILLED_AT:
            await until(lambda n=n: len(peer.taken) >= n)  # type: ignore[misc]
            await asyncio.to_thread(program.end, signal.SIGKILL)
            peer.at_data = "250 2.0.0 Queued"
            await asyncio.to_thread(program.run)
        await until(lambda: len({one.mail["Message-ID"] for one in peer.taken}) == N_MAILS)
        deadline = time.monotonic() + LONGEST_S
        while (await statuses(program, project)) != {"sent": N_MAILS}:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)
    finally:
        await asyncio.to_thread(program.end, signal.SIGKILL)
    copies = Counter(one.mail["Message-ID"] for one in peer.taken)
    addresses = {one.mail["Message-ID"]: tuple(one.recipients) for one in peer.taken}
    assert len(copies) == N_MAILS and len(set(addresses.values())) == N_MAILS
    repeated = [id for id, count in copies.items() if count > 1]
    assert CONNECTIONS <= len(repeated) <= CONNECTIONS * len(KILLED_AT)
    assert max(copies.values()) == 2
    assert all(UUID(hex=id.strip("<> ").split(".")[0]) for id in copies)
