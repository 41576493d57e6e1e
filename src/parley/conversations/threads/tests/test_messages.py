"""Messages of customers, as every channel hands them in."""

import asyncio
from types import SimpleNamespace
from uuid import uuid4

import pytest

from parley.conversations.threads.rules import Visitor, is_own
from parley.conversations.tickets.actions.customers import mark_read_by_customer
from parley.conversations.tickets.rules.comments import TICK
from parley.kernel.errors import NotFound, PermissionDenied


async def test_a_first_message_opens_a_ticket(desk, customer):
    received = await customer.write(
        "Hello", traits={"name": "Ada"}, session_id="s", channel_detail="widget_embedded"
    )
    assert (received.ticket_status, received.unread_count) == ("new", 0)
    (ticket,) = (await desk.listed())["results"]
    wanted = {
        "id": str(received.ticket_id), "ticket_number": 1, "status": "new", "anonymous_traits": {"name": "Ada"},
        "session_id": "s", "channel_source": "widget", "channel_detail": "widget_embedded", "message_count": 1,
        "unread_team_count": 1, "last_message_text": "Hello", "identity_verified": False,
    }  # fmt: skip
    assert {name: ticket[name] for name in wanted} == wanted
    assert await desk.unread() == 1


async def test_a_later_message_adds_to_what_is_known(desk, customer):
    first = await customer.write(
        "Hello", traits={"a": "1", "b": "1"}, session_id="s", session_context={"x": 1}
    )
    more = {"traits": {"b": None}, "session_context": {"y": 2}, "distinct_id": "another"}
    second = await customer.write("More", first.ticket_id, **more)
    assert second.ticket_id == first.ticket_id and second.created_at > first.created_at
    ticket = await desk.ticket(1)
    assert ticket["anonymous_traits"] == {"a": "1", "b": None}
    assert (ticket["session_context"], ticket["session_id"]) == ({"x": 1, "y": 2}, "s")
    assert (ticket["distinct_id"], ticket["message_count"], ticket["last_message_text"]) == (
        "visitor",
        2,
        "More",
    )


async def test_the_list_shows_the_first_five_hundred_letters(desk, customer):
    await customer.write("é" * 600)
    assert (await desk.listed())["results"][0]["last_message_text"] == "é" * 500


@pytest.mark.parametrize(("setting", "status"), [({}, "open"), ({"reopen_on_reply": False}, "resolved")])
async def test_a_reply_reopens_a_resolved_ticket_unless_the_project_says_no(desk, customer, setting, status):
    first = await customer.write("Hello")
    await desk.change(1, status="resolved")
    customer.settings = setting
    assert (await customer.write("More", first.ticket_id)).ticket_status == status
    assert (await desk.listed(status=status))["count"] == 1
    assert await desk.unread() == (2 if status == "open" else 0)


@pytest.mark.parametrize(("setting", "is_awake"), [({}, True), ({"reopen_on_reply": False}, False)])
async def test_a_reply_ends_a_snooze_unless_the_project_says_no(desk, customer, setting, is_awake):
    first = await customer.write("Hello")
    await desk.change(1, snoozed_until="2099-01-01T09:00:00Z")
    customer.settings = setting
    said = await customer.write("It is urgent now", first.ticket_id)
    assert said.ticket_status == ("open" if is_awake else "on_hold")
    found = await desk.ticket(1)
    assert (found["status"] == "open") is is_awake and (found["snoozed_until"] is None) is is_awake


async def test_an_answer_of_the_team_and_a_note_end_no_snooze(desk, customer):
    first = await customer.write("Hello")
    await desk.change(1, snoozed_until="2099-01-01T09:00:00Z")
    await desk.say({"id": str(first.ticket_id)}, "We look into it")
    await desk.say({"id": str(first.ticket_id)}, "Ask the carrier", is_private=True)
    found = await desk.ticket(1)
    assert found["status"] == "on_hold" and found["snoozed_until"] is not None


async def test_the_tickets_of_others_are_forbidden_and_missing_ones_not_found(
    customer, desk, mallory, services
):
    from parley.conversations.conftest import Customer

    received = await customer.write("Hello")
    neighbour, stranger = Customer(services, desk.project), Customer(services, mallory.project)
    with pytest.raises(PermissionDenied, match="Forbidden"):
        await neighbour.write("Mine", received.ticket_id)
    for who, ticket_id in ((stranger, received.ticket_id), (customer, uuid4())):
        with pytest.raises(NotFound, match="Ticket not found"):
            await who.write("Mine", ticket_id)
    await desk.delete(1)
    with pytest.raises(NotFound):
        await customer.write("More", received.ticket_id)


async def test_messages_at_the_same_instant_keep_their_order(customer, clock):
    at = clock.freeze()
    first = await customer.write("One")
    second = await customer.write("Two", first.ticket_id)
    assert (first.created_at, second.created_at) == (at, at + TICK)


async def test_messages_at_the_same_time_are_all_counted(desk, customer):
    first = await customer.write("0")
    received = await asyncio.gather(*(customer.write(str(index), first.ticket_id) for index in range(1, 20)))
    ticket = (await desk.listed())["results"][0]
    assert (ticket["message_count"], ticket["unread_team_count"]) == (20, 20)
    assert len({one.created_at for one in received}) == 19
    assert ticket["last_message_at"] == max(one.created_at for one in received).isoformat().replace(
        "+00:00", "Z"
    )


async def test_open_pages_hear_of_messages_once_they_are_stored(desk, customer, services):
    async with services.live.subscription(f"project:{desk.project.id}") as notices:
        first = await customer.write("One")
        second = await customer.write("Two", first.ticket_id)
        opened, added = notices.get_nowait(), notices.get_nowait()
        assert notices.empty()
    about = {"ticket_id": str(first.ticket_id), "number": 1}
    assert (opened.name, opened.data) == ("ticket.opened", about)
    assert (added.name, added.data) == ("message.added", {**about, "message_id": str(second.message_id)})


async def test_reading_by_the_customer_clears_their_count_once(desk, customer, database, services):
    received = await customer.write("Hello")
    await desk.say({"id": str(received.ticket_id)}, "Hi")
    async with services.live.subscription(f"project:{desk.project.id}") as notices:
        for _ in range(2):
            async with database.transaction() as db:
                await mark_read_by_customer(db, services, desk.project.id, received.ticket_id)
        assert notices.qsize() == 1
    ticket = (await desk.listed())["results"][0]
    assert (ticket["unread_customer_count"], ticket["unread_team_count"]) == (0, 1)


async def test_an_address_claim_opens_verified_tickets_only(customer):
    visitor = Visitor(distinct_id="ada", signed_email="ada@example.com")

    def sees(known):
        claimed = {"widget_session_id": uuid4(), "claim_email": None, "closed_to_sessions": False}
        return is_own(
            SimpleNamespace(distinct_id="Ada@example.com", identity_verified=known, **claimed), visitor
        )

    assert [sees(known) for known in (True, False, None)] == [
        True,
        False,
        False,
    ]
