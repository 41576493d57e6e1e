"""What is sent of what happens, and to whom."""

from datetime import timedelta

import pytest

from parley.conversations.conftest import Customer
from parley.conversations.snoozes.actions import wake_due
from parley.conversations.stream.tests.conftest import Ear
from parley.conversations.stream.tests.listener import (
    caught_up,
    heard_since,
    place_of,
    present_place,
)


@pytest.fixture
def customer(services, project):
    return Customer(services, project)


async def test_an_event_of_a_ticket_carries_the_ticket(desk, ear):
    opened = await desk.open(message="Hello?", tags=["vip"])
    [event] = await ear.news()
    assert (event.name, event.data["type"]) == ("ticket.opened", "ticket.opened")
    assert set(event.data) == {"type", "ticket_id", "ticket_number", "timestamp", "ticket"}
    assert (event.data["ticket_id"], event.data["ticket_number"]) == (opened["id"], 1)
    assert event.data["ticket"] == opened
    assert event.data["timestamp"].endswith("Z")


async def test_an_event_of_a_message_carries_the_message(desk, ear):
    await desk.open()
    await ear.news()
    said = (await desk.client.post(f"{desk.tickets}1/reply/", json={"message": "It left."})).json()
    [event] = await ear.news()
    assert (event.name, event.data["message"], event.data["message_id"]) == (
        "message.added",
        said,
        said["id"],
    )
    assert "ticket" not in event.data


async def test_a_message_that_moves_the_status_and_the_ticket_come_in_one_order(desk, customer, ear):
    ticket = await desk.open()
    await desk.change(1, status="resolved")
    await ear.news()
    await desk.say(ticket, "It is broken again", author_type="customer")
    assert [event.name for event in await ear.news()] == ["ticket.changed", "message.added"]
    received = await customer.write("Hello?")
    await desk.change(2, status="resolved")
    await ear.news()
    await customer.write("Still there?", ticket_id=received.ticket_id)
    assert [event.name for event in await ear.news()] == ["message.added", "ticket.changed"]


async def test_private_notes_are_sent_too(desk, ear):
    await desk.open()
    note = (await desk.client.post(f"{desk.tickets}1/notes/", json={"message": "Careful."})).json()
    [_, event] = await ear.news()
    assert (event.data["message"]["is_private"], event.data["message"]["id"]) == (True, note["id"])


async def test_a_removed_message_is_not_sent(desk, ear):
    ticket = await desk.open()
    said = await desk.say(ticket, "A slip")
    await desk.edit(said, content="A smaller slip")
    assert [event.data["message"]["content"] for event in (await ear.news())[1:]] == ["A smaller slip"] * 2
    await desk.edit(said, deleted=True)
    [event] = await ear.news()
    assert (event.name, event.data["message_id"]) == ("message.changed", said["id"])
    assert "message" not in event.data


async def test_things_are_sent_as_they_are_by_now(desk, ear):
    await desk.open()
    await desk.change(1, priority="high")
    await desk.change(1, priority="low")
    events = await ear.news()
    assert [event.name for event in events] == ["ticket.opened", "ticket.changed", "ticket.changed"]
    assert {event.data["ticket"]["priority"] for event in events} == {"low"}


async def test_a_deleted_ticket_comes_as_its_number_and_comes_back_whole(desk, ear):
    ticket = await desk.open()
    await ear.news()
    await desk.delete(1)
    [event] = await ear.news()
    assert (event.about, event.data["ticket_id"]) == (("ticket.deleted", 1), ticket["id"])
    assert "ticket" not in event.data
    await desk.client.post(f"{desk.tickets}1/restore/")
    [event] = await ear.news()
    assert (event.about, event.data["ticket"]["status"]) == (("ticket.changed", 1), "new")


async def test_of_a_ticket_that_is_gone_only_its_end_is_sent(desk, ear):
    ticket = await desk.open()
    await desk.say(ticket, "Hello")
    await desk.delete(1)
    assert await ear.names() == [("ticket.deleted", 1)]


async def test_customers_are_heard(customer, desk, ear):
    opened = await customer.write("Hello?")
    await customer.write("Anybody there?", opened.ticket_id)
    [first, second] = await ear.news()
    assert (first.name, second.name) == ("ticket.opened", "message.added")
    assert second.data["message"]["content"] == "Anybody there?"


