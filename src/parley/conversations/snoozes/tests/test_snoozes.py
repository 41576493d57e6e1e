"""Background work of tickets: snoozed ones wake."""

from datetime import timedelta

import pytest

from parley.conversations.snoozes.actions import wake_due
from parley.conversations.tickets.tests.factories import Desk


async def snoozed(desk, clock, *, minutes=5, **fields):
    """Open a ticket that sleeps for some minutes."""
    opened = await desk.open()
    until = clock.now() + timedelta(minutes=minutes)
    return await desk.change(opened["ticket_number"], snoozed_until=until.isoformat(), **fields)


async def wake(services):
    async with services.database.transaction() as db:
        return await wake_due(db, services, services.clock.now())


@pytest.mark.parametrize(
    ("status", "after"),
    [("on_hold", "open"), ("pending", "open"), ("resolved", "open"), ("open", "open"), ("new", "new")],
)
async def test_a_snooze_that_ends_brings_the_ticket_back(desk, clock, status, after, services):
    before = await snoozed(desk, clock, status=status)
    assert await wake(services) == 0
    clock.advance(timedelta(minutes=6))
    assert await wake(services) == 1
    awake = await desk.ticket(1)
    assert (awake["status"], awake["snoozed_until"]) == (after, None)
    assert awake["updated_at"] > before["updated_at"]
    assert (await desk.listed(status=after))["count"] == (await desk.listed())["count"] == 1
    assert await wake(services) == 0
    assert await desk.ticket(1) == awake


async def test_open_pages_hear_of_tickets_that_wake(desk, clock, services):
    ticket = await snoozed(desk, clock)
    clock.advance(timedelta(minutes=6))
    async with services.live.subscription(f"project:{desk.project.id}") as notices:
        await wake(services)
        notice = notices.get_nowait()
    assert (notice.name, notice.data) == ("ticket.changed", {"ticket_id": ticket["id"], "number": 1})


async def test_what_is_unread_on_a_ticket_that_wakes_counts_at_once(desk, customer, clock, services):
    await customer.write("Hello?")
    until = clock.now() + timedelta(minutes=5)
    await desk.change(1, snoozed_until=until.isoformat(), status="resolved")
    assert await desk.unread() == 0
    clock.advance(timedelta(minutes=6))
    await wake(services)
    assert await desk.unread() == 1


async def test_waking_leaves_sleeping_and_deleted_tickets_alone(desk, clock, services):
    await snoozed(desk, clock, minutes=60)
    await snoozed(desk, clock)
    await desk.delete(2)
    clock.advance(timedelta(minutes=6))
    assert await wake(services) == 0
    assert (await desk.ticket(1))["status"] == "on_hold"


async def test_tickets_of_several_projects_wake_together(desk, mallory, clock, services):
    theirs = Desk(mallory, mallory.project)
    for _ in range(3):
        await snoozed(desk, clock)
    await snoozed(theirs, clock, status="pending")
    clock.advance(timedelta(minutes=6))
    assert await wake(services) == 4
    assert ((await desk.listed(status="open"))["count"], (await theirs.listed(status="open"))["count"]) == (
        3,
        1,
    )


async def test_two_workers_wake_each_ticket_once(desk, clock, database, services):
    for _ in range(5):
        await snoozed(desk, clock)
    clock.advance(timedelta(minutes=6))
    if database.dialect == "sqlite":
        woken = [await wake(services), await wake(services)]
    else:
        async with database.transaction() as one, database.transaction() as other:
            woken = [await wake_due(one, services, clock.now()), await wake_due(other, services, clock.now())]
    assert woken == [5, 0]
    assert (await desk.listed(status="open"))["count"] == 5


async def test_a_job_wakes_tickets(desk, clock, queue):
    await snoozed(desk, clock)
    clock.advance(timedelta(minutes=7))
    assert await queue.run_job("tickets.wake_snoozed") == 1
    assert (await desk.ticket(1))["status"] == "open"
