"""Subscriptions to channels of a connected workspace: refused, introduced, delivered once, failed with a sentence."""

from datetime import timedelta

import pytest

from parley.analytics.subscription_deliveries.tests.conftest import DUE
from parley.analytics.subscriptions.tests.subscribing import (
    SUBSCRIPTIONS,
    change,
    fields,
    make_insight,
    path_of,
    subscribe,
)
from parley.integrations.slack.tests.slack_double import GENERAL, SUPPORT, TEAM_ROOM
from parley.integrations.slack_reports.tests.conftest import CHANNEL, connect

UNKNOWN = "This integration does not exist or does not belong to your team."
HOOK = "https://hooks.slack.com/services/T024/B1/qX7"


async def shown(alice, made):
    return (await alice.client.get(path_of(made))).json()


async def test_a_channel_is_introduced_and_gets_each_report_once(alice, slack, target, deliveries, queue):
    made = await subscribe(alice, title="<!channel> ours", **target)
    assert {name: made[name] for name in target} == target
    assert (await alice.client.get(SUBSCRIPTIONS)).json()["results"] == [made]
    await queue.drain()
    [told] = slack.posts()
    assert told["text"].startswith("This channel has been subscribed to Visits")
    await deliveries.go_out()
    _, report = slack.posts()
    assert report["text"] == "Parley Insight report - &lt;!channel&gt; ours"
    assert "Open in Parley" in report["blocks"] and '"type":"image"' in report["blocks"]
    [one] = await deliveries.of(made)
    assert (one["status"], one["target_value"]) == ("completed", CHANNEL)
    assert one["recipient_results"] == [{"recipient": CHANNEL, "status": "success", "error": None}]


async def test_only_a_slack_integration_of_the_project_is_taken(alice, mallory, target):
    theirs = await mallory.client.get("/api/projects/@current/integrations/")
    assert theirs.json()["results"] == []
    insight = await make_insight(mallory)
    for number in (target["integration_id"], 5):
        body = fields(insight=insight, **{**target, "integration_id": number})
        answer = await mallory.client.post(SUBSCRIPTIONS, json=body)
        found = answer.json()
        assert (answer.status_code, found["attr"], found["detail"]) == (400, "integration_id", UNKNOWN)
    own = await make_insight(alice)
    for wrong, attr in (
        ({"target_value": "#support"}, "target_value"),
        ({"target_value": "C1\n|#x"}, "target_value"),
        ({"target_value": HOOK}, "target_value"),
        ({"target_type": "email", "target_value": "ada@example.com"}, "integration_id"),
        ({"integration_id": None}, "integration_id"),
    ):
        answer = await alice.client.post(SUBSCRIPTIONS, json=fields(insight=own, **{**target, **wrong}))
        assert (answer.status_code, answer.json()["attr"]) == (400, attr), wrong


async def test_a_target_is_changed_between_channel_webhook_and_mail(alice, slack, target, queue):
    made = await subscribe(alice, **target)
    await change(alice, made, title="Ours", target_value=CHANNEL)
    await queue.drain()
    assert len(slack.posts()) == 1
    moved = await change(alice, made, target_value=TEAM_ROOM)
    await queue.drain()
    assert moved["target_value"] == TEAM_ROOM and len(slack.posts(TEAM_ROOM)) == 1
    mailed = await change(alice, made, target_type="email", target_value="ada@example.com")
    assert mailed["integration_id"] is None
    assert (await change(alice, made, **target))["integration_id"] == target["integration_id"]
    hooked = await change(alice, made, target_value=HOOK, integration_id=None)
    assert hooked["integration_id"] is None and "qX7" not in hooked["target_value"]


async def test_the_app_joins_a_public_channel_by_itself(alice, slack, target, deliveries):
    await subscribe(alice, **{**target, "target_value": f"{GENERAL}|#general"})
    await deliveries.go_out()
    assert len(slack.posts(GENERAL)) == 2


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("channel_not_found", "Slack does not know the channel"),
        ("not_in_channel", "The app is not in this channel."),
        ("token_revoked", "This integration's authentication is no longer valid."),
    ],
)
async def test_what_a_person_must_mend_fails_at_once_with_a_sentence(
    alice, slack, target, deliveries, sent_mail, error, sentence
):
    made = await subscribe(alice, **target)
    slack.fail = {"chat.postMessage": error, "conversations.join": "method_not_supported_for_channel_type"}
    await deliveries.go_out()
    [one] = await deliveries.of(made)
    assert one["status"] == "failed" and sentence in one["error"]
    found = await shown(alice, made)
    assert sentence in found["last_error"] and (found["enabled"], found["failure_count"]) == (True, 1)
    assert "Your Parley subscription was not delivered" in [mail["Subject"] for mail in sent_mail]
    [row] = (await alice.client.get("/api/projects/@current/integrations/")).json()["results"]
    assert row["errors"] == ("TOKEN_REFRESH_FAILED" if error == "token_revoked" else "")


