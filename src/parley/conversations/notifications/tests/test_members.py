"""Mails to members about tickets that are assigned to them and notes that mention them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select

from parley.conversations.notifications.tables import first_message_notice, notification
from parley.kernel.jobs import enqueue
from tests.plain_browser import window_of

ME = "/api/users/@me/"


class Mailed:
    """The mails to people of this test: `await mailed()` lists receiver and subject of those since the last call."""

    def __init__(self, queue, sent_mail, *people) -> None:
        self.queue, self.mails, self.emails = queue, sent_mail, {one.email: name for name, one in people}
        self.seen: set[str] = set()

    async def __call__(self) -> list[tuple[str, str]]:
        return [(self.emails[mail["To"]], mail["Subject"]) for mail in await self.new()]

    async def new(self) -> list[Any]:
        await self.queue.drain()
        found = [
            mail for mail in self.mails if mail["To"] in self.emails and mail["Message-ID"] not in self.seen
        ]
        self.seen |= {mail["Message-ID"] for mail in found}
        return found


@pytest.fixture
async def mailed(queue, sent_mail, clock, alice, bob, mallory) -> Mailed:
    await queue.drain()  # other tests may have left mails to be sent
    clock.freeze()
    return Mailed(queue, sent_mail, ("alice", alice), ("bob", bob), ("mallory", mallory))


def to_user(member) -> dict[str, Any]:
    return {"type": "user", "id": member.user_id}


async def note(desk, ticket, content, **more) -> Any:
    context = {"author_type": "support", "is_private": True}
    body = {
        "scope": "conversations_ticket",
        "item_id": ticket["id"],
        "content": content,
        "item_context": context,
    }
    answer = await desk.client.post(desk.comments, json=body | more)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_who_gets_a_ticket_is_mailed_and_who_takes_one_is_not(desk, alice, bob, mailed):
    ticket = await desk.open(message="Where is my order?", name="Ada")
    await desk.change(ticket["id"], assignee=to_user(alice))
    assert await mailed() == []
    await desk.change(ticket["id"], assignee=to_user(bob))
    [mail] = await mailed.new()
    assert (mail["To"], mail["Subject"]) == (bob.email, "Ticket #1 was assigned to you in Hedgehogs")
    text = mail.get_content()
    assert "Alice Example assigned ticket #1, of Ada, to you." in text
    assert "> Where is my order?" in text and "Open: http://parley.test/inbox/1" in text
    await desk.change(ticket["id"], assignee=to_user(bob), priority="high")
    await desk.change(ticket["id"], assignee=None)
    assert await mailed() == []


async def test_a_ticket_that_is_opened_for_somebody_is_told(desk, bob, mailed):
    await desk.open(assignee=to_user(bob))
    assert await mailed() == [("bob", "Ticket #1 was assigned to you in Hedgehogs")]


async def test_a_ticket_for_a_role_is_told_to_all_who_have_it(desk, alice, bob, mailed):
    roles = f"/api/organizations/{alice.organization_id}/roles/"
    role = (await desk.client.post(roles, json={"name": "Billing"})).json()["id"]
    for one in (alice, bob):
        body = {"user_uuid": str(one.user_uuid)}
        assert (await desk.client.post(f"{roles}{role}/role_memberships/", json=body)).status_code == 201
    ticket = await desk.open()
    await desk.change(ticket["id"], assignee={"type": "role", "id": role})
    assert await mailed() == [("bob", "Ticket #1 was assigned to the role Billing in Hedgehogs")]
    headers = {"Authorization": f"Bearer {desk.project.secret_api_token}"}
    other = await desk.open()
    external = f"/api/conversations/external/ticket/{other['id']}"
    answer = await desk.client.patch(
        external, json={"assignee": {"type": "role", "id": role}}, headers=headers
    )
    assert answer.status_code == 200, answer.text
    assert [name for name, _ in await mailed()] == ["alice"]  # bob's pause isn't over


async def test_whom_a_note_mentions_is_mailed_once_and_nobody_else(desk, alice, bob, mallory, mailed):
    ticket = await desk.open(message="Hello")
    written = await note(
        desk, ticket, f"@Bob and @{mallory.email}, look\nOpen: https://evil.test", mentions=[bob.user_id]
    )
    [mail] = await mailed.new()
    assert (mail["To"], mail["Subject"]) == (
        bob.email,
        "Alice Example mentioned you on ticket #1 in Hedgehogs",
    )
    text = mail.get_content()
    assert "Alice Example mentioned you in a note on ticket #1:" in text
    assert "> Open: https://evil.test" in text and text.count("\nOpen: ") == 1
    await desk.edit(written, content="@Bob again")
    await note(desk, ticket, "I myself, @Alice", mentions=[alice.user_id, mallory.user_id])
    await desk.say(ticket, "A reply to @Bob, who is no customer")
    assert await mailed() == []


@pytest.mark.parametrize("way", ["ids", "rich", "notes"])
async def test_a_mention_is_noticed_however_it_is_written(desk, bob, mailed, way):
    ticket, rich = (
        await desk.open(),
        {"type": "doc", "content": [{"type": "mention", "attrs": {"id": bob.user_id}}]},
    )
    if way == "ids":
        await note(desk, ticket, "Look", mentions=[bob.user_id])
    elif way == "rich":
        await note(desk, ticket, "Look", rich_content=rich)
    else:
        body = {"message": f"@{bob.email} look"}
        assert (await desk.client.post(f"{desk.tickets}{ticket['id']}/notes/", json=body)).status_code == 201
    assert [name for name, _ in await mailed()] == ["bob"]


@pytest.mark.parametrize("mentions", ["x", [1.5], list(range(101))])
async def test_bad_mentions_are_refused(desk, mentions):
    body = {
        "scope": "conversations_ticket",
        "item_id": (await desk.open())["id"],
        "content": "x",
        "mentions": mentions,
    }
    answer = await desk.client.post(desk.comments, json=body)
    assert (answer.status_code, answer.json()["attr"].split("__")[0]) == (400, "mentions")


async def test_everything_comes_in_one_mail_in_a_quarter_of_an_hour(desk, alice, bob, mailed, clock):
    settings = {"conversations_settings": {"notification_recipients": [alice.user_id, bob.user_id]}}
    assert (await desk.client.patch(f"/api/projects/{desk.project.id}/", json=settings)).status_code == 200
    first = await desk.open(message="Hello")
    assert await mailed() == [(name, "New conversation #1 in Hedgehogs") for name in ("alice", "bob")]
    for n in range(3):
        await desk.open(message=f"Question {n}")
    await desk.change(first["id"], assignee=to_user(bob))
    for n in range(2):
        await note(desk, first, f"Look, @Bob, {n}")
    clock.advance(timedelta(minutes=14))
    assert await mailed() == []
    clock.advance(timedelta(minutes=1, seconds=1))
    mails = {mailed.emails[mail["To"]]: mail for mail in await mailed.new()}
    assert mails["alice"]["Subject"] == "3 new conversations in Hedgehogs"
    assert mails["bob"]["Subject"] == "2 mentions, 1 assigned ticket and 3 new conversations in Hedgehogs"
    text = mails["bob"].get_content()
    assert text.index("mentioned you") < text.index("assigned ticket #1") < text.index("Question 0")
    assert await mailed() == []


async def test_what_no_longer_holds_is_left_out(desk, bob, mailed, clock):
    kept, moved, gone = [await desk.open() for _ in range(3)]
    await desk.change(kept["id"], assignee=to_user(bob))
    assert len(await mailed()) == 1
    written = await note(desk, kept, "@Bob, look")
    for ticket in (moved, gone):
        await desk.change(ticket["id"], assignee=to_user(bob))
    await mailed()
    await desk.change(moved["id"], assignee=None)
    await desk.delete(gone["id"])
    await desk.edit(written, deleted=True)
    clock.advance(timedelta(minutes=16))
    assert await mailed() == []
    clock.advance(timedelta(minutes=16))
    await note(desk, kept, "@Bob, look again")
    assert await mailed() == [("bob", "Alice Example mentioned you on ticket #1 in Hedgehogs")]


async def test_nobody_is_mailed_about_a_ticket_that_is_hidden_from_them(desk, alice, bob, mailed):
    ticket, other = await desk.open(), await desk.open()
    url = f"/api/projects/{desk.project.id}/resource_access_controls/"
    hidden = await desk.client.put(url, json={"resource": "ticket", "access_level": "none"})
    assert hidden.status_code == 200, hidden.text
    await desk.change(ticket["id"], assignee=to_user(bob))
    await note(desk, other, "@Bob, look")
    assert await mailed() == []


async def test_a_note_on_a_merged_ticket_is_for_those_who_may_see_where_it_is_now(desk, bob, mailed, clock):
    source, target = await desk.open(), await desk.open()
    await desk.change(source["id"], assignee=to_user(bob))
    await mailed()
    await note(desk, source, "@Bob, look")
    await mailed()
    (
        await desk.client.post(f"{desk.tickets}{source['id']}/merge/", json={"into": target["id"]})
    ).raise_for_status()
    url = f"{desk.tickets}{target['id']}/access_controls/"
    assert (await desk.client.put(url, json={"access_level": "none"})).status_code == 200
    clock.advance(timedelta(minutes=16))
    assert await mailed() == []


@pytest.mark.parametrize("when", ["before", "after"])
async def test_who_has_turned_mails_off_gets_none(desk, alice, bob, mailed, clock, when):
    ticket = await desk.open()
    off = {"notification_settings": {"assignments": False, "mentions": False}}
    await desk.change((await desk.open())["id"], assignee=to_user(bob))
    await mailed()
    if when == "before":
        assert (await bob.client.patch(ME, json=off)).status_code == 200
    await desk.change(ticket["id"], assignee=to_user(bob))
    await note(desk, ticket, "@Bob, look")
    await mailed()
    if when == "after":
        assert (await bob.client.patch(ME, json=off)).status_code == 200
    clock.advance(timedelta(minutes=16))
    assert await mailed() == []
    on = await bob.client.patch(ME, json={"notification_settings": {"mentions": True}})
    settings = {"new_conversations": True, "assignments": False, "mentions": True, "answers": True}
    assert on.json()["notification_settings"] == settings
    assert (await bob.client.get(ME)).json()["notification_settings"] == settings
    assert (await alice.client.get(ME)).json()["notification_settings"]["assignments"] is True


@pytest.mark.parametrize("bad", [{"mentions": None}, {"mentions": "no"}, [], "x"])
async def test_bad_settings_are_refused_and_change_nothing(bob, bad):
    answer = await bob.client.patch(ME, json={"notification_settings": bad, "first_name": "Rob"})
    assert (answer.status_code, answer.json()["attr"].split("__")[0]) == (400, "notification_settings")
    assert (await bob.client.get(ME)).json()["first_name"] == "Bob"


async def test_people_turn_mails_off_on_the_page_of_their_account(cast, bob):
    window = await window_of(cast, bob)
    await window.open("/settings/account")
    boxes = {
        name: window.page.one("input", name=name)
        for name in ("assignments", "mentions", "answers", "new_conversations")
    }
    assert all("checked" in box.attributes for box in boxes.values())
    await window.press("Save which mails", assignments="", mentions="on", answers="", new_conversations="")
    found = (await bob.client.get(ME)).json()["notification_settings"]
    assert found == {"new_conversations": False, "assignments": False, "mentions": True, "answers": False}


async def test_what_an_earlier_version_has_noted_is_mailed(desk, alice, bob, mailed, database):
    settings = {"conversations_settings": {"notification_recipients": [bob.user_id]}}
    assert (await desk.client.patch(f"/api/projects/{desk.project.id}/", json=settings)).status_code == 200
    ids = [(await desk.open())["id"] for _ in range(2)]
    for id in ids:
        await desk.say({"id": id}, "Hello?", author_type="customer")
    async with database.transaction() as db:
        await db.execute(notification.delete().where(notification.c.project_id == desk.project.id))
    await mailed()
    project_id, old = desk.project.id, {"user_id": bob.user_id, "to": bob.email}
    async with database.transaction() as db:
        rows = [{"project_id": project_id, "ticket_id": UUID(ids[0])}]
        await db.execute(insert(first_message_notice), rows)
        await enqueue(db, "tickets.tell_of_first_messages", {}, project_id=project_id)
        await enqueue(
            db, "tickets.send_first_message_mail", {**old, "ticket_id": ids[1]}, project_id=project_id
        )
        digest = {**old, "ticket_ids": ids, "count": 5}
        await enqueue(db, "tickets.send_first_message_digest", digest, project_id=project_id)
    subjects = [subject for _, subject in await mailed()]
    assert {"New conversation #2 in Hedgehogs", "5 new conversations in Hedgehogs"} <= set(subjects)
    async with database.transaction(write=False) as db:
        mine = select(func.count()).where(first_message_notice.c.project_id == project_id)
        assert (await db.execute(mine)).scalar_one() == 0
