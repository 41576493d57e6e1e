"""Splitting messages off a ticket."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.conversations.merging.rules.splitting import unread_share


async def split(desk, key, messages, status=201, **fields):
    body = {"message_ids": [message["id"] for message in messages], **fields}
    answer = await desk.client.post(f"{desk.tickets}{key}/split/", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def messages_of(desk, key):
    answer = await desk.client.get(f"{desk.tickets}{key}/messages/", params={"limit": 200})
    return answer.json()["results"]


async def texts(desk, key):
    return [message["content"] for message in await messages_of(desk, key)]


async def test_messages_move_to_a_new_ticket_of_the_same_customer(desk, customer):
    received = await customer.write("one", traits={"name": "Ada"}, session_context={"page": "x"})
    id = str(received.ticket_id)
    for text in ("two", "three"):
        await customer.write(text, received.ticket_id)
    await desk.say({"id": id}, "answer")
    await desk.say({"id": id}, "note", is_private=True)
    await desk.change(id, priority="high", tags=["vip"], status="pending")
    _, two, _, answer, note = await messages_of(desk, id)
    new = await split(desk, id, [two, answer, note, two], subject="  Another matter ")
    assert await texts(desk, new["id"]) == ["two", "answer", "note"]
    assert await texts(desk, id) == ["one", "three"]
    old = (await desk.listed(status="pending"))["results"][0]
    assert (new["ticket_number"], new["status"], new["email_subject"]) == (2, "open", "Another matter")
    assert (new["priority"], new["tags"], new["assignee"]) == (None, [], None)
    for name in ("distinct_id", "anonymous_traits", "session_context", "channel_source", "identity_verified"):
        assert new[name] == old[name], name
    assert (new["message_count"], new["last_message_text"]) == (2, "answer")
    assert (old["message_count"], old["last_message_text"]) == (2, "three")
    assert (new["unread_team_count"], old["unread_team_count"]) == (1, 2)
    assert (new["unread_customer_count"], old["unread_customer_count"]) == (1, 0)
    assert await desk.unread() == 3
    assert [(await desk.listed(status=status))["count"] for status in ("open", "pending")] == [1, 1]


async def test_the_last_messages_are_the_unread_ones(desk, customer):
    received = await customer.write("one")
    id = str(received.ticket_id)
    await desk.ticket(id)
    await customer.write("two", received.ticket_id)
    one, two = await messages_of(desk, id)
    first = await split(desk, id, [one])
    assert first["unread_team_count"] == 0
    await customer.write("three", received.ticket_id)
    assert (await split(desk, id, [two]))["unread_team_count"] == 1
    assert await desk.unread() == 2


async def test_a_new_ticket_has_the_participants_and_the_subject_of_the_old_one(desk):
    ticket = await desk.open(message="one", subject="Order", email="ada@example.com")
    await desk.client.post(f"{desk.tickets}{ticket['id']}/participants/", json={"email": "bob@example.com"})
    said = await desk.say(ticket, "two")
    new = await split(desk, ticket["ticket_number"], [said])
    assert (new["cc_participants"], new["email_subject"]) == (["bob@example.com"], "Order")


async def test_what_cannot_be_split_off_is_refused(desk, mallory):
    ticket, other = await desk.open(message="one"), await desk.open(message="elsewhere")
    [one] = await messages_of(desk, ticket["id"])
    [elsewhere] = await messages_of(desk, other["id"])
    gone = await desk.say(ticket, "gone")
    note = await desk.say(ticket, "note", is_private=True)
    await desk.edit(gone, deleted=True)
    theirs = (
        await mallory.client.post(mallory.project.tickets, json={"distinct_id": "x", "message": "y"})
    ).json()
    path = f"{mallory.project.tickets}{theirs['id']}/messages/"
    [foreign] = (await mallory.client.get(path)).json()["results"]
    for wrong in (elsewhere, gone, foreign, {"id": str(uuid4())}):
        error = await split(desk, ticket["id"], [note, wrong], 400)
        assert (error["attr"], error["code"]) == ("message_ids__1", "does_not_exist")
    for all_of_them in ([one], [one, note]):
        assert (await split(desk, ticket["id"], all_of_them, 400))["attr"] == "message_ids"
    ids = [str(uuid4())] * 501
    bodies: list[dict[str, Any]] = [{}, {"message_ids": []}, {"message_ids": ["x"]}, {"message_ids": ids}]
    for body in bodies:
        answer = await desk.client.post(f"{desk.tickets}{ticket['id']}/split/", json=body)
        assert answer.status_code == 400 and answer.json()["attr"].startswith("message_ids")
    assert (await desk.listed())["count"] == 2
    named = {"message_ids": [one["id"]]}
    for url, status in (
        (f"{desk.tickets}{ticket['id']}", 403),
        (f"{mallory.project.tickets}{ticket['id']}", 404),
    ):
        assert (await mallory.client.post(f"{url}/split/", json=named)).status_code == status


async def test_a_repeated_request_with_a_key_splits_once(desk):
    ticket = await desk.open(message="one")
    said = await desk.say(ticket, "two")
    answers = [
        await desk.client.post(
            f"{desk.tickets}{ticket['id']}/split/",
            json={"message_ids": [said["id"]]},
            headers={"Idempotency-Key": "once"},
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert (await desk.listed())["count"] == 2


async def test_what_was_split_off_does_not_go_back_with_a_merged_ticket(desk):
    one, other = await desk.open(message="mine"), await desk.open(message="theirs")
    said = await desk.say(one, "also mine")
    await desk.client.post(f"{desk.tickets}{one['id']}/merge/", json={"into": other["id"]})
    new = await split(desk, one["id"], [said])
    await desk.client.post(f"{desk.tickets}{one['id']}/unmerge/")
    assert await texts(desk, one["id"]) == ["mine"]
    assert await texts(desk, other["id"]) == ["theirs"]
    assert await texts(desk, new["id"]) == ["also mine"]


@given(st.lists(st.booleans()), st.integers(0, 20))
def test_what_is_unread_is_divided_and_never_lost(moves, unread):
    ids = [uuid4() for _ in moves]
    moved = {id for id, moves_on in zip(ids, moves, strict=True) if moves_on}
    share = unread_share(ids, moved, unread)
    assert 0 <= share <= min(unread, len(moved))
    assert share + unread_share(ids, set(ids) - moved, unread) == min(unread, len(ids))


@pytest.mark.parametrize(
    ("moves", "unread", "share"), [("..x", 1, 1), ("xx.", 1, 0), ("x.x", 3, 2), ("x", 0, 0)]
)
def test_the_last_ones_count(moves, unread, share):
    ids = [UUID(int=number) for number in range(len(moves))]
    moved = {id for id, mark in zip(ids, moves, strict=True) if mark == "x"}
    assert unread_share(ids, moved, unread) == share


async def test_what_is_split_off_a_hidden_ticket_is_hidden(desk, alice, bob):
    one = await desk.open(message="one")
    said = await desk.say(one, "two")
    path = f"{desk.tickets}{one['id']}/access_controls/"
    assert (await alice.client.put(path, json={"access_level": "none"})).status_code == 200
    body = {"message_ids": [said["id"]]}
    new = await alice.client.post(f"{desk.tickets}{one['id']}/split/", json=body)
    for key in (one["id"], new.json()["id"]):
        assert (await bob.client.get(f"{desk.tickets}{key}/")).status_code == 404
