"""What waits in the background is shown by /metrics, and by /_readyz when it is late."""

from datetime import timedelta

import pytest_asyncio
from sqlalchemy import delete, update

from parley.kernel.jobs import (
    as_metrics,
    backlogs,
    enqueue,
    outbox,
)


@pytest_asyncio.fixture
async def waiting(services, project):
    """Three mails: one that waits for its first attempt, one for its second, one that was given up."""
    mine = outbox.c.project_id == project.id
    async with services.database.transaction() as db:
        await db.execute(delete(outbox))
        dead = {"attempts": 9, "dead_at": services.clock.now()}
        for name, state in (("one", {"attempts": 0}), ("two", {"attempts": 1}), ("three", dead)):
            await enqueue(db, name, {}, project_id=project.id, queue="mail")
            await db.execute(update(outbox).where(mine, outbox.c.name == name).values(**state))
    yield
    async with services.database.transaction() as db:
        await db.execute(delete(outbox).where(mine))


async def test_metrics_count_what_waits_what_failed_and_what_was_given_up(services, waiting, clock):
    clock.advance(timedelta(seconds=50))
    async with services.database.transaction(write=False) as db:
        lines = as_metrics(await backlogs(db, clock.now())).decode().splitlines()
    for line in (
        'parley_queue_waiting{queue="mail"} 2.0',
        'parley_queue_retried{queue="mail"} 1.0',
        'parley_queue_dead{queue="mail"} 1.0',
        'parley_queue_waiting{queue="event"} 0.0',
        'parley_queue_waiting{queue="webhooks"} 0.0',
    ):
        assert line in lines
    [oldest] = [line for line in lines if line.startswith('parley_queue_oldest_seconds{queue="mail"}')]
    assert 49 <= float(oldest.split(" ")[1]) < 60


async def test_late_work_is_said_and_takes_no_requests_away(anonymous, waiting, clock):
    assert "background work" not in (await anonymous.get("/_readyz")).text
    clock.advance(timedelta(seconds=90))
    answer = await anonymous.get("/_readyz")
    assert answer.status_code == 200
    assert "background work: mail waits for 9" in answer.text


async def test_what_somebody_is_at_is_not_late(anonymous, services, waiting, clock, project):
    async with services.database.transaction() as db:
        await db.execute(update(outbox).where(outbox.c.project_id == project.id).values(holder="somebody"))
    clock.advance(timedelta(seconds=90))
    assert "background work" not in (await anonymous.get("/_readyz")).text
