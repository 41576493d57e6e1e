"""Comments and messages over the API: posting, reading, editing and removing."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from parley.conversations.tickets.tests.factories import Desk

COUNTERS = ("message_count", "last_message_text", "unread_customer_count", "unread_team_count", "status")


async def counters(desk: Desk, number: int = 1):
    """Return a ticket's counters as the list shows them, which marks nothing as read."""
    listed = (await desk.listed())["results"]
    return tuple(next(one for one in listed if one["ticket_number"] == number)[name] for name in COUNTERS)


async def updated_at(desk: Desk):
    return (await desk.listed())["results"][0]["updated_at"]


async def test_a_reply_is_a_comment_on_the_ticket(desk, alice):
    ticket = await desk.open(message="Hello")
    reply = await desk.say(ticket, "Hi", color="red")
    assert set(reply) == {
        "id", "scope", "item_id", "content", "rich_content", "item_context", "source_comment", "is_task",
        "completed_at", "version", "deleted", "created_at", "created_by",
    }  # fmt: skip
    assert (reply["scope"], reply["item_id"], reply["version"]) == ("conversations_ticket", ticket["id"], 0)
    assert reply["item_context"] == {"author_type": "support", "is_private": False, "color": "red"}
    assert (reply["created_by"]["email"], reply["created_by"]["first_name"]) == (alice.email, "Alice")
    assert (await desk.client.get(f"{desk.comments}{reply['id']}/")).json() == reply
    assert await updated_at(desk) == reply["created_at"]


@pytest.mark.parametrize(
    ("context", "after"),
    [
        ({"author_type": "support"}, (2, "Words", 1, 1, "resolved")),
        ({"author_type": "human"}, (2, "Words", 1, 1, "resolved")),
        ({"author_type": None}, (2, "Words", 1, 1, "resolved")),
        ({"author_type": "AI"}, (2, "Words", 1, 1, "resolved")),
        ({"author_type": "support", "is_private": True}, (1, "Hello", 0, 1, "resolved")),
        ({"author_type": "customer", "is_private": True}, (1, "Hello", 0, 1, "resolved")),
        ({"author_type": "support", "is_private": "true"}, (2, "Words", 1, 1, "resolved")),
        ({"author_type": "customer"}, (2, "Words", 0, 1, "open")),
    ],
)
async def test_each_kind_of_message_moves_its_own_counters(desk, context, after):
    ticket = await desk.open(message="Hello", status="resolved")
    before = await updated_at(desk)
    await desk.say(ticket, "Words", **context)
    assert await counters(desk) == after
    is_private = context.get("is_private") is True
    assert (await updated_at(desk) == before) is is_private
    assert (await desk.listed(status=after[-1]))["count"] == 1


async def test_removing_messages_takes_them_back(desk):
    ticket = await desk.open(message="Hello")
    first, second = await desk.say(ticket, "One"), await desk.say(ticket, "Two")
    note = await desk.say(ticket, "Note", is_private=True)
    before = await updated_at(desk)
    assert await counters(desk) == (3, "Two", 2, 1, "new")
    gone = await desk.edit(second, deleted=True)
    assert (gone["deleted"], await counters(desk)) == (True, (2, "One", 1, 1, "new"))
    assert await desk.edit(second, deleted=True) == gone
    assert await counters(desk) == (2, "One", 1, 1, "new")
    await desk.edit(note, deleted=True)
    assert await counters(desk) == (2, "One", 1, 1, "new")
    await desk.edit(first, deleted=True)
    assert await counters(desk) == (1, "Hello", 0, 1, "new")
    assert await updated_at(desk) == before


async def test_the_last_public_message_can_be_removed(desk):
    reply = await desk.say(await desk.open(), "One")
    await desk.edit(reply, deleted=True)
    shown = await desk.ticket(1)
    assert (shown["message_count"], shown["last_message_at"], shown["last_message_text"]) == (0, None, None)


async def test_a_read_message_that_is_removed_leaves_the_count_at_zero(desk, customer, database, services):
    from parley.conversations.tickets.actions.customers import mark_read_by_customer

    received = await customer.write("Hello")
    reply = await desk.say({"id": str(received.ticket_id)}, "One")
    async with database.transaction() as db:
        await mark_read_by_customer(db, services, desk.project.id, received.ticket_id)
    assert (await counters(desk))[2] == 0
    await desk.edit(reply, deleted=True)
    assert (await counters(desk))[2] == 0


