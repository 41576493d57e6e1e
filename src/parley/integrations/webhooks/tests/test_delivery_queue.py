"""Webhooks that are down: they rest, are tried again, and don't hold up others."""

import asyncio
import time
from copy import copy
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from parley.integrations.webhooks.actions.delivery_queue import DELIVER, release, take_batch
from parley.integrations.webhooks.actions.sending import record_batch
from parley.integrations.webhooks.rules import MOST_ENDPOINTS, MOST_FAILURES, Outcome
from parley.integrations.webhooks.tables import webhook_delivery, webhook_endpoint
from parley.kernel.clock import SystemClock
from parley.kernel.ids import new_uuid
from parley.kernel.jobs import Queue, outbox
from parley.kernel.jobs.registry import QUEUES
from parley.kernel.secrets import Vault
from tests.receiver import answers, hang_up


@pytest.fixture
def show(api, path):
    async def shown(webhook):
        return (await api.get(f"{path}{webhook['id']}/")).json()

    return shown


@pytest.fixture
def fail_often(add, happen, queue, receiver, show):
    """Make a webhook and let it fail until it is paused; return it."""

    async def failed():
        webhook = await add()
        receiver.respond = answers(500)
        for _ in range(MOST_FAILURES):
            await happen()
            await queue.drain()
        return webhook

    return failed


async def test_after_failures_in_a_row_an_endpoint_gets_a_rest(
    fail_often, happen, queue, receiver, show, clock
):
    webhook = await fail_often()
    found = await show(webhook)
    assert (found["failure_count"], found["enabled"]) == (MOST_FAILURES, True)
    assert found["paused_until"] and found["last_failure_at"]
    count = len(receiver.received)
    await happen()
    clock.advance(timedelta(seconds=30))
    await queue.drain()
    assert len(receiver.received) == count


async def test_after_the_rest_one_message_tries_whether_it_is_back(fail_often, queue, receiver, show, clock):
    webhook = await fail_often()
    count = len(receiver.received)
    clock.advance(timedelta(seconds=61))
    await queue.drain()
    assert len(receiver.received) == count + 1
    clock.advance(timedelta(seconds=61))  # the second rest is twice as long
    await queue.drain()
    assert len(receiver.received) == count + 1
    assert (await show(webhook))["failure_count"] == MOST_FAILURES + 1


async def test_an_endpoint_that_is_back_gets_everything_that_waited(
    fail_often, happen, queue, receiver, show, clock, log_of
):
    webhook = await fail_often()
    for _ in range(20):
        await happen()
    await queue.drain()
    receiver.respond = answers(200)
    clock.advance(timedelta(minutes=6))
    await queue.drain()
    assert {one["state"] for one in await log_of(webhook)} == {"delivered"}
    found = await show(webhook)
    assert (found["failure_count"], found["paused_until"]) == (0, None)
    assert found["last_success_at"]


async def test_switching_it_on_again_or_another_url_ends_the_rest(
    fail_often, queue, receiver, other, show, api, path
):
    webhook = await fail_often()
    one = f"{path}{webhook['id']}/"
    await api.patch(one, json={"description": "Still down"})
    assert (await show(webhook))["paused_until"]
    changed = (await api.patch(one, json={"url": other.url})).json()
    assert (changed["failure_count"], changed["paused_until"]) == (0, None)


async def test_what_waited_while_it_was_off_goes_out_when_it_is_on(
    add, happen, queue, receiver, api, path, clock, log_of
):
    webhook = await add()
    receiver.respond = hang_up
    await happen()
    await queue.drain()
    one = f"{path}{webhook['id']}/"
    await api.patch(one, json={"enabled": False})
    clock.advance(timedelta(minutes=1))
    await queue.drain()
    assert len(receiver.received) == 1
    receiver.respond = answers(200)
    await api.patch(one, json={"enabled": True})
    await queue.drain()
    assert [delivery["state"] for delivery in await log_of(webhook)] == ["delivered"]


async def test_an_endpoint_that_hangs_delays_nobody_else(add, happen, services, receiver, other, log_of):
    over = asyncio.Event()

    async def hang(writer, _):
        await over.wait()

    receiver.respond = hang
    slow = [await add() for _ in range(3)]
    await add(url=other.url)
    in_real_time = copy(services)
    in_real_time.clock = SystemClock()
    running = Queue(in_real_time)
    await running.start()
    try:
        began = time.monotonic()
        for _ in range(20):
            await happen()
        while len(other.received) < 20:
            assert time.monotonic() - began < 60, f"only {len(other.received)} of 20 arrived"
            await asyncio.sleep(0.02)
        assert {one["state"] for webhook in slow for one in await log_of(webhook)} == {"pending"}
    finally:
        over.set()
        await running.stop()


