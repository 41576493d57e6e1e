"""`parley serve` while mail server and webhook receiver hang: it ends when told to, and nothing is lost."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from parley.kernel.jobs.registry import QUEUES
from parley.server.worker import DRAIN_S
from tests.mail_server import MailServer, mail_server
from tests.parley_server import Project, migrated_postgres_url
from tests.receiver import Receiver, answers, hang, receiving
from tests.test_faults import Program
from tests.test_processes import Workers

GUESTS = [f"guest-{number}@example.com" for number in range(10)]
LONGEST_S = 60


class Outside:
    """A running server, and what it calls."""

    def __init__(self, program: Program, mails: MailServer, receiver: Receiver) -> None:
        self.program = program
        self.mails = mails
        self.receiver = receiver

    async def cause_all(self, project: Project) -> None:
        """Have ten mails sent, and one webhook."""
        async with self.program.client(project) as client:
            url = f"/api/projects/{project.project_id}"
            made = [await client.post(f"{url}/webhooks/", json={"url": self.receiver.url})]
            ticket = {"email": "ada@example.com", "message": "Hello"}
            made.append(await client.post(f"{url}/conversations/tickets/", json=ticket))
            for guest in GUESTS:
                invite = {"target_email": guest}
                made.append(await client.post("/api/organizations/@current/invites/", json=invite))
            assert {one.status_code for one in made} == {201}, [one.text for one in made]

    async def until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + LONGEST_S
        while not is_so():
            assert time.monotonic() < deadline, self.program.log.read_text()[-3000:]
            await asyncio.sleep(0.02)

    def webhook_ids(self) -> set[str]:
        return {one.headers["webhook-id"] for one in self.receiver.received}


@pytest_asyncio.fixture(params=["one process on SQLite", "two on PostgreSQL"])
async def outside(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Outside]:
    async with mail_server() as mails, receiving() as receiver:
        receiver.respond = hang
        settings = {
            "PARLEY_SMTP_URL": f"smtp://127.0.0.1:{mails.port}",
            "PARLEY_ALLOWED_HOSTS_OUT": f"127.0.0.1:{receiver.port}",
        }
        if "PostgreSQL" in request.param:
            redis = request.getfixturevalue("redis_url")
            settings |= {"PARLEY_DATABASE_URL": migrated_postgres_url(), "PARLEY_REDIS_URL": redis}
        program = (Workers if "PostgreSQL" in request.param else Program)(tmp_path, settings)
        await asyncio.to_thread(program.run)
        yield Outside(program, mails, receiver)
        if program.process is not None and program.process.poll() is None:
            await asyncio.to_thread(program.end, signal.SIGTERM)


@pytest.mark.parametrize("stage", ["greeting", "data"])
async def test_what_hangs_holds_up_no_end_and_is_sent_after_the_next_start(outside, stage):
    program, mails = outside.program, outside.mails
    mails.hangs_at = stage
    project = await asyncio.to_thread(program.bootstrap, "owner@example.com")
    await outside.cause_all(project)
    await outside.until(lambda: mails.n_hanging >= QUEUES["mail"] and len(outside.receiver.received) >= 1)
    assert program.process is not None
    program.process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(program.process.wait, DRAIN_S) == 0
    assert "Traceback" not in program.log.read_text()

    hung = outside.webhook_ids()
    outside.receiver.received.clear()
    mails.hangs_at, outside.receiver.respond = None, answers(204)
    await asyncio.to_thread(program.run)
    await outside.until(lambda: {mail["To"] for mail in mails.taken} == set(GUESTS))
    await outside.until(lambda: hung <= outside.webhook_ids())
    assert len({mail["Message-ID"] for mail in mails.taken}) == len(mails.taken) == len(GUESTS)
    assert await asyncio.to_thread(program.end, signal.SIGTERM) == 0