async def test_editing_moves_the_version_and_no_counters(desk):
    reply = await desk.say(await desk.open(message="Hello"), "One")
    before = await counters(desk)
    edited = await desk.edit(reply, content="Better")
    assert (edited["content"], edited["version"]) == ("Better", 1)
    assert (await desk.edit(reply, content="Better"))["version"] == 1
    assert (await desk.edit(reply, rich_content={"type": "doc"}))["version"] == 2
    assert await counters(desk) == before


async def test_scope_item_and_context_stay_as_they_were_posted(desk):
    note = await desk.say(await desk.open(), "Secret", is_private=True)
    same = await desk.edit(note, item_context={"is_private": False}, scope="other", item_id="5")
    assert same == note


async def test_ones_own_comments_only_can_be_changed(desk, bob, customer):
    received = await customer.write("Hello")
    reply = await desk.say({"id": str(received.ticket_id)}, "One")
    for id in (reply["id"], received.message_id):
        answer = await bob.client.patch(f"{desk.comments}{id}/", json={"deleted": True})
        assert (answer.status_code, answer.json()["detail"]) == (403, "You can only modify your own comments")
    assert (await counters(desk))[0] == 2


async def test_a_removed_comment_is_gone_and_stays_gone(desk):
    reply = await desk.say(await desk.open(), "One")
    await desk.edit(reply, deleted=True)
    assert (await desk.client.get(f"{desk.comments}{reply['id']}/")).status_code == 404
    assert (await desk.client.get(desk.comments)).json()["results"] == []
    answer = await desk.client.patch(
        f"{desk.comments}{reply['id']}/", json={"deleted": False, "content": "x"}
    )
    assert answer.status_code == 404


async def test_comments_cannot_be_deleted_by_delete(desk):
    reply = await desk.say(await desk.open(), "One")
    assert (await desk.client.delete(f"{desk.comments}{reply['id']}/")).status_code == 405


async def test_nobody_can_pose_as_a_synced_channel(desk):
    forged = {"from_slack": True, "slack_synced_ts": "1", "slack_message_ts": "1", "slack_author_name": "Boss",
              "slack_author_avatar": "x", "email_message_id": "kept"}  # fmt: skip
    reply = await desk.say(await desk.open(), "One", **forged)
    assert reply["item_context"] == {
        "author_type": "support",
        "is_private": False,
        "email_message_id": "kept",
    }


async def test_lists_show_the_first_five_hundred_letters_of_the_last_message(desk):
    ticket = await desk.open(message="🦔" * 600)
    assert ticket["last_message_text"] == "🦔" * 500
    await desk.say(ticket, "é" * 501)
    assert (await counters(desk))[1] == "é" * 500
    await desk.say(ticket, "short")
    assert (await counters(desk))[1] == "short"


async def test_what_comments_of_others_carry_is_taken_and_not_kept(desk, alice):
    ticket = await desk.open()
    body = {"scope": "conversations_ticket", "item_id": ticket["id"], "content": "Hi"}
    more = {
        "mentions": [alice.user_id],
        "slug": "x",
        "id": "y",
        "version": 7,
        "created_by": 99,
        "deleted": True,
    }
    answer = await desk.client.post(desk.comments, json={**body, **more})
    assert (answer.status_code, answer.json()["version"], answer.json()["deleted"]) == (201, 0, False)
    assert answer.json()["created_by"]["id"] == alice.user_id and "slug" not in answer.json()


async def test_an_identical_reply_is_stored_once(desk, clock, bob):
    ticket = await desk.open()
    first = await desk.say(ticket, "One")
    clock.advance(timedelta(seconds=100))
    assert await desk.say(ticket, "One") == first
    await desk.say(ticket, "One", is_private=True)
    await Desk(bob, desk.project).say(ticket, "One")
    assert (await counters(desk))[:3] == (2, "One", 2)
    clock.advance(timedelta(seconds=30))
    assert (await desk.say(ticket, "One"))["id"] != first["id"]


async def test_identical_replies_at_the_same_time_are_stored_once(desk):
    ticket = await desk.open()
    replies = await asyncio.gather(*(desk.say(ticket, "One") for _ in range(8)))
    assert len({reply["id"] for reply in replies}) == 1
    assert (await counters(desk))[0] == 1


