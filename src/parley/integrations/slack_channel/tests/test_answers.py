"""Answers of the team go into the thread, once, and notices into the team's channel."""

from datetime import timedelta

from parley.integrations.slack.tests.slack_double import GENERAL, PNG, SUPPORT, TEAM_ROOM
from parley.integrations.slack_channel.jobs import POST_RETRIES_S
from parley.integrations.slack_channel.tests.conftest import connect


async def _asked(room, text="Hello"):
    await room.says(text)
    return (await room.tickets())[-1]


async def _say(room, ticket, content, **fields):
    said = await room.desk.say(ticket, content, **fields)
    await room.queue.drain()
    return said


async def _post(room, ticket, content, **more):
    context = {"author_type": "support", "is_private": False}
    body = {
        "scope": "conversations_ticket",
        "item_id": ticket["id"],
        "content": content,
        "item_context": context,
    }
    answer = await room.desk.client.post(room.desk.comments, json={**body, **more})
    assert answer.status_code == 201, answer.text
    await room.queue.drain()
    return answer.json()


def _answers(room):
    return [one for one in room.slack.posts() if "username" in one]


async def test_an_answer_goes_into_the_thread_under_the_name_of_its_author(room):
    ticket = await _asked(room)
    rich = {"type": "doc", "content": [{"type": "paragraph", "content": [
        {"type": "text", "text": "It <left>", "marks": [{"type": "bold"}]},
        {"type": "text", "text": " today", "marks": [{"type": "link", "attrs": {"href": "https://example.com/"}}]},
    ]}]}  # fmt: skip
    said = await _post(room, ticket, "It left today", rich_content=rich)
    [post] = _answers(room)
    assert post["text"] == "*It &lt;left&gt;* <https://example.com/|today>"
    assert (post["thread_ts"], post["username"]) == (ticket["slack_thread_ts"], "Alice Example")
    context = (await room.comment(said["id"]))["item_context"]
    assert (context["slack_delivery_status"], context["slack_synced_ts"]) == ("sent", post["ts"])


async def test_notes_and_words_of_customers_never_go_to_slack(room):
    ticket = await _asked(room)
    await _say(room, ticket, "Psst", is_private=True)
    await _say(room, ticket, "I asked", author_type="customer")
    await _say(room, ticket, "<!channel> <@U0DAN> hi")
    assert [one["text"] for one in _answers(room)] == ["&lt;!channel&gt; &lt;@U0DAN&gt; hi"]


async def test_what_the_team_edits_or_removes_is_so_in_slack(room, alice):
    ticket = await _asked(room)
    said = await _say(room, ticket, "Helo")
    path = f"{room.desk.comments}{said['id']}/"
    await alice.client.patch(path, json={"content": "Hello"})
    await room.queue.drain()
    assert [one["text"] for one in _answers(room)] == ["Hello"]
    await alice.client.patch(path, json={"deleted": True})
    await room.queue.drain()
    assert _answers(room) == []


async def test_an_answer_whose_acknowledgement_was_lost_is_not_posted_twice(room, clock):
    ticket = await _asked(room)
    room.slack.lose.add("chat.postMessage")
    await _say(room, ticket, "Once")
    await _later(room, clock)
    assert [one["text"] for one in _answers(room)] == ["Once"]
    assert (await _status(room, ticket)) == "sent"


async def test_what_slack_takes_late_and_without_an_answer_is_not_posted_twice(room, clock):
    ticket = await _asked(room)
    room.slack.late["chat.postMessage"] = []
    await _say(room, ticket, "Once")
    for seconds in POST_RETRIES_S[:2]:
        await _later(room, clock, minutes=seconds / 30)
    room.slack.catch_up("chat.postMessage")
    await _later(room, clock)
    assert [one["text"] for one in _answers(room)] == ["Once"]
    assert (await _status(room, ticket)) == "sent"


async def test_where_too_much_was_written_to_look_it_up_an_answer_waits_rather_than_come_twice(room, clock):
    ticket = await _asked(room)
    room.slack.lose.add("chat.postMessage")
    room.slack.is_busy = True
    await _say(room, ticket, "Once")
    await _later(room, clock)
    assert [one["text"] for one in _answers(room)] == ["Once"]
    assert (await _status(room, ticket)) == "sending"
    room.slack.is_busy = False
    await _later(room, clock, minutes=120)
    assert [one["text"] for one in _answers(room)] == ["Once"]
    assert (await _status(room, ticket)) == "sent"


async def _later(room, clock, minutes=15):
    clock.advance(timedelta(minutes=minutes))
    await room.queue.drain()


