"""The settings page of the channel, without script."""

import msgspec

from parley.integrations.slack.tests.slack_double import GENERAL, SUPPORT, TEAM_ROOM
from parley.integrations.slack_channel.pages import PATH
from parley.integrations.slack_channel.tests.conftest import connect
from tests.cast import Cast
from tests.plain_browser import window_of


async def _settings(member, project):
    answer = await member.client.get(f"/api/projects/{project.id}/")
    return answer.json()["conversations_settings"]


async def test_an_admin_chooses_channels_and_emoji_and_posts_a_test(
    cast: Cast, slack, services, alice, project
):
    window = await window_of(cast, alice)
    await window.open(PATH)
    assert "No workspace is connected." in window.page.one("section", class_="panel").text
    await connect(alice, project)
    await window.open(PATH)
    assert window.page.texts("option")[:4] == [
        "None: only mentions and the emoji open tickets", "#general", "#support", "#team (private)",
    ]  # fmt: skip
    assert (
        window.page.one("code", id="events-url").text
        == "http://parley.test/api/conversations/v1/slack/events"
    )
    chosen = {"slack_channel_id": GENERAL, "slack_notification_channel_id": TEAM_ROOM}
    await window.press("Save", slack_enabled="on", slack_ticket_emoji=":eyes:", **chosen)
    assert window.page.one(role="status").text == "Saved."
    stored = await _settings(alice, project)
    assert stored["slack_enabled"] is True and stored["slack_ticket_emoji"] == "eyes"
    assert (stored["slack_channel_id"], stored["slack_channel_name"]) == (GENERAL, "general")
    assert stored["slack_notification_channel_name"] == "team"
    await window.press("Post a test in the channel")  # the app has joined it
    assert window.page.one(role="status").text.startswith("The test is posted.")
    assert len(slack.posts(GENERAL)) == 1


async def test_what_slack_says_no_to_is_said_beside_the_form(cast: Cast, slack, services, alice, project):
    await connect(alice, project)
    slack.channels[2]["is_member"] = False
    window = await window_of(cast, alice)
    await window.open(PATH)
    await window.press("Save", slack_ticket_emoji="two words")
    assert window.status == 422
    assert window.page.one(id="slack_ticket_emoji-help").text.startswith("Enter the name of one emoji")
    await window.press("Save", slack_ticket_emoji="ticket", slack_channel_id=TEAM_ROOM)
    assert window.page.one(id="slack_channel_id-help").text.startswith("The channel is private.")
    await window.press("Save", slack_channel_id=SUPPORT)
    slack.fail["chat.postMessage"] = "not_in_channel"
    await window.press("Post a test in the channel")
    assert window.page.one(role="alert").text.startswith("The app is not in this channel.")
    slack.tokens.clear()
    await window.press("Post a test in the channel")
    await window.open(PATH)
    assert "does not accept the token" in window.page.one("p", class_="notice-warning").text


async def test_members_see_the_page_and_change_nothing(cast: Cast, slack, services, alice, bob, project):
    await connect(alice, project)
    window = await window_of(cast, bob)
    await window.open(PATH)
    assert "Save" not in window.page.texts("button")
    client = await cast.sign_in(bob)
    answer = await client.post(
        PATH, data={"slack_enabled": "on"}, headers={"Referer": f"http://parley.test{PATH}"}
    )
    assert answer.status_code == 403
    assert (await client.post(f"{PATH}/test", headers={"Referer": "http://parley.test/"})).status_code == 403
    assert "slack_enabled" not in await _settings(alice, project)


async def test_channels_are_listed_for_members_from_all_pages_and_for_nobody_else(
    slack, services, alice, bob, mallory, project
):
    made = await connect(alice, project)
    path = f"/api/projects/{project.id}/integrations/{made['id']}/channels"
    found = (await bob.client.get(path)).json()
    assert [one["name"] for one in found["channels"]] == ["general", "support", "team"]
    assert found["has_more"] is False and found["lastRefreshedAt"]
    slack.channels.append({"id": "C0NEW", "name": "new", "is_private": False, "is_member": False})
    n_calls = len(slack.calls)
    assert len((await bob.client.get(path)).json()["channels"]) == 3 and len(slack.calls) == n_calls
    searched = await bob.client.get(path, params={"search": "#NEW", "force_refresh": "true"})
    assert [one["id"] for one in searched.json()["channels"]] == ["C0NEW"]
    assert (await mallory.client.get(path)).status_code in (403, 404)
    assert "xoxb" not in msgspec.json.encode(found).decode()


async def test_a_wrong_token_and_one_without_scopes_are_refused_in_a_sentence(
    slack, services, alice, project
):
    path = f"/api/projects/{project.id}/integrations/"

    async def refused(token):
        answer = await alice.client.post(path, json={"kind": "slack", "config": {"bot_token": token}})
        assert answer.status_code == 400, answer.text
        return answer.json()["code"], answer.json()["attr"]

    assert await refused("xoxp-0123456789-abc") == ("invalid_input", "bot_token")
    assert await refused("xoxb-0000000000-wrong") == ("slack_token_rejected", "bot_token")
    slack.scopes = "chat:write,users:read"
    assert await refused("xoxb-0123456789-abcdefghij") == ("missing_scopes", "bot_token")
    assert (await alice.client.get(path)).json()["results"] == []