@pytest.mark.parametrize(
    ("fields", "attr", "code", "detail"),
    [
        ({"scope": None}, "scope", "null", "This field may not be null."),
        ({"content": "  "}, None, "invalid_input", "A comment must have content"),
        ({"content": None}, None, "invalid_input", "A comment must have content"),
        ({"content": "", "rich_content": {}}, None, "invalid_input", "A comment must have content"),
        ({"item_id": None}, "item_id", "invalid_input", "Ticket not found"),
        ({"item_id": "5"}, "item_id", "invalid_input", "Ticket not found"),
        ({"item_id": str(uuid4())}, "item_id", "invalid_input", "Ticket not found"),
        ({"item_id": "x" * 73}, "item_id", "max_length", None),
        ({"content": "a\x00"}, "content", "null_characters_not_allowed", None),
        ({"content": 5.5, "item_context": []}, "item_context", "invalid_input", None),
        ({"rich_content": "<b>"}, "rich_content", "invalid_input", None),
        ({"rich_content": {"text": "x" * 100_000}}, "rich_content", "max_length", None),
        ({"source_comment": "x"}, "source_comment", "invalid_input", None),
        ({"source_comment": str(uuid4())}, "source_comment", "does_not_exist", None),
    ],
)
async def test_a_comment_that_breaks_a_rule_is_refused(desk, fields, attr, code, detail):
    ticket = await desk.open()
    good = {"scope": "conversations_ticket", "item_id": ticket["id"], "content": "Words"}
    answer = await desk.client.post(desk.comments, json={**good, **fields})
    body = answer.json()
    assert (answer.status_code, body["attr"], body["code"]) == (400, attr, code), body
    assert detail is None or body["detail"] == detail
    assert (await counters(desk))[0] == 0


async def test_tickets_of_others_and_deleted_ones_cannot_be_commented(desk, mallory):
    ticket = await desk.open()
    theirs = Desk(mallory, mallory.project)
    body = {"scope": "conversations_ticket", "item_id": ticket["id"], "content": "Hi"}
    answer = await theirs.client.post(theirs.comments, json=body)
    assert (answer.status_code, answer.json()["attr"]) == (400, "item_id")
    await desk.delete(1)
    assert (await desk.client.post(desk.comments, json=body)).json()["detail"] == "Ticket not found"


async def test_comments_of_others_are_not_found(desk, mallory):
    reply = await desk.say(await desk.open(), "One")
    theirs = Desk(mallory, mallory.project)
    own = await theirs.client.post(theirs.comments, json={"scope": "Insight", "content": "Mine"})
    for method in ("GET", "PATCH"):
        assert (await theirs.client.request(method, f"{theirs.comments}{reply['id']}/")).status_code == 404
    body = {"scope": "Insight", "content": "Hi", "source_comment": own.json()["id"]}
    assert (await desk.client.post(desk.comments, json=body)).json()["attr"] == "source_comment"


async def test_a_remark_about_a_ticket_is_no_message(desk, customer):
    ticket = await desk.open(message="Hello")
    body = {
        "scope": "Ticket",
        "item_id": ticket["id"].upper(),
        "content": "Odd one",
        "item_context": {"a": 1},
    }
    remark = (await desk.client.post(desk.comments, json=body)).json()
    assert (remark["scope"], remark["item_id"]) == ("Ticket", ticket["id"])
    assert await counters(desk) == (1, "Hello", 0, 1, "new")
    assert len((await desk.client.get(f"{desk.tickets}1/messages/")).json()["results"]) == 1
    await desk.delete(1)
    assert (await desk.client.get(f"{desk.comments}{remark['id']}/")).status_code == 404


@pytest.mark.parametrize(
    ("scopes", "statuses"),
    [
        (["ticket:read"], (200, 403, 403, 403)),
        (["ticket:write"], (200, 403, 201, 403)),
        (["comment:read"], (403, 200, 403, 403)),
        (["comment:write"], (403, 200, 403, 201)),
        (["person:write"], (403, 403, 403, 403)),
    ],
)
async def test_comments_on_tickets_need_the_scopes_of_tickets(desk, cast, alice, scopes, statuses):
    ticket = await desk.open()
    client = await cast.make_key(alice, scopes)
    on_ticket = {"scope": "conversations_ticket", "item_id": ticket["id"], "content": "Hi"}
    answers = [
        await client.get(desk.comments, params={"scope": "conversations_ticket"}),
        await client.get(desk.comments, params={"scope": "Insight"}),
        await client.post(desk.comments, json=on_ticket),
        await client.post(desk.comments, json={"scope": "Insight", "content": "Hi"}),
    ]
    assert tuple(answer.status_code for answer in answers) == statuses
    for answer in answers:
        if answer.status_code == 403:
            assert answer.json()["detail"].startswith("API key missing required scope '")


