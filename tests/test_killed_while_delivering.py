"""Servers are killed while they deliver subscriptions: nobody misses a date, and a copy is known by its id.

`DELIVERY_KILLS=100` kills more often.
"""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import update

from parley.analytics.subscriptions.tables import subscription
from parley.commands.command_database import opened_services
from parley.kernel.config.settings import Settings
from parley.kernel.jobs import job_schedule
from parley.kernel.jobs.registry import QUEUES
from parley.kernel.jobs.tables import outbox
from tests import servers
from tests.parley_server import Project, migrated_postgres_url
from tests.receiver import receiving
from tests.smtp_peer import smtp_peer
from tests.test_faults import Program

N_KILLS = int(os.environ.get("DELIVERY_KILLS", "2"))
KILLS_OF_A_ROUND = 2
N_MAILED, N_ADDRESSES, N_CALLED = 8, 3, 8
N_SENT = N_MAILED * N_ADDRESSES + N_CALLED
LONGEST_S = 120


class Sinks:
    """Whoever gets deliveries: a mail server and a URL."""

    async def open(self, stack: AsyncExitStack) -> None:
        self.peer = await stack.enter_async_context(smtp_peer())
        self.receiver = await stack.enter_async_context(receiving())

    @property
    def settings(self) -> dict[str, str]:
        allowed = f"{self.receiver.host}:{self.receiver.port}"
        return {"PARLEY_SMTP_URL": self.peer.url, "PARLEY_ALLOWED_HOSTS_OUT": allowed}

    @property
    def copies(self) -> Counter[tuple[str, str]]:
        """How often each recipient got each message."""
        mailed = Counter((one.recipients[0], str(one.mail["Message-ID"])) for one in self.peer.taken)
        called = Counter((one.path, one.headers["webhook-id"]) for one in self.receiver.received)
        return mailed + called


@pytest_asyncio.fixture
async def sinks() -> AsyncIterator[Sinks]:
    async with AsyncExitStack() as stack:
        made = Sinks()
        await made.open(stack)
        yield made


class Fleet:
    """One server on SQLite, or two that share a PostgreSQL; all are killed and started at the same time."""

    def __init__(self, folder: Path, kind: str, settings: dict[str, str]) -> None:
        names = ["one"]
        if kind == "postgresql":
            names = ["one", "two"]
            shared = {
                "PARLEY_DATABASE_URL": migrated_postgres_url(),
                "PARLEY_REDIS_URL": servers.redis_url(),
                "PARLEY_SECRET_KEY": "the key of both servers, which they must share",
                "PARLEY_SITE_URL": "http://parley.example.com",
            }
            settings = {**settings, **shared}
        for name in names:
            (folder / name).mkdir()
        storage = {"PARLEY_STORAGE_URL": (folder / "files").as_uri()}
        self.programs = [Program(folder / name, settings | storage) for name in names]

    async def start(self) -> None:
        await asyncio.gather(*(asyncio.to_thread(one.run) for one in self.programs))

    async def kill(self) -> None:
        for one in self.programs:
            await asyncio.to_thread(one.end, signal.SIGKILL)

    async def let_be_due(self, at: datetime | None) -> None:
        """Let a date of all subscriptions have come, and what the killed servers held be free again."""
        async with opened_services(Settings.from_env(self.programs[0].settings)) as services:
            now = services.clock.now()
            async with services.database.transaction() as db:
                if at is not None:
                    await db.execute(update(subscription).values(enabled=True, next_delivery_date=at))
                looks = job_schedule.c.name == "subscription_deliveries.look_for_due"
                await db.execute(update(job_schedule).where(looks).values(due_at=now - timedelta(seconds=1)))
                held = update(outbox).where(outbox.c.holder.is_not(None))
                await db.execute(held.values(holder=None, available_at=now))


async def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST_S
    while not is_so():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


async def subscribe_all(fleet: Fleet, project: Project, sinks: Sinks) -> None:
    """Make subscriptions that are not enabled yet, so that nobody is invited."""
    mailed = [",".join(f"p{n}-{m}@example.com" for m in range(N_ADDRESSES)) for n in range(N_MAILED)]
    called = [f"{sinks.receiver.url}/{n}" for n in range(N_CALLED)]
    targets = [*(("email", one) for one in mailed), *(("webhook", one) for one in called)]
    root = f"/api/projects/{project.project_id}"
    start = datetime.now().astimezone() - timedelta(days=9, hours=12)  # no date of its own comes meanwhile
    async with fleet.programs[0].client(project) as client:
        insight = (await client.post(f"{root}/insights/", json={"name": "Visits"})).json()["id"]
        for kind, target in targets:
            body = {"insight": insight, "target_type": kind, "target_value": target, "enabled": False}
            body |= {"frequency": "daily", "start_date": start.isoformat()}
            answer = await client.post(f"{root}/subscriptions/", json=body)
            assert answer.status_code == 201, answer.text


async def statuses(fleet: Fleet, project: Project) -> Counter[str]:
    """Return how many of the deliveries are in each state."""
    root = f"/api/projects/{project.project_id}/subscriptions/"
    found: Counter[str] = Counter()
    async with fleet.programs[0].client(project) as client:
        for one in (await client.get(root)).json()["results"]:
            page = (await client.get(f"{root}{one['id']}/deliveries/")).json()
            found.update(delivery["status"] for delivery in page["results"])
    return found


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_kills_lose_no_delivery_and_repeat_only_what_was_in_the_hands_of_the_other_side(
    tmp_path: Path, sinks: Sinks, kind: str
):
    fleet, chance = Fleet(tmp_path, kind, sinks.settings), random.Random()
    await fleet.start()
    n_rounds = -(-N_KILLS // KILLS_OF_A_ROUND)
    try:
        project = fleet.programs[0].bootstrap("owner@example.com")
        await subscribe_all(fleet, project, sinks)
        await fleet.kill()
        for round_ in range(1, n_rounds + 1):
            at: datetime | None = datetime.now().astimezone() - timedelta(hours=1)
            for _ in range(KILLS_OF_A_ROUND):
                await fleet.let_be_due(at)
                await fleet.start()
                n_before = len(sinks.copies)
                n_left = N_SENT * round_ - n_before
                kill_at = n_before + chance.randrange(n_left) if n_left else n_before
                await until(lambda n=kill_at: len(sinks.copies) >= n)  # type: ignore[misc]
                await asyncio.sleep(chance.random() / 20)
                await fleet.kill()
                at = None
            await fleet.let_be_due(None)
            await fleet.start()
            await until(lambda n=N_SENT * round_: len(sinks.copies) >= n)  # type: ignore[misc]
            deadline = time.monotonic() + LONGEST_S
            n_listed = (N_MAILED + N_CALLED) * min(round_, 50)
            while (found := await statuses(fleet, project)) != {"completed": n_listed}:
                assert time.monotonic() < deadline, found
                await asyncio.sleep(0.1)
            if round_ < n_rounds:
                await fleet.kill()
    finally:
        await fleet.kill()
    copies = sinks.copies
    dates = Counter(recipient for recipient, _ in copies)
    n_repeated, n_kills = sum(copies.values()) - len(copies), n_rounds * KILLS_OF_A_ROUND
    print(f"{kind}: {n_repeated} of {len(copies)} messages came again after {n_kills} kills")
    assert len(dates) == N_SENT and set(dates.values()) == {n_rounds}
    assert n_repeated <= (QUEUES["mail"] + N_CALLED) * len(fleet.programs) * n_kills
