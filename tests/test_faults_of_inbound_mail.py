"""A server that takes mail is killed again and again under load: the ledger and the tickets agree, and nothing is lost."""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from uuid import uuid4

import httpx
import pytest

from parley.email.mail_webhook.tests.posted import SIGNING_KEY, posted, signed
from tests.parley_server import migrated_postgres_url
from tests.test_faults import START_S, Program

WEBHOOK = "/api/conversations/v1/email/inbound"
IS_LONG = "KILLS" in os.environ
N_KILLS = int(os.environ.get("KILLS", "1"))
N_MAILS = 30 * N_KILLS
SETTLED_S = 90


@pytest.fixture(params=["sqlite", "postgresql"] if IS_LONG else ["postgresql"])
def program(request, tmp_path):
    settings = {"PARLEY_MAILGUN_SIGNING_KEY": SIGNING_KEY}
    if request.param == "postgresql":
        settings["PARLEY_DATABASE_URL"] = migrated_postgres_url()
    made = Program(tmp_path, settings)
    made.run()
    yield made
    if made.process is not None and made.process.poll() is None:
        made.end(signal.SIGKILL)


class Provider:
    """Posts mails as Mailgun does: each one again, under a new signature, until it hears that it was taken."""

    def __init__(self, program: Program, recipient: str) -> None:
        self.program = program
        self.n_taken = 0
        self.mails = asyncio.Queue[dict[str, str]]()
        self.run_id = uuid4().hex
        for number in range(N_MAILS):
            thread, place = divmod(number, 3)
            first = f"<{thread}.0.{self.run_id}@example.com>"
            self.mails.put_nowait(
                posted(
                    recipient,
                    Message_Id=f"<{thread}.{place}.{self.run_id}@example.com>",
                    In_Reply_To=first if place else None,
                    sender=f"c{thread}@example.com",
                    body_plain=f"mail {number}",
                    stripped_text=f"mail {number}",
                    **{"from": f"c{thread}@example.com"},
                )
            )

    async def post(self) -> None:
        """Post one mail after the other, until there are none left."""
        while not self.mails.empty():
            mail = self.mails.get_nowait()
            while True:
                try:
                    async with httpx.AsyncClient(base_url=self.program.url, timeout=20) as client:
                        answer = await client.post(WEBHOOK, data={**mail, **signed()})
                    if answer.status_code == 200:
                        break
                    assert answer.status_code in (429, 500, 503), answer.text
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)
            self.n_taken += 1


async def connect(client: httpx.AsyncClient, project_id: int) -> str:
    """Connect a channel; return its forwarding address."""
    body = {"from_email": "support@example.org", "from_name": "Support", "project_id": project_id}
    answer = await client.post("/api/conversations/v1/email/connect", json=body)
    assert answer.status_code in (200, 201), answer.text
    address: str = answer.json()["config"]["forwarding_address"]
    return address


async def ledger(client: httpx.AsyncClient, project_id: int) -> list[dict[str, str]]:
    url = f"/api/projects/{project_id}/conversations/inbound_messages/?limit=1000"
    rows: list[dict[str, str]] = (await client.get(url)).json()["results"]
    return rows


async def settled(client: httpx.AsyncClient, project_id: int) -> list[dict[str, str]]:
    """Return the ledger once nothing in it waits any more."""
    deadline = time.monotonic() + SETTLED_S
    while True:
        rows = await ledger(client, project_id)
        waiting = [row for row in rows if row["state"] in ("received", "failed")]
        if not waiting:
            return rows
        assert time.monotonic() < deadline, waiting[:3]
        await asyncio.sleep(0.5)


async def test_killed_at_random_moments_it_loses_nothing_and_stores_nothing_twice(program):
    project = program.bootstrap("owner@example.com")
    async with program.client(project) as client:
        provider = Provider(program, await connect(client, project.project_id))
    tasks = [asyncio.create_task(provider.post()) for _ in range(6)]
    dice = random.Random(program.port)
    for _ in range(N_KILLS):
        await asyncio.sleep(dice.uniform(0.2, 1.2))
        assert program.end(signal.SIGKILL) == -signal.SIGKILL
        await asyncio.to_thread(program.run)
    await asyncio.wait_for(asyncio.gather(*tasks), START_S * 3)
    assert provider.n_taken == N_MAILS
    async with program.client(project) as client:
        rows = await settled(client, project.project_id)
        tickets = await tickets_of(client, project.project_id)
    states = Counter(row["state"] for row in rows)
    assert len(rows) == N_MAILS == states["stored"] + states["merged"], states
    assert len({row["message_id"] for row in rows}) == N_MAILS
    assert len({row["comment_id"] for row in rows}) == N_MAILS
    assert len(tickets) == states["stored"]
    of_tickets = Counter(row["ticket_id"] for row in rows)
    assert {ticket["id"]: ticket["message_count"] for ticket in tickets} == of_tickets
    assert sorted(ticket["ticket_number"] for ticket in tickets) == [*range(1, len(tickets) + 1)]


async def tickets_of(client: httpx.AsyncClient, project_id: int) -> list[dict[str, str]]:
    path = f"/api/projects/{project_id}/conversations/tickets/"
    found: list[dict[str, str]] = (await client.get(path, params={"limit": 1000})).json()["results"]
    return found