async def _status(room, ticket):
    last = (await room.messages(ticket["ticket_number"]))[-1]
    return (await room.comment(last["id"]))["item_context"].get("slack_delivery_status")


async def test_slack_is_left_alone_for_as_long_as_it_wants_and_the_answer_comes_later(room, clock):
    ticket = await _asked(room)
    room.slack.rest["chat.postMessage"] = 1
    await _say(room, ticket, "Later")
    assert await _status(room, ticket) == "sending"
    n_calls = len(room.slack.calls)
    await room.queue.drain()
    assert len(room.slack.calls) == n_calls
    del room.slack.rest["chat.postMessage"]
    await room.services.cache.delete(*_rests(room))
    await _later(room, clock)
    assert [one["text"] for one in _answers(room)] == ["Later"]


def _rests(room):
    host = f"{room.slack.receiver.host}:{room.slack.receiver.port}"
    return [f"upstream-rest:{room.project.id}:{host}"]


async def test_a_refusal_is_said_on_the_answer_in_a_sentence(room):
    ticket = await _asked(room)
    room.slack.fail["chat.postMessage"] = "is_archived"
    said = await _say(room, ticket, "Hello")
    context = (await room.comment(said["id"]))["item_context"]
    assert context["slack_delivery_status"] == "failed"
    assert context["slack_delivery_detail"] == "The channel is archived in Slack. Choose another one."


async def test_a_revoked_token_is_said_on_the_integration_and_the_answer_waits_for_a_new_one(
    room, clock, alice
):
    ticket = await _asked(room)
    kept, room.slack.tokens = room.slack.tokens, set()
    await _say(room, ticket, "Hello")
    path = f"/api/projects/{room.project.id}/integrations/"
    assert (await alice.client.get(path)).json()["results"][0]["errors"] == "TOKEN_REFRESH_FAILED"
    assert await _status(room, ticket) == "sending"
    room.slack.tokens = kept
    await connect(alice, room.project)
    await _later(room, clock)
    assert [one["text"] for one in _answers(room)] == ["Hello"]


async def test_images_go_along_and_other_files_as_links(room, alice):
    ticket = await _asked(room)
    ids = []
    for name, content in (("photo.png", PNG), ("notes.txt", b"Some words")):
        answer = await alice.client.post(
            f"/api/projects/{room.project.id}/conversations/files/", files={"file": (name, content)}
        )
        assert answer.status_code == 201, answer.text
        ids.append(answer.json()["id"])
    await _post(room, ticket, "See", file_ids=ids)
    [post] = _answers(room)
    assert post["text"].startswith("See\n<http://parley.test/") and post["text"].endswith("|notes.txt>")
    [upload] = room.slack.uploads
    assert (upload["channel_id"], upload["thread_ts"]) == (SUPPORT, ticket["slack_thread_ts"])
    assert room.slack.files["/upload/v1/photo.png"] == PNG


async def test_an_answer_on_a_ticket_goes_to_the_threads_of_those_merged_into_it(room, alice):
    first, second = await _asked(room, "One"), await _asked(room, "Two")
    merging = await alice.client.post(
        f"{room.desk.tickets}{first['ticket_number']}/merge/", json={"into": second["id"]}
    )
    assert merging.status_code == 200, merging.text
    await _say(room, second, "For both")
    threads = {one["thread_ts"] for one in _answers(room)}
    assert threads == {first["slack_thread_ts"], second["slack_thread_ts"]}


async def test_the_team_is_told_of_conversations_and_assignments_without_what_was_written(room, alice):
    ticket = await _asked(room, "A secret <!channel>")
    me = (await alice.client.get("/api/users/@me/")).json()["id"]
    other = next(one for one in await _members(alice) if one["user"]["id"] != me)
    change = {"assignee": {"type": "user", "id": other["user"]["id"]}}
    await alice.client.patch(f"{room.desk.tickets}{ticket['id']}/", json=change)
    await room.queue.drain()
    told = [one["text"] for one in room.slack.posts(TEAM_ROOM)]
    link = f"<http://parley.test/inbox/{ticket['ticket_number']}|#{ticket['ticket_number']}>"
    assert told[0] == f"New conversation {link} from Ada Lovelace (slack)"
    assert told[1].startswith(f"Conversation {link} of Ada Lovelace is assigned to ")
    assert len(told) == 2


async def _members(alice):
    answer = await alice.client.get("/api/organizations/@current/members/")
    return answer.json()["results"]


async def test_a_widget_conversation_is_told_of_and_its_answers_stay_out_of_slack(room):
    opened = await room.desk.open()
    await _say(room, opened, "Hello")
    assert _answers(room) == []
    assert room.slack.posts(GENERAL) == []