async def test_many_messages_ask_for_one_piece_of_work(add, api, path, queue, receiver, services, project):
    webhook = await add()
    for _ in range(20):
        await api.post(f"{path}{webhook['id']}/test/")
    asked = select(func.count()).where(outbox.c.name == DELIVER, outbox.c.project_id == project.id)
    async with services.database.transaction(write=False) as db:
        assert (await db.execute(asked)).scalar_one() == 1
    await queue.drain()
    assert len(receiver.received) == 20
    async with services.database.transaction(write=False) as db:
        assert (await db.execute(asked)).scalar_one() == 0


def arrived(sending):
    """Return what came of a batch that arrived."""
    return {due.id: Outcome(status=200) for due in sending.deliveries}


async def take(services, project, webhook, work_id):
    async with services.database.transaction() as db:
        vault = Vault(services.settings.secret_key)
        return await take_batch(db, vault, project.id, UUID(webhook["id"]), work_id, services.clock.now())


async def test_a_queue_is_held_by_one_work_and_taken_over_after_a_crash(
    add, api, path, services, project, clock, queue, receiver, log_of
):
    webhook = await add()
    await api.post(f"{path}{webhook['id']}/test/")
    first, second = new_uuid(), new_uuid()
    assert await take(services, project, webhook, first) is not None
    assert await take(services, project, webhook, second) is None
    assert await take(services, project, webhook, first) is not None  # tried again after its process died
    clock.advance(timedelta(seconds=91))
    taken = await take(services, project, webhook, second)
    assert taken is not None
    # Whoever was taken for dead may still note what came of it, once.
    for work_id in (first, second):
        async with services.database.transaction() as db:
            await record_batch(db, services, taken, arrived(taken))
            await release(db, project.id, UUID(webhook["id"]), work_id, clock.now())
    [delivery] = await log_of(webhook)
    assert (delivery["state"], delivery["attempts"]) == ("delivered", 1)


def test_a_project_has_half_of_the_places_at_most():
    assert QUEUES["webhooks"] >= MOST_ENDPOINTS * 2


async def test_a_webhook_deleted_on_the_way_is_forgotten(add, api, path, services, project, clock):
    webhook = await add()
    await api.post(f"{path}{webhook['id']}/test/")
    work_id = new_uuid()
    taken = await take(services, project, webhook, work_id)
    await api.delete(f"{path}{webhook['id']}/")
    async with services.database.transaction() as db:
        await record_batch(db, services, taken, arrived(taken))
        await release(db, project.id, UUID(webhook["id"]), work_id, clock.now())
    assert (await api.get(f"{path}{webhook['id']}/")).status_code == 404


async def test_work_that_never_came_is_asked_for_again(
    add, api, path, queue, services, clock, receiver, log_of
):
    webhook = await add()
    mine = webhook_endpoint.c.id == UUID(webhook["id"])
    # As if a process had taken the queue and died, and its work could not be done by anybody.
    lost = {"busy_by": new_uuid(), "busy_until": clock.now(), "called_at": clock.now()}
    async with services.database.transaction() as db:
        await db.execute(update(webhook_endpoint).where(mine).values(**lost))
    await api.post(f"{path}{webhook['id']}/test/")
    await queue.drain()
    assert receiver.received == []
    clock.advance(timedelta(minutes=11))
    await queue.run_job("webhooks.tidy_deliveries")
    await queue.drain()
    assert [delivery["state"] for delivery in await log_of(webhook)] == ["delivered"]


async def test_old_deliveries_are_given_up_and_forgotten(
    add, api, path, queue, services, clock, log_of, receiver
):
    webhook = await add()
    for _ in range(3):
        await api.post(f"{path}{webhook['id']}/test/")
    waiting, kept, old = (UUID(one["id"]) for one in await log_of(webhook))
    now = clock.now()
    changes = [
        (waiting, {"created_at": now - timedelta(days=2, seconds=1)}),
        (kept, {"state": "delivered", "created_at": now - timedelta(days=29)}),
        (old, {"state": "delivered", "created_at": now - timedelta(days=30, seconds=1)}),
    ]
    async with services.database.transaction() as db:
        for id, values in changes:
            await db.execute(update(webhook_delivery).where(webhook_delivery.c.id == id).values(**values))
    assert await queue.run_job("webhooks.tidy_deliveries") >= 2
    await queue.run_job("webhooks.tidy_deliveries")
    found = {one["id"]: one for one in await log_of(webhook)}
    assert set(found) == {str(waiting), str(kept)}
    assert (found[str(waiting)]["state"], found[str(waiting)]["next_at"]) == ("failed", None)
    assert "Given up" in found[str(waiting)]["last_error"]
    await queue.drain()
    assert receiver.received == []
