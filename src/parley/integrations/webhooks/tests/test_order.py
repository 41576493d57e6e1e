"""What happens on a ticket arrives in the order in which it happened."""

from datetime import timedelta
from typing import cast
from uuid import uuid4

import pytest
from sqlalchemy import text

from parley.integrations.webhooks.queries.deliveries import due_deliveries
from parley.integrations.webhooks.rules import BATCH, MOST_FAILURES
from parley.kernel.database.transaction import Db
from tests.receiver import answers

TICKETS = [str(uuid4()) for _ in range(3)]


@pytest.fixture
def places(receiver):
    """Return which of a ticket's messages were accepted, in the order in which they came."""

    def of(ticket: str) -> list[int]:
        properties = [one.json()["data"]["properties"] for one in receiver.received]
        return [one["place"] for one in properties if one["ticket_id"] == ticket]

    return of


async def test_many_messages_arrive_in_order(add, happen, queue, receiver, places):
    await add()
    for place in range(BATCH + 20):
        await happen(ticket_id=TICKETS[place % 3], place=place)
    await queue.drain()
    for first, ticket in enumerate(TICKETS):
        assert places(ticket) == list(range(first, BATCH + 20, 3))


async def test_a_message_that_fails_keeps_back_what_else_tells_of_its_ticket(
    add, happen, queue, receiver, places, clock
):
    await add()

    async def respond(writer, request):
        about = request.json()["data"]["properties"]
        fails = about["place"] == 0 and len(places(TICKETS[0])) <= 2
        await answers(500 if fails else 200)(writer, request)

    receiver.respond = respond
    for place in range(6):
        await happen(ticket_id=TICKETS[place % 2], place=place)
    await queue.drain()
    clock.advance(timedelta(seconds=1))
    await queue.drain()
    assert (places(TICKETS[0]), places(TICKETS[1])) == ([0], [1, 3, 5])
    clock.advance(timedelta(seconds=5))
    await queue.drain()
    assert places(TICKETS[0]) == [0, 0]
    await happen(ticket_id=TICKETS[0], place=6)
    await queue.drain()
    assert places(TICKETS[0]) == [0, 0]
    clock.advance(timedelta(minutes=5))
    await queue.drain()
    assert places(TICKETS[0]) == [0, 0, 0, 2, 4, 6]


async def test_after_an_outage_all_is_sent_in_order_at_once(add, happen, queue, receiver, places, clock):
    await add()
    receiver.respond = answers(500)
    await happen(ticket_id=TICKETS[0], place=0)
    for place in range(1, MOST_FAILURES):
        await queue.drain()
        await happen(ticket_id=str(uuid4()), place=place)
    await queue.drain()
    await happen(ticket_id=TICKETS[0], place=1)
    await happen(ticket_id=TICKETS[1], place=2)
    receiver.received.clear()
    receiver.respond = answers(200)
    clock.advance(timedelta(minutes=1, seconds=1))
    await queue.drain()
    assert places(TICKETS[0]) == [0, 1]
    assert len(receiver.received) == MOST_FAILURES + 2


@pytest.mark.parametrize("failures", [1, 2, 5])
@pytest.mark.parametrize("ahead", [timedelta(days=1), timedelta(minutes=20)])
async def test_a_clock_that_is_set_back_delays_no_retry(
    add, happen, queue, receiver, log_of, clock, failures, ahead
):
    webhook = await add()
    receiver.respond = answers(500, Retry_After="600")
    clock.freeze()
    clock.advance(ahead)
    for _ in range(failures):
        await happen()
        await queue.drain()
        clock.advance(timedelta(minutes=11))
    clock.advance(-ahead - failures * timedelta(minutes=11))
    receiver.respond = answers(200)
    if ahead < timedelta(hours=12):
        # So short a jump could be a pause; the process has noticed it.
        await queue._bring_all_forward()
    await queue.drain()
    assert {one["state"] for one in await log_of(webhook)} == {"delivered"}


async def test_after_a_clock_was_wrong_retries_have_their_usual_pauses(
    add, happen, queue, receiver, log_of, clock
):
    webhook = await add()
    receiver.respond = answers(500)
    clock.freeze()
    clock.advance(timedelta(days=1))
    await happen()
    await queue.drain()
    clock.advance(timedelta(days=-1))
    await queue.drain()
    assert [one["attempts"] for one in await log_of(webhook)] == [2]
    for expected in (3, 4, 5):
        await queue._bring_all_forward()
        await queue.drain()
        assert [one["attempts"] for one in await log_of(webhook)] == [expected]
    receiver.respond = answers(200)
    clock.advance(timedelta(hours=10))
    await queue.drain()
    assert [(one["state"], one["attempts"]) for one in await log_of(webhook)] == [("delivered", 6)]


async def test_what_is_due_is_found_by_the_index(add, services, project, api, path):
    webhook = await add()
    await api.post(f"{path}{webhook['id']}/test/")
    seen: list[str] = []

    class Listening:
        dialect = services.database.engine.dialect

        async def execute(self, statement):
            compiled = statement.compile(dialect=self.dialect, compile_kwargs={"literal_binds": True})
            seen.append(str(compiled))
            return []

    await due_deliveries(cast(Db, Listening()), project.id, uuid4(), services.clock.now(), 5)
    async with services.database.transaction(write=False) as db:
        explain = "EXPLAIN" if db.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
        if db.dialect.name == "postgresql":
            await db.execute(text("SET LOCAL enable_seqscan = off"))
            await db.execute(text("SET LOCAL enable_sort = off"))
        plan = str((await db.execute(text(f"{explain} {seen[0]}"))).all())
    assert "ix_webhook_delivery_order" in plan
    assert "TEMP B-TREE FOR ORDER BY" not in plan