async def test_a_message_that_reopens_a_ticket_is_a_change_of_the_ticket(customer, desk, ear):
    opened = await customer.write("Hello?")
    await desk.change(1, status="resolved")
    await ear.news()
    await customer.write("Still broken", opened.ticket_id)
    assert await ear.names() == [("message.added", 1), ("ticket.changed", 1)]
    await desk.change(1, status="resolved")
    await ear.news()
    await desk.say({"id": str(opened.ticket_id)}, "He phoned", author_type="customer")
    assert sorted(await ear.names()) == [("message.added", 1), ("ticket.changed", 1)]
    assert (await desk.ticket(1))["status"] == "open"


async def test_a_change_of_many_is_an_event_of_each(desk, ear):
    ids = [(await desk.open())["id"] for _ in range(3)]
    await ear.news()
    await desk.client.post(f"{desk.tickets}bulk_update_status/", json={"ids": ids, "status": "pending"})
    events = await ear.news()
    assert [event.about for event in events] == [("ticket.changed", number) for number in (1, 2, 3)]
    assert {event.data["ticket"]["status"] for event in events} == {"pending"}


async def test_a_ticket_that_wakes_is_sent(desk, ear, clock, services, database):
    await desk.open()
    await desk.change(1, snoozed_until=(clock.now() + timedelta(minutes=5)).isoformat())
    await ear.news()
    clock.advance(timedelta(minutes=6))
    async with database.transaction() as db:
        await wake_due(db, services, clock.now())
    [event] = await ear.news()
    assert (event.about, event.data["ticket"]["status"]) == (("ticket.changed", 1), "open")


async def test_what_was_refused_is_not_sent(desk, ear):
    await desk.open()
    refused = await desk.client.patch(f"{desk.tickets}1/", json={"priority": "high", "status": "lost"})
    assert refused.status_code == 400
    assert await ear.names() == [("ticket.opened", 1)]


async def test_other_projects_are_not_heard(desk, mallory, ear):
    theirs = Ear(mallory.client, mallory.project)
    theirs.last_id = await present_place(mallory.client, mallory.project_id)
    await desk.open(message="Secret")
    assert await theirs.news() == []
    assert await ear.names() == [("ticket.opened", 1)]
    assert await heard_since(mallory.client, mallory.project_id, "0") == []


async def test_a_member_hears_with_their_own_rights(desk, bob, project, ear):
    place = await present_place(bob.client, project.id)
    await desk.open()
    [event] = await heard_since(bob.client, project.id, place)
    assert event.data["ticket"] == (await bob.client.get(f"{desk.tickets}1/")).json()


async def test_a_customer_of_many_tickets_is_followed_page_by_page(desk, ear):
    ids = [(await desk.open())["id"] for _ in range(20)]
    for status in ("pending", "open", "pending", "open", "pending", "open"):
        await desk.client.post(f"{desk.tickets}bulk_update_status/", json={"ids": ids, "status": status})
    events = await ear.news()
    assert [event.about for event in events] == [
        *(("ticket.opened", number) for number in range(1, 21)),
        *(("ticket.changed", number) for number in [*range(1, 21)] * 6),
    ]
    first = place_of(events[0].id)
    assert [place_of(event.id) for event in events] == [*range(first, first + 140)]


async def test_the_place_moves_over_what_is_left_out(desk, api, project):
    before = await present_place(api, project.id)
    await desk.open()
    await desk.delete(1)
    await desk.open()
    await desk.client.delete(f"{desk.tickets}2/")
    listener = await caught_up(api, project.id, before)
    heard = await listener.rest()
    assert [event.about for event in heard] == [("ticket.deleted", 1), ("ticket.deleted", 2)]
    assert place_of(listener.last_id) == place_of(before) + 4
    await desk.open()
    await desk.client.post(f"{desk.tickets}3/reply/", json={"message": "Hello"})
    await desk.client.patch(f"{desk.tickets}3/", json={"status": "open"})
    ahead = await caught_up(api, project.id, listener.last_id)
    assert len(await ahead.rest()) == 3


LINES = "one\u2028two\u2029three\u0085four\x0bfive\x0csix\x1cseven\x1deight\x1enine\r\nten\rend \\\u2028 \\\\\u0085"


async def test_no_character_in_what_people_write_ends_a_line(desk, ear):
    """The reader of these tests splits lines as Python does, at each of these characters."""
    ticket = await desk.open(message=LINES, anonymous_traits={"name": LINES, "x\u2028y": "z"})
    await desk.say(ticket, LINES)
    opened, said = await ear.news()
    assert opened.data["ticket"]["anonymous_traits"] == {"name": LINES, "x\u2028y": "z"}
    assert said.data["message"]["content"] == LINES