async def test_a_key_for_comments_sees_no_messages_of_tickets(desk, cast, alice):
    reply = await desk.say(await desk.open(), "Secret")
    await desk.client.post(desk.comments, json={"scope": "Insight", "content": "Open"})
    client = await cast.make_key(alice, ["comment:write"])
    found = (await client.get(desk.comments)).json()["results"]
    assert [comment["content"] for comment in found] == ["Open"]
    for method, scope in (("GET", "ticket:read"), ("PATCH", "ticket:write")):
        answer = await client.request(method, f"{desk.comments}{reply['id']}/", json={"content": "x"})
        assert answer.json()["detail"] == f"API key missing required scope '{scope}'"


async def test_comments_are_listed_newest_first_and_filtered(desk):
    ticket, other = await desk.open(), await desk.open(distinct_id="other")
    first = await desk.say(ticket, "Über 100% sure")
    answer = await desk.client.post(
        desk.comments, json={"scope": "Insight", "item_id": 7, "content": "Task", "is_task": True}
    )
    task = answer.json()
    reply = {"scope": "Insight", "item_id": "7", "content": "Re", "source_comment": task["id"]}
    await desk.client.post(desk.comments, json=reply)
    await desk.edit(task, completed_at="2026-01-01T00:00:00Z")
    await desk.say(other, "Last")

    async def texts(**query):
        found = (await desk.client.get(desk.comments, params=query)).json()["results"]
        return [comment["content"] for comment in found]

    assert await texts() == ["Last", "Re", "Task", "Über 100% sure"]
    assert await texts(scope="conversations_ticket") == ["Last", "Über 100% sure"]
    assert await texts(scope="conversations_ticket", item_id=ticket["id"].upper()) == [first["content"]]
    assert await texts(scope="Insight", item_id=7) == ["Re", "Task"]
    assert await texts(search="100%") == ["Über 100% sure"]
    assert await texts(search="1_0") == await texts(search="\x00") == await texts(item_id="nothing") == []
    assert await texts(kind="task") == await texts(completed="true") == ["Task"]
    assert await texts(kind="comment", completed="false", scope="Insight") == ["Re"]
    assert await texts(source_comment=task["id"]) == ["Re"]
    assert await texts(source_comment="x") == await texts(source_comment=str(uuid4())) == []


async def test_a_long_list_goes_forth_and_back_by_cursor(desk):
    for index in range(205):
        body = {"scope": "Insight", "content": str(index)}
        assert (await desk.client.post(desk.comments, json=body)).status_code == 201
    wanted = [str(index) for index in range(204, -1, -1)]
    page = (await desk.client.get(desk.comments, params={"scope": "Insight"})).json()
    assert set(page) == {"next", "previous", "results"} and page["previous"] is None
    pages = [page]
    while pages[-1]["next"]:
        pages.append((await desk.client.get(pages[-1]["next"])).json())
    found = [[comment["content"] for comment in page["results"]] for page in pages]
    assert found == [wanted[:100], wanted[100:200], wanted[200:]]
    back = (await desk.client.get(pages[2]["previous"])).json()
    assert back["results"] == pages[1]["results"]
    front = (await desk.client.get(back["previous"])).json()
    assert (front["results"], front["previous"]) == (pages[0]["results"], None)
    assert (await desk.client.get(desk.comments, params={"cursor": "nonsense"})).json()["results"] == page[
        "results"
    ]


async def test_messages_are_paged_oldest_first(desk):
    ticket = await desk.open(message="0", name="Ada")
    for index in range(1, 5):
        await desk.say(ticket, str(index), is_private=index == 2)
    page = (await desk.client.get(f"{desk.tickets}1/messages/", params={"limit": 2, "offset": 1})).json()
    assert (page["count"], [message["content"] for message in page["results"]]) == (5, ["1", "2"])
    assert "offset=3" in page["next"] and page["previous"].endswith("?limit=2")
    note = page["results"][1]
    assert (note["message_type"], note["is_private"], note["author_name"]) == (
        "internal_note",
        True,
        "Alice Example",
    )
    clamped = (await desk.client.get(f"{desk.tickets}1/messages/", params={"limit": 1000})).json()
    assert len(clamped["results"]) == 5
