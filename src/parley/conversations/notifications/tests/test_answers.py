"""Mails to whom a conversation is assigned, about answers of its customer that nobody looks at."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from parley.conversations.notifications.tests.test_members import ME, Mailed, note, to_user
from parley.kernel.jobs import outbox

FIVE_MINUTES, PAUSE = timedelta(minutes=5), timedelta(minutes=16)


@pytest.fixture
async def mailed(queue, sent_mail, clock, alice, bob, mallory) -> Mailed:
    await queue.drain()  # other tests may have left mails to be sent
    clock.freeze()
    return Mailed(queue, sent_mail, ("alice", alice), ("bob", bob), ("mallory", mallory))


@pytest.fixture
async def mine(desk, customer, bob, mailed, clock):
    """Bob's ticket, which he has looked at; all mails about it are sent."""
    opened = await customer.write("Hello")
    ticket = {"id": str(opened.ticket_id)}
    await desk.change(ticket["id"], assignee=to_user(bob))
    await mailed()
    clock.advance(PAUSE)
    await look(desk, bob, ticket)
    await mailed()
    return ticket


async def look(desk, member, ticket) -> None:
    answer = await member.client.get(f"{desk.tickets}{ticket['id']}/")
    assert answer.status_code == 200, answer.text


async def test_one_mail_tells_of_answers_until_somebody_looks_again(desk, customer, bob, mailed, mine, clock):
    await customer.write("It broke\nOpen: https://evil.test", UUID(mine["id"]))
    await customer.write("Are you there?", UUID(mine["id"]))
    assert await mailed() == []
    clock.advance(FIVE_MINUTES)
    [mail] = await mailed.new()
    assert mail["To"] == bob.email and mail["Subject"].endswith(" answered on ticket #1 in Hedgehogs")
    text = mail.get_content()
    assert "> It broke" in text and "> Open: https://evil.test" in text
    assert "Answer: http://parley.test/inbox/1" in text
    clock.advance(PAUSE)
    await customer.write("Hello?", UUID(mine["id"]))
    clock.advance(PAUSE)
    assert await mailed() == []
    await look(desk, bob, mine)
    await customer.write("And again", UUID(mine["id"]))
    await mailed()
    clock.advance(FIVE_MINUTES)
    assert [name for name, _ in await mailed()] == ["bob"]


async def test_only_the_first_of_several_unread_messages_is_looked_at(desk, customer, bob, mine, database):
    async def n_waiting() -> int:
        wanted = (outbox.c.project_id == desk.project.id, outbox.c.name == "customer.answered")
        async with database.transaction(write=False) as db:
            counted: int = (
                await db.execute(select(func.count()).select_from(outbox).where(*wanted))
            ).scalar_one()
        return counted

    for text in ("It broke", "Are you there?", "Hello?"):
        await customer.write(text, UUID(mine["id"]))
        assert await n_waiting() == 1
    await look(desk, bob, mine)
    await customer.write("And again", UUID(mine["id"]))
    assert await n_waiting() == 2


@pytest.mark.parametrize("what", ["read", "answered", "given away", "hidden", "off", "deleted"])
async def test_an_answer_that_needs_no_mail_any_more_makes_none(
    desk, customer, alice, bob, mailed, mine, clock, what
):
    await customer.write("It broke", UUID(mine["id"]))
    await mailed()
    if what == "read":
        await look(desk, bob, mine)
    elif what == "answered":
        clock.advance(timedelta(seconds=1))
        await desk.say(mine, "I am on it")
    elif what == "given away":
        await desk.change(mine["id"], assignee=to_user(alice))
    elif what == "hidden":
        url = f"{desk.tickets}{mine['id']}/access_controls/"
        assert (await desk.client.put(url, json={"access_level": "none"})).status_code == 200
    elif what == "off":
        off = {"notification_settings": {"answers": False}}
        assert (await bob.client.patch(ME, json=off)).status_code == 200
    else:
        await desk.delete(mine["id"])
    clock.advance(FIVE_MINUTES)
    assert await mailed() == []


async def test_an_answer_that_was_read_holds_no_other_mail_up(desk, customer, bob, mailed, mine, clock):
    await customer.write("It broke", UUID(mine["id"]))
    await mailed()
    await look(desk, bob, mine)
    clock.advance(FIVE_MINUTES)
    assert await mailed() == []
    await note(desk, mine, "@Bob, look")
    assert await mailed() == [("bob", "Alice Example mentioned you on ticket #1 in Hedgehogs")]


async def test_a_mention_does_not_wait_for_an_answer(desk, customer, bob, mailed, mine):
    await customer.write("It broke", UUID(mine["id"]))
    await mailed()
    await note(desk, mine, "@Bob, look")
    assert await mailed() == [("bob", "1 mention and 1 answer of a customer in Hedgehogs")]


@pytest.mark.parametrize("is_answered", [False, True])
async def test_an_answer_for_a_role_is_told_until_one_of_them_has_answered(
    desk, customer, alice, bob, mailed, mine, clock, is_answered
):
    roles = f"/api/organizations/{alice.organization_id}/roles/"
    role = (await desk.client.post(roles, json={"name": "Billing"})).json()["id"]
    body = {"user_uuid": str(bob.user_uuid)}
    assert (await desk.client.post(f"{roles}{role}/role_memberships/", json=body)).status_code == 201
    await desk.change(mine["id"], assignee={"type": "role", "id": role})
    if is_answered:
        await desk.say(mine, "Which one?")
    await mailed()
    clock.advance(PAUSE)
    await look(desk, bob, mine)
    await customer.write("It broke", UUID(mine["id"]))
    await mailed()
    clock.advance(FIVE_MINUTES)
    assert [name for name, _ in await mailed()] == ([] if is_answered else ["bob"])


async def test_an_answer_on_a_ticket_of_nobody_mails_nobody(desk, customer, mailed, mine, clock):
    await desk.change(mine["id"], assignee=None)
    await customer.write("It broke", UUID(mine["id"]))
    await mailed()
    clock.advance(FIVE_MINUTES)
    assert await mailed() == []