async def test_a_disconnected_workspace_switches_the_subscription_off(
    alice, slack, target, deliveries, sent_mail
):
    made = await subscribe(alice, title="Ours", **target)
    path = f"/api/projects/@current/integrations/{target['integration_id']}/"
    assert (await alice.client.delete(path)).status_code == 204
    await deliveries.go_out()
    found = await shown(alice, made)
    reason = "The Slack workspace is no longer connected to the project."
    assert (found["enabled"], found["disabled_reason"]) == (False, reason)
    assert [one["status"] for one in await deliveries.of(made)] == ["failed"] and slack.posts() == []
    assert 'Parley subscription "Ours" has been disabled' in [mail["Subject"] for mail in sent_mail]
    answer = await alice.client.patch(path_of(made), json={"enabled": True})
    assert (answer.status_code, answer.json()["attr"]) == (400, "integration_id")
    assert (await change(alice, made, title="Still ours"))["title"] == "Still ours"
    again = await connect(alice)
    assert (await change(alice, made, enabled=True, integration_id=again["id"]))["enabled"]


async def test_an_answer_that_was_lost_posts_no_report_twice(alice, slack, target, deliveries, queue, clock):
    made = await subscribe(alice, **target)
    await queue.drain()
    slack.lose = {"chat.postMessage"}
    await deliveries.go_out()
    assert (await deliveries.of(made))[0]["status"] == "starting"
    clock.advance(timedelta(seconds=6))
    await queue.drain()
    assert len(slack.posts()) == 2  # with the introduction
    assert (await deliveries.of(made))[0]["status"] == "completed"


async def test_a_pause_that_slack_asks_for_is_kept(alice, slack, target, deliveries, queue, clock):
    made = await subscribe(alice, **target)
    await queue.drain()
    slack.rest = {"chat.postMessage": 3600}
    await deliveries.go_out()
    n_calls = len(slack.calls)
    clock.freeze(DUE + timedelta(seconds=6))
    await queue.drain()
    assert len(slack.calls) == n_calls
    [one] = await deliveries.of(made)
    assert one["status"] == "starting" and "Slack takes no more requests at the moment." in one["error"]


async def test_pictures_that_slack_cannot_fetch_are_left_out(alice, slack, target, deliveries):
    made = await subscribe(alice, **target)
    answer = slack._answer

    def without_pictures(method, given, authorization):
        if method == "chat.postMessage" and '"type":"image"' in given["blocks"]:
            return {"ok": False, "error": "invalid_blocks"}
        return answer(method, given, authorization)

    slack._answer = without_pictures
    await deliveries.go_out()
    assert (await deliveries.of(made))[0]["status"] == "completed"
    assert [one["channel"] for one in slack.posts()] == [SUPPORT, SUPPORT]


async def test_the_form_offers_the_channels_and_takes_a_name_or_an_id(alice, slack, target, window):
    insight = await make_insight(alice)
    await window.open(f"/subscriptions/new?insight={insight}")
    sent = {"target_type": "slack", "start_day": "2040-01-01"}
    await window.press("Show the dates", target_value="", **sent)
    offered = [one["value"] for one in window.page.one("datalist", id="channels").all("option")]
    assert offered == [f"{GENERAL}|#general", CHANNEL, f"{TEAM_ROOM}|#team"]
    await window.press("Subscribe", target_value="#support", **sent)
    [made] = (await alice.client.get(SUBSCRIPTIONS)).json()["results"]
    assert {name: made[name] for name in target} == target
    await window.open("/subscriptions")
    assert "To #support in Slack" in window.page.text
    await window.open(f"/subscriptions/{made['id']}")
    await window.press("Save", title="Ours")
    assert (await shown(alice, made)) == {**made, "title": "Ours"}
    await window.press("Save", target_value="#nowhere")
    assert window.status == 400 and "Enter the id of the channel" in window.page.text
