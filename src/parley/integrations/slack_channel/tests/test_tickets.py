"""What people write in Slack becomes tickets and messages."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select

from parley.integrations.slack.tests.slack_double import (
    ADA,
    APP,
    BOT,
    DAN,
    GENERAL,
    PNG,
    SECRET,
    SUPPORT,
    TOKEN,
    event_body,
    signature,
)
from parley.integrations.slack_channel.actions.receiving import forget_events
from parley.integrations.slack_channel.jobs import EVENT_RETRIES_S
from parley.integrations.slack_channel.routes import PATH
from parley.integrations.slack_channel.tables import slack_event
from parley.integrations.slack_channel.tests.conftest import connect
from tests.cast import Member


async def test_a_message_in_the_support_channel_opens_a_ticket_and_is_confirmed_once(room):
    said = await room.says("My *order* is late, see <https://example.com/o/7|order 7>")
    [ticket] = await room.tickets()
    assert ticket["channel_source"] == "slack" and ticket["channel_detail"] == "slack_channel_message"
    assert (ticket["slack_channel_id"], ticket["slack_thread_ts"]) == (SUPPORT, said["ts"])
    assert ticket["slack_team_id"] == room.slack.team and ticket["status"] == "new"
    assert ticket["anonymous_traits"] == {"name": "Ada Lovelace", "email": "ada@example.com"}
    assert ticket["identity_verified"] is False and ticket["distinct_id"] == f"slack:{room.slack.team}:{ADA}"
    [message] = await room.messages(ticket["ticket_number"])
    assert message["content"] == "My *order* is late, see order 7 (https://example.com/o/7)"
    assert message["rich_content"]["content"][0]["content"][1]["marks"] == [{"type": "bold"}]
    assert (message["author_type"], message["author_name"]) == ("customer", "Ada Lovelace")
    [confirmation] = room.slack.posts()
    assert confirmation["thread_ts"] == said["ts"]
    assert f"ticket #{ticket['ticket_number']}" in confirmation["text"]
    await room.queue.drain()
    assert len(room.slack.posts()) == 1


async def test_the_same_event_again_and_the_mention_of_the_same_message_change_nothing(room):
    message = room.slack.said(f"<@{BOT}> help")
    await asyncio.gather(*(room.deliver(message, event_id="Ev1", drain=False) for _ in range(3)))
    await room.deliver({**message, "type": "app_mention"}, event_id="Ev2")
    await room.deliver(message, event_id="Ev1")
    [ticket] = await room.tickets()
    assert [one["content"] for one in await room.messages(ticket["ticket_number"])] == ["help"]
    assert len(room.slack.posts()) == 1


async def test_answers_in_the_thread_are_on_the_ticket_with_the_names_of_who_wrote(room):
    root = await room.says("Hello")
    await room.says("Me, too", user=DAN, thread_ts=root["ts"])
    await room.says("Thanks", thread_ts=root["ts"])
    [ticket] = await room.tickets()
    found = await room.messages(ticket["ticket_number"])
    assert [(one["author_name"], one["content"]) for one in found] == [
        ("Ada Lovelace", "Hello"), ("Dan", "Me, too"), ("Ada Lovelace", "Thanks"),
    ]  # fmt: skip
    assert ticket["unread_team_count"] == 3


async def test_an_answer_that_comes_before_its_message_is_worked_on_waits_for_it(room):
    root = room.slack.said("First")
    reply = room.slack.said("Second", thread_ts=root["ts"])
    await room.deliver(root, drain=False)
    await room.deliver(reply)
    [ticket] = await room.tickets()
    assert [one["content"] for one in await room.messages(ticket["ticket_number"])] in (
        ["First", "Second"], ["First"],
    )  # fmt: skip


async def test_a_mention_and_the_emoji_open_tickets_elsewhere_and_other_words_none(room):
    await room.says("Just talking", channel=GENERAL)
    mentioned = await room.says(f"<@{BOT}> please help", channel=GENERAL, type="app_mention")
    talk = room.slack.said("It broke again", user=DAN, channel=GENERAL)
    item = {"type": "message", "channel": GENERAL, "ts": talk["ts"]}
    for emoji in ("eyes", "ticket", "ticket"):
        await room.deliver({"type": "reaction_added", "user": ADA, "reaction": emoji, "item": item})
    first, second = await room.tickets()
    assert (first["channel_detail"], first["slack_thread_ts"]) == ("slack_bot_mention", mentioned["ts"])
    assert (second["channel_detail"], second["slack_thread_ts"]) == ("slack_emoji_reaction", talk["ts"])
    assert second["anonymous_traits"]["name"] == "Dan"  # whose message it is, not who has added the emoji


async def test_own_posts_and_bots_open_nothing(room):
    await room.says("Hello")
    for post in list(room.slack.posts()):
        await room.deliver({**post, "channel": SUPPORT})
    await room.says("beep", bot_id="B0OTHER", subtype="bot_message")
    await room.says("beep", user=BOT)
    assert len(await room.tickets()) == 1


async def test_what_is_edited_or_removed_in_slack_is_so_here(room):
    message = await room.says("Helo")
    changed = {**message, "text": "Hello <@U0DAN>", "edited": {"user": ADA, "ts": "2.0"}}
    event = {
        "type": "message",
        "subtype": "message_changed",
        "channel": SUPPORT,
        "ts": "2.1",
        "message": changed,
    }
    await room.deliver(event)
    [ticket] = await room.tickets()
    [shown] = await room.messages(ticket["ticket_number"])
    assert (shown["content"], shown["version"]) == ("Hello @Dan", 1)
    gone = {"type": "message", "subtype": "message_deleted", "channel": SUPPORT, "deleted_ts": message["ts"]}
    await room.deliver(gone)
    assert await room.messages(ticket["ticket_number"]) == []
    assert (await room.tickets())[0]["message_count"] == 0


def _edited(message, text, at="2.0"):
    changed = {**message, "text": text, **({"edited": {"user": ADA, "ts": at}} if at else {})}
    about = {"type": "message", "subtype": "message_changed", "channel": SUPPORT}
    return {**about, "ts": "2.1", "message": changed}


async def test_an_edit_that_comes_before_its_message_counts_when_that_comes(room):
    message = room.slack.said("Helo")
    for text in ("Hello <@U0DAN>", "Hello <@U0DAN>!"):
        await room.deliver(_edited(message, text))
    assert await room.tickets() == []
    await room.deliver(message)
    [ticket] = await room.tickets()
    assert [one["content"] for one in await room.messages(ticket["ticket_number"])] == ["Hello @Dan!"]
    await room.deliver(_edited(message, "Bye"))
    assert [one["content"] for one in await room.messages(ticket["ticket_number"])] == ["Bye"]


async def test_the_latest_text_counts_in_whatever_order_edits_come(room):
    message = await room.says("One")
    early = room.slack.said("One")
    await room.deliver(_edited(early, "Three", "10.000003"))
    await room.deliver(_edited(early, "Two", "9.000002"))
    await room.deliver(early)
    for text, at in (("Three", "10.000003"), ("Two", "9.000002"), ("One", None)):
        await room.deliver(_edited(message, text, at))
    tickets = await room.tickets()
    said = [one["content"] for on in tickets for one in await room.messages(on["ticket_number"])]
    assert said == ["Three", "Three"]
    # An edit that gives back the text that is there counts, too.
    for text, at in (("Three", "12.0"), ("Two", "11.0")):
        await room.deliver(_edited(message, text, at))
    assert said == [one["content"] for on in tickets for one in await room.messages(on["ticket_number"])]


async def test_a_removal_that_comes_before_its_message_keeps_it_away(room):
    root = await room.says("Hello")
    reply = room.slack.said("My password is 1234", thread_ts=root["ts"])
    gone = {"type": "message", "subtype": "message_deleted", "channel": SUPPORT, "deleted_ts": reply["ts"]}
    await room.deliver(gone)
    await room.deliver(reply)
    await room.deliver({**reply, "text": f"<@{BOT}> {reply['text']}", "type": "app_mention"})
    [ticket] = await room.tickets()
    assert [one["content"] for one in await room.messages(ticket["ticket_number"])] == ["Hello"]


async def test_what_an_edit_says_is_forgotten_where_its_message_never_comes(room, clock):
    talk = room.slack.said("Talk", channel=GENERAL)
    await room.deliver(_edited(talk, "Secret talk") | {"channel": GENERAL})
    old = {**talk, "ts": f"{float(talk['ts']) - 86_400:.6f}"}
    await room.deliver(_edited(old, "Older secret") | {"channel": GENERAL})
    assert await _kept(room) == ["Secret talk"]
    clock.advance(timedelta(hours=3))
    async with room.services.database.transaction() as db:
        await forget_events(db, clock.now())
    assert await _kept(room) == []


async def _kept(room):
    async with room.services.database.transaction(write=False) as db:
        mine = select(slack_event.c.event).where(slack_event.c.project_id == room.project.id)
        found = (await db.execute(mine)).scalars().all()
    return [one["message"]["text"] for one in found if one]


async def test_answers_in_the_thread_of_a_deleted_ticket_are_swallowed(room, alice):
    root = await room.says("Hello")
    [ticket] = await room.tickets()
    await alice.client.delete(f"{room.desk.tickets}{ticket['id']}/")
    await room.says("Anybody?", thread_ts=root["ts"])
    await room.says(f"<@{BOT}> anybody?", thread_ts=root["ts"], type="app_mention")
    assert await room.tickets() == []


async def test_an_answer_reopens_a_resolved_ticket(room, alice):
    root = await room.says("Hello")
    [ticket] = await room.tickets()
    await alice.client.patch(f"{room.desk.tickets}{ticket['id']}/", json={"status": "resolved"})
    await room.says("Still broken", thread_ts=root["ts"])
    assert (await room.tickets())[0]["status"] == "open"


async def test_small_images_come_along_and_the_token_goes_to_slack_only(room, alice):
    other = {
        "name": "big.png",
        "mimetype": "image/png",
        "size": 5 * 1024 * 1024,
        "url_private": "https://x.example",
    }
    foreign = {**room.slack.image(), "name": "stolen.png", "url_private_download": "http://127.0.0.1:9/x.png"}
    await room.says("See", subtype="file_share", files=[room.slack.image(), other, foreign])
    [ticket] = await room.tickets()
    [message] = await room.messages(ticket["ticket_number"])
    assert message["content"] == "See\n[In Slack only: big.png]\n[In Slack only: stolen.png]"
    comment = await room.comment(message["id"])
    [image] = comment["item_context"]["attachments"]
    assert (image["name"], image["size"], image["content_type"]) == ("photo.png", len(PNG), "image/png")


async def test_a_claim_of_an_address_makes_nobody_a_member_or_a_known_person(room, alice):
    room.slack.users[ADA]["profile"]["email"] = alice.email
    await room.says("I am your boss, resolve everything")
    [ticket] = await room.tickets()
    assert ticket["identity_verified"] is False and ticket["person"] is None
    [message] = await room.messages(ticket["ticket_number"])
    assert message["author_type"] == "customer"


async def test_a_user_whom_slack_does_not_tell_of_has_a_name_all_the_same(room):
    await room.says("Hello", user="U0NOBODY")
    assert (await room.tickets())[0]["anonymous_traits"] == {"name": "Slack user U0NOBODY"}


async def test_words_come_in_although_slack_tells_nothing_of_them_for_as_long_as_it_is_asked(room, clock):
    room.slack.fail["users.info"] = "internal_error"  # which passes, as is documented
    root = await room.says("See, <@U0DAN>")
    assert await room.tickets() == []
    for pause_s in EVENT_RETRIES_S:
        clock.advance(timedelta(seconds=pause_s * 2))
        await room.queue.drain()
    [ticket] = await room.tickets()
    assert ticket["anonymous_traits"] == {"name": f"Slack user {ADA}"}
    [message] = await room.messages(ticket["ticket_number"])
    assert message["content"] == "See, @Slack user U0DAN"
    await room.deliver(root)  # once more, as Slack does that heard no answer
    assert len(await room.tickets()) == 1


async def test_nothing_comes_in_while_the_channel_is_off(room, alice):
    path = f"/api/projects/{room.project.id}/"
    await alice.client.patch(path, json={"conversations_settings": {"slack_enabled": False}})
    await room.says("Hello")
    assert await room.tickets() == []


async def test_slack_proves_the_address_by_a_challenge(room):
    answer = await room.send(msgspec.json.encode({"type": "url_verification", "challenge": "3eZbrw1aB"}))
    assert (answer.status_code, answer.json()["challenge"]) == (200, "3eZbrw1aB")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff\xfe", b'{"type":"url_verification"}', b'{"event":[]}']
)
async def test_only_what_slack_has_signed_lately_is_read(room, anonymous, services, body):
    now = int(services.clock.now().timestamp())
    for headers in (
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": signature(body or b"{}", now, SECRET + "x")},
        {
            "X-Slack-Request-Timestamp": str(now - 301),
            "X-Slack-Signature": signature(body or b"{}", now - 301),
        },
    ):
        assert (await room.send(body or b"{}", **headers)).status_code == 403
    assert (await anonymous.post(PATH, content=body)).status_code == 403
    assert (await room.send(body or b"{}")).status_code in (200, 400)


async def test_events_of_an_unknown_workspace_and_of_none_are_dropped(room):
    message = room.slack.said("Hello")
    assert (await room.deliver(message, team="T0OTHER")).json() == {"ok": True}
    await room.send(msgspec.json.encode({**event_body(message), "team_id": None, "authorizations": None}))
    await room.queue.drain()
    assert await room.tickets() == []


async def test_a_workspace_has_one_project_and_a_project_one_workspace(room, mallory: Member, alice):
    theirs = (await mallory.client.get("/api/projects/")).json()["results"][0]["id"]
    wanted = {"kind": "slack", "config": {"bot_token": TOKEN}}
    refused = await mallory.client.post(f"/api/projects/{theirs}/integrations/", json=wanted)
    assert (refused.status_code, refused.json()["code"]) == (400, "workspace_in_use")
    again = await connect(alice, room.project)  # the same one again is fine
    assert again["display_name"] == "Hedgehogs"
    assert TOKEN not in msgspec.json.encode(again).decode()


async def test_events_come_to_the_project_of_the_app_that_they_are_signed_for(room, mallory: Member, alice):
    """Somebody of the workspace has connected it to a project of theirs before, by an app of their own."""
    theirs = mallory.project.id
    mine = f"/api/projects/{room.project.id}/integrations/"
    [before] = (await alice.client.get(mine)).json()["results"]
    await alice.client.delete(f"{mine}{before['id']}/")
    room.slack.app = "A0OTHER"
    await connect(mallory, mallory.project)
    settings = {"slack_enabled": True, "slack_channel_id": SUPPORT}
    await mallory.client.patch(f"/api/projects/{theirs}/", json={"conversations_settings": settings})
    await room.says("Nobody's yet")
    room.slack.app = APP
    await connect(alice, room.project)
    await room.says("Hello")
    await room.deliver(room.slack.said("Of another server's app"), app="A0ELSE")
    assert [one["last_message_text"] for one in await room.tickets()] == ["Hello"]
    listed = await mallory.client.get(f"/api/projects/{theirs}/conversations/tickets/")
    assert listed.json()["count"] == 0


async def test_a_token_is_proved_by_one_call_and_its_app_by_another(room, alice):
    proving = [name for name, _ in room.slack.calls if name in ("auth.test", "bots.info")]
    assert proving == ["auth.test", "bots.info"]
    room.slack.app = "none"
    path = f"/api/projects/{room.project.id}/integrations/"
    wanted = {"kind": "slack", "config": {"bot_token": TOKEN}}
    refused = await alice.client.post(path, json=wanted)
    assert (
        refused.status_code == 400 and "ids of the workspace, its bot and its app" in refused.json()["detail"]
    )


async def test_a_removed_app_is_said_on_the_integration_until_it_is_connected_again(room, alice):
    await room.deliver({"type": "app_uninstalled"})
    path = f"/api/projects/{room.project.id}/integrations/"
    [found] = (await alice.client.get(path)).json()["results"]
    assert found["errors"] == "TOKEN_REFRESH_FAILED"
    await connect(alice, room.project)
    [found] = (await alice.client.get(path)).json()["results"]
    assert found["errors"] == ""
