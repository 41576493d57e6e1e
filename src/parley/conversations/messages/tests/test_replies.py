"""Replies and private notes: written, kept from being written twice, edited and removed."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from parley.conversations.tickets.queries.tickets import locked_ticket
from parley.conversations.tickets.tests.factories import Desk
from tests.limited import client_at, limited_app

ITEM = {
    "id", "message_type", "content", "rich_content", "author_type", "author_name", "author_email", "is_private",
    "has_full_email_content", "version", "created_at", "attachments",
}  # fmt: skip


async def reply(desk, key, message="Words", **fields):
    """Send a reply."""
    return await desk.client.post(f"{desk.tickets}{key}/reply/", json={"message": message, **fields})


async def note(desk, key, message="Words", **fields):
    """Write a note; return it."""
    answer = await desk.client.post(f"{desk.tickets}{key}/notes/", json={"message": message, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def edit(desk, key, note_id, **fields):
    return await desk.client.patch(f"{desk.tickets}{key}/notes/{note_id}/", json=fields)


async def remove(desk, key, note_id):
    return await desk.client.delete(f"{desk.tickets}{key}/notes/{note_id}/")


async def thread(desk, key):
    """Return the messages of a ticket."""
    return (await desk.client.get(f"{desk.tickets}{key}/messages/")).json()["results"]


async def test_a_reply_is_a_message_of_the_team(desk, alice):
    ticket = await desk.open(message="Hello")
    answer = await reply(desk, 1, "  It left.  ", rich_content={"type": "doc"})
    message = answer.json()
    assert (answer.status_code, set(message)) == (201, ITEM)
    assert [message[name] for name in ("message_type", "content", "author_type", "is_private", "version")] == [
        "sent_reply", "It left.", "support", False, 0,
    ]  # fmt: skip
    assert (message["author_email"], message["rich_content"]) == (alice.email, {"type": "doc"})
    assert (await thread(desk, ticket["id"]))[1] == message
    listed = (await desk.listed())["results"][0]
    names = ("message_count", "last_message_text", "unread_customer_count", "unread_team_count", "updated_at")
    assert [listed[name] for name in names] == [2, "It left.", 1, 1, message["created_at"]]


async def test_private_messages_move_no_counter(desk):
    await desk.open(message="Hello")
    before = (await desk.listed())["results"][0]
    private = (await reply(desk, 1, "One", is_private=True)).json()
    forced = await note(desk, 1, "Two", is_private=False)
    for message in (private, forced):
        assert (message["message_type"], message["is_private"]) == ("internal_note", True)
    assert (await desk.listed())["results"][0] == before


async def test_the_same_reply_is_stored_once(desk, clock, bob):
    ticket = await desk.open()
    first = (await reply(desk, 1)).json()
    again = await reply(desk, ticket["id"])
    assert (again.status_code, again.json()) == (200, first)
    assert (await reply(Desk(bob, desk.project), 1)).status_code == 201
    assert (await reply(desk, 1, is_private=True)).status_code == 201
    assert (await reply(desk, 1, rich_content={"a": 1})).status_code == 201
    clock.advance(timedelta(seconds=121))
    assert (await reply(desk, 1)).status_code == 201
    assert len(await thread(desk, 1)) == 5


@pytest.mark.parametrize("way", ["reply", "comments"])
async def test_equal_words_after_another_public_message_are_a_new_message(desk, way):
    ticket = await desk.open(message="Is it green?")

    async def yes():
        return (await reply(desk, 1, "Yes.")).json() if way == "reply" else await desk.say(ticket, "Yes.")

    first = await yes()
    await note(desk, 1, "Nobody else has read this.")
    assert (await yes())["id"] == first["id"]
    await desk.say(ticket, "And big?", author_type="customer")
    second = await yes()
    assert second["id"] != first["id"]
    # It is the latest that is repeated.
    assert (await yes())["id"] == second["id"]
    assert [one["content"] for one in await thread(desk, 1) if not one["is_private"]] == [
        "Is it green?", "Yes.", "And big?", "Yes.",
    ]  # fmt: skip


@pytest.mark.parametrize("keys", [("a", "b"), (None, "b")])
async def test_another_idempotency_key_is_another_message(desk, keys):
    ticket = await desk.open()
    on = {
        "scope": "conversations_ticket",
        "item_id": ticket["id"],
        "item_context": {"author_type": "support"},
    }
    for path, body in (
        (f"{desk.tickets}1/reply/", {"message": "Yes."}),
        (f"{desk.tickets}1/notes/", {"message": "Yes."}),
        (desk.comments, {**on, "content": "No."}),
    ):
        answers = [
            await desk.client.post(path, json=body, headers={"Idempotency-Key": key} if key else {})
            for key in (*keys, keys[1])
        ]
        first, second, again = (answer.json()["id"] for answer in answers)
        assert first != second == again
        assert [answer.status_code for answer in answers] == [201, 201, 201]


async def test_equal_words_of_a_customer_are_all_kept(desk):
    ticket = await desk.open()
    ids = {(await desk.say(ticket, "Hello?", author_type="customer"))["id"] for _ in range(3)}
    assert len(ids) == 3
    assert (await desk.ticket(1))["message_count"] == 3


async def test_a_comment_that_is_a_repetition_is_said_to_be_one(desk):
    ticket = await desk.open()
    body = {"scope": "conversations_ticket", "item_id": ticket["id"], "content": "Yes."}
    first, again = [await desk.client.post(desk.comments, json=body) for _ in "ab"]
    assert first.json() == again.json()
    assert [answer.headers.get("Idempotent-Replayed") for answer in (first, again)] == [None, "true"]


async def test_replies_and_comments_share_the_guard(desk):
    ticket = await desk.open()
    first = await desk.say(ticket, "Words")
    again = await reply(desk, 1)
    assert (again.status_code, again.json()["id"]) == (200, first["id"])
    second = (await reply(desk, 1, "More")).json()
    assert (await desk.say(ticket, "More"))["id"] == second["id"]


async def test_a_removed_reply_can_be_sent_again(desk):
    await desk.open()
    first = (await reply(desk, 1)).json()
    await desk.edit(first, deleted=True)
    assert (await reply(desk, 1)).status_code == 201


async def test_many_equal_replies_at_once_make_one_message(desk):
    await desk.open()
    answers = await asyncio.gather(*(reply(desk, 1) for _ in range(12)))
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(201) == 1
    assert set(statuses) <= {200, 201, 409}
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["error_type"] == "reply_in_progress"
    assert len(await thread(desk, 1)) == 1
    assert (await reply(desk, 1)).status_code == 200


async def test_a_reply_that_is_being_sent_is_refused(desk, database):
    await desk.open()
    async with database.transaction() as db:
        await locked_ticket(db, desk.project.id, 1)  # the first one has to wait for it
        first = asyncio.create_task(reply(desk, 1))
        await asyncio.sleep(0.3)
        second = await reply(desk, 1)
    assert (second.status_code, second.json()["error_type"]) == (409, "reply_in_progress")
    assert (await first).status_code == 201
    assert (await reply(desk, 1)).status_code == 200


async def test_a_refused_reply_leaves_no_mark(desk):
    assert [(await reply(desk, 1)).status_code for _ in range(2)] == [404, 404]


async def test_an_idempotency_key_gives_the_first_answer_again(desk):
    await desk.open()
    desk.client.headers["Idempotency-Key"] = str(uuid4())
    first, again = await reply(desk, 1), await reply(desk, 1)
    del desk.client.headers["Idempotency-Key"]
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("path", ["reply", "notes"])
@pytest.mark.parametrize(
    ("body", "attr", "code"),
    [
        ({}, "message", "required"),
        ({"message": None}, "message", "null"),
        ({"message": ""}, "message", "blank"),
        ({"message": " \n "}, "message", "blank"),
        ({"message": ["x"]}, "message", "invalid_input"),
        ({"message": "x" * 5001}, "message", "max_length"),
        ({"message": "a\x00"}, "message", "null_characters_not_allowed"),
        ({"message": "x", "rich_content": "<b>"}, "rich_content", "invalid_input"),
        ({"message": "x", "rich_content": {"text": "x" * 100_000}}, "rich_content", "max_length"),
    ],
)
async def test_a_message_that_breaks_a_rule_is_refused(desk, path, body, attr, code):
    await desk.open()
    answer = await desk.client.post(f"{desk.tickets}1/{path}/", json=body)
    error = answer.json()
    assert (answer.status_code, error["type"]) == (400, "validation_error"), error
    assert (error["attr"], error["code"]) == (attr, code), error
    assert await thread(desk, 1) == []


async def test_five_thousand_letters_are_a_message_and_a_private_maybe_is_none(desk):
    await desk.open()
    assert (await reply(desk, 1, "x" * 5000)).status_code == 201
    refused = await reply(desk, 1, is_private="maybe")
    assert (refused.status_code, refused.json()["attr"]) == (400, "is_private")


async def test_without_conversations_nothing_is_written(desk, alice):
    await desk.open()
    body = {"conversations_enabled": False}
    assert (await alice.client.patch(f"/api/projects/{desk.project.id}/", json=body)).status_code == 200
    for path in ("reply", "notes"):
        answer = await desk.client.post(f"{desk.tickets}1/{path}/", json={"message": "x"})
        assert (answer.status_code, answer.json()) == (400, {"detail": "Support is not enabled."})


async def test_editing_a_note_moves_its_version_and_drops_its_rich_form(desk):
    await desk.open(message="Hello")
    written = await note(desk, 1, "One", rich_content={"type": "doc"})
    before = (await desk.listed())["results"]
    edited = (await edit(desk, 1, written["id"], message="Two")).json()
    assert edited == {**written, "content": "Two", "rich_content": None, "version": 1}
    again = (await edit(desk, 1, written["id"], message="Two", rich_content={"a": 1})).json()
    assert (again["version"], again["rich_content"]) == (2, {"a": 1})
    assert (await desk.listed())["results"] == before
    assert (await thread(desk, 1))[1] == again


async def test_a_removed_note_is_gone(desk):
    await desk.open(message="Hello")
    written = await note(desk, 1)
    assert (await remove(desk, 1, written["id"])).status_code == 204
    assert len(await thread(desk, 1)) == 1
    for answer in (await remove(desk, 1, written["id"]), await edit(desk, 1, written["id"], message="x")):
        assert (answer.status_code, answer.json()["error_type"]) == (404, "note_not_found")
    assert (await desk.ticket(1))["message_count"] == 1


async def test_only_private_notes_of_ones_own_can_be_changed(desk, bob):
    await desk.open()
    public, written = (await reply(desk, 1)).json(), await note(desk, 1, "Mine")
    his = Desk(bob, desk.project)
    own = "your own private notes."
    for answer, status, error_type, detail in (
        (await edit(desk, 1, public["id"], message="x"), 400, "not_private_note", "Only private notes can be edited."),
        (await remove(desk, 1, public["id"]), 400, "not_private_note", "Only private notes can be deleted."),
        (await edit(his, 1, written["id"], message="x"), 403, "not_note_author", f"You can only edit {own}"),
        (await remove(his, 1, written["id"]), 403, "not_note_author", f"You can only delete {own}"),
    ):  # fmt: skip
        assert (answer.status_code, answer.json()) == (status, {"detail": detail, "error_type": error_type})
    assert (await edit(desk, 1, written["id"], message=" ")).json()["code"] == "blank"
    assert [one["content"] for one in await thread(desk, 1)] == ["Words", "Mine"]


async def test_a_note_is_found_on_its_own_ticket_only(desk):
    await desk.open()
    await desk.open()
    written = await note(desk, 1)
    for message_id in (written["id"], str(uuid4()), "5", "x" * 300):
        answer = await edit(desk, 2, message_id, message="x")
        assert (answer.status_code, answer.json()["error_type"]) == (404, "note_not_found")
    assert (await edit(desk, 3, written["id"], message="x")).json()["code"] == "not_found"


async def test_tickets_of_others_and_deleted_ones_take_no_messages(desk, mallory):
    ticket = await desk.open()
    written = await note(desk, 1)
    theirs = Desk(mallory, mallory.project)
    await theirs.open()
    assert (await reply(theirs, ticket["id"])).status_code == 404
    assert (await edit(theirs, ticket["id"], written["id"], message="x")).status_code == 404
    assert (await edit(theirs, 1, written["id"], message="x")).json()["error_type"] == "note_not_found"
    assert (await remove(theirs, 1, written["id"])).status_code == 404
    await desk.delete(1)
    assert (await reply(desk, ticket["id"], "New")).status_code == 404
    assert (await edit(desk, 1, written["id"], message="x")).status_code == 404


async def test_messages_that_came_by_no_mail_have_no_full_email(desk, mallory):
    ticket = await desk.open()
    message = (await reply(desk, 1)).json()
    answer = await desk.client.get(f"{desk.tickets}1/messages/{message['id']}/full_email/")
    assert (answer.status_code, answer.json()["error_type"]) == (404, "full_email_not_found")
    foreign = await mallory.client.get(
        f"{mallory.project.tickets}{ticket['id']}/messages/{message['id']}/full_email/"
    )
    assert (foreign.status_code, foreign.json()["code"]) == (404, "not_found")


async def test_a_key_that_only_reads_writes_nothing(desk, alice, cast):
    await desk.open()
    reader = await cast.make_key(alice, ["ticket:read"])
    for path in ("reply", "notes"):
        answer = await reader.post(f"{desk.tickets}1/{path}/", json={"message": "x"})
        assert answer.status_code == 403


async def test_open_pages_hear_of_notes(desk, services):
    await desk.open()
    async with services.live.subscription(f"project:{desk.project.id}") as notices:
        written = await note(desk, 1)
        await edit(desk, 1, written["id"], message="Two")
        await remove(desk, 1, written["id"])
        heard = [notices.get_nowait() for _ in range(3)]
    assert [one.name for one in heard] == ["message.added", "message.changed", "message.changed"]
    assert {one.data["message_id"] for one in heard} == {written["id"]}


async def test_a_user_writes_ten_times_a_minute_where_limits_are_on(desk, alice, settings):
    await desk.open()
    key = alice.client.headers["Authorization"]
    async with (
        limited_app(settings, "on") as made,
        client_at(made, "192.0.2.1", Authorization=key) as client,
    ):
        limited = Desk(alice, desk.project)
        limited.client = client
        statuses = [(await reply(limited, 1, f"{n}")).status_code for n in range(11)]
        assert statuses == [201] * 10 + [429]
        refused = await reply(limited, 1, "one more")
        assert (refused.json()["code"], 1 <= int(refused.headers["retry-after"]) <= 60) == ("throttled", True)
        assert (await note(limited, 1))["is_private"] is True
