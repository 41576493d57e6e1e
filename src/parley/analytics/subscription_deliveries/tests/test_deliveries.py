"""Deliveries: each date once, to each recipient once, also late, twice or after a wrong clock."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from standardwebhooks import Webhook

from parley.accounts.users.tables import user_account
from parley.analytics.subscription_deliveries.rules import IN_PROGRESS_FOR
from parley.analytics.subscription_deliveries.tests.conftest import BEFORE, DUE
from parley.analytics.subscriptions.tests.subscribing import (
    change,
    make_dashboard,
    make_insight,
    path_of,
    subscribe,
)
from parley.kernel.network.webhook_messages import RETRIES_S
from tests.cast import WEBHOOK_SECRET
from tests.receiver import answers

DAY = timedelta(days=1)


def reports(sent_mail):
    return [mail for mail in sent_mail if " report - " in mail["Subject"]]


async def test_each_recipient_gets_one_mail_on_each_date(alice, deliveries, sent_mail):
    made = await subscribe(alice, target_value="ada@example.com,bob@example.com", title="Ours")
    await deliveries.go_out()
    mails = reports(sent_mail)
    assert sorted(str(mail["To"]) for mail in mails) == ["ada@example.com", "bob@example.com"]
    assert {mail["Subject"] for mail in mails} == {"Parley Insight report - Ours"}
    assert all(mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" for mail in mails)
    [one] = await deliveries.of(made)
    assert (one["status"], one["trigger_type"], one["scheduled_at"]) == (
        "completed",
        "scheduled",
        "2022-01-01T09:00:00Z",
    )
    assert [(result["recipient"], result["status"]) for result in one["recipient_results"]] == [
        ("ada@example.com", "success"), ("bob@example.com", "success"),
    ]  # fmt: skip
    shown = (await alice.client.get(path_of(made))).json()
    assert shown["next_delivery_date"] == "2022-01-02T09:00:00Z" and shown["last_delivered_at"]
    await deliveries.go_out(DUE + DAY)
    assert len(reports(sent_mail)) == 4 and len(await deliveries.of(made)) == 2


async def test_what_was_missed_for_less_than_a_day_comes_late_and_the_rest_is_noted(
    alice, deliveries, sent_mail
):
    made = await subscribe(alice)
    await deliveries.go_out(DUE + 3 * DAY + timedelta(hours=2))
    found = [(one["scheduled_at"][:10], one["status"]) for one in await deliveries.of(made)]
    assert sorted(found) == [
        ("2022-01-01", "skipped"), ("2022-01-02", "skipped"), ("2022-01-03", "skipped"), ("2022-01-04", "completed"),
    ]  # fmt: skip
    assert "more than 24 hours" in (await deliveries.of(made, status="skipped"))[0]["error"]
    assert len(reports(sent_mail)) == 1


async def test_a_clock_that_was_wrong_neither_repeats_nor_loses_a_delivery(
    alice, deliveries, queue, clock, sent_mail
):
    made = await subscribe(alice)
    await deliveries.go_out(DUE + 400 * DAY)  # a clock far ahead
    n_before = len(reports(sent_mail))
    clock.freeze(DUE - timedelta(hours=1))
    await queue._bring_all_forward()  # what the relay does once the clock was set back
    await queue.drain()
    assert (await alice.client.get(path_of(made))).json()["next_delivery_date"] == "2022-01-01T09:00:00Z"
    for day in range(3):
        await deliveries.go_out(DUE + day * DAY)
    assert len(reports(sent_mail)) == n_before + 3


async def test_a_paused_deleted_or_orphaned_subscription_sends_nothing(alice, deliveries, sent_mail):
    insight = await make_insight(alice)
    paused = await subscribe(alice, enabled=False)
    deleted = await subscribe(alice)
    await change(alice, deleted, deleted=True)
    orphaned = await subscribe(alice, insight=insight)
    await alice.client.patch(f"/api/projects/@current/insights/{insight}/", json={"deleted": True})
    await deliveries.go_out()
    assert reports(sent_mail) == []
    assert [len(await deliveries.of(one)) for one in (paused, deleted, orphaned)] == [0, 0, 1]
    [one] = await deliveries.of(orphaned)
    assert (one["status"], one["error"]) == ("skipped", "What it is about was deleted.")


async def test_the_subscription_of_somebody_who_is_gone_stops_with_a_notice(
    alice, bob, deliveries, database, sent_mail
):
    made = await subscribe(bob)
    async with database.transaction() as db:
        await db.execute(update(user_account).where(user_account.c.id == bob.user_id).values(is_active=False))
    await deliveries.go_out()
    found = (await alice.client.get(path_of(made))).json()
    assert not found["enabled"] and "no longer an active member" in found["disabled_reason"]
    assert reports(sent_mail) == []
    [notice] = [mail for mail in sent_mail if "disabled" in mail["Subject"]]
    assert notice["To"] == alice.email
    taken_over = await change(alice, made, enabled=True)
    assert taken_over["created_by"]["email"] == alice.email and taken_over["disabled_reason"] is None


async def test_who_unsubscribes_meanwhile_gets_nothing(alice, deliveries, clock, queue, sent_mail):
    made = await subscribe(alice, target_value="ada@example.com,bob@example.com")
    clock.freeze(DUE)
    await queue.run_job("subscription_deliveries.look_for_due")
    await change(alice, made, target_value="bob@example.com")
    await deliveries.go_out()
    assert {str(mail["To"]) for mail in reports(sent_mail)} <= {"ada@example.com", "bob@example.com"}


async def test_a_webhook_gets_a_signed_message(alice, deliveries, receiver):
    dashboard = await make_dashboard(alice)
    made = await subscribe(alice, dashboard=dashboard, target_type="webhook", target_value=receiver.url)
    await deliveries.go_out()
    [request] = receiver.received
    at = datetime.fromtimestamp(int(request.headers["webhook-timestamp"]), UTC)
    signature = Webhook(WEBHOOK_SECRET).sign(request.headers["webhook-id"], at, request.body.decode())
    assert request.headers["webhook-signature"] == signature
    message, [one] = request.json(), await deliveries.of(made)
    assert message["type"] == "subscription.delivered"
    assert message["data"]["delivery_id"] == one["id"] == request.headers["webhook-id"]
    assert message["data"]["subscription"]["id"] == made["id"]
    assert message["data"]["resource"]["name"] == "Support"
    assert one["status"] == "completed"


async def test_a_webhook_that_fails_is_tried_again_with_the_same_id(
    alice, deliveries, receiver, clock, queue
):
    made = await subscribe(alice, target_type="webhook", target_value=receiver.url)
    receiver.respond = answers(500)
    await deliveries.go_out()
    waiting = (await deliveries.of(made))[0]
    assert (waiting["status"], waiting["recipient_results"]) == ("starting", [])
    assert waiting["error"].endswith(
        "is tried again, so far 1 times in vain: The endpoint answered with status 500."
    )
    receiver.respond = answers(204)
    clock.advance(timedelta(seconds=6))
    await queue.drain()
    assert len({request.headers["webhook-id"] for request in receiver.received}) == 1
    done = (await deliveries.of(made))[0]
    assert len(receiver.received) == 2 and (done["status"], done["error"]) == ("completed", None)


async def test_a_webhook_that_is_gone_switches_the_subscription_off(alice, deliveries, receiver, sent_mail):
    made = await subscribe(alice, target_type="webhook", target_value=receiver.url, title="Ours")
    receiver.respond = answers(410)
    await deliveries.go_out()
    found = (await alice.client.get(path_of(made))).json()
    assert (found["enabled"], found["disabled_reason"]) == (False, "The endpoint answered 410 Gone.")
    assert 'Parley subscription "Ours" has been disabled' in [mail["Subject"] for mail in sent_mail]
    assert [one["status"] for one in await deliveries.of(made)] == ["failed"]


async def test_slack_is_introduced_and_gets_no_markup_of_names(alice, deliveries, receiver, queue):
    await subscribe(alice, target_type="slack", target_value=receiver.url, title="<!channel> & <http://x|y>")
    await queue.drain()
    assert "has been subscribed to Visits" in receiver.received[0].json()["text"]
    await deliveries.go_out()
    text = receiver.received[1].json()["text"]
    assert text == "Parley Insight report - &lt;!channel&gt; &amp; &lt;http: //x|y&gt;"


TABLE = {"kind": "DataTableNode", "source": {"kind": "EventsQuery", "select": ["event", "distinct_id"]}}


async def test_a_report_has_the_answers_and_an_empty_one_may_be_left_out(alice, deliveries, clock, sent_mail):
    insight = await make_insight(alice, name="Latest", query=TABLE)
    made = await subscribe(alice, insight=insight, skip_if_empty=True)
    await deliveries.go_out()
    assert [(one["status"], one["recipient_results"]) for one in await deliveries.of(made)] == [
        ("skipped", [])
    ]
    event = {"api_key": alice.project.api_token, "event": "bought\nsomething", "distinct_id": "ada"}
    clock.freeze(DUE + DAY - timedelta(hours=1))
    assert (await alice.client.post("/capture", json=event)).status_code == 200
    await deliveries.go_out(DUE + DAY)
    [mail] = reports(sent_mail)
    text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert "Event             Distinct id\nbought something  ada\n" in text


async def test_a_dashboard_sends_its_first_six_insights_the_chosen_ones_or_all(alice, deliveries, receiver):
    dashboard = await make_dashboard(alice)
    insights = [await make_insight(alice, query=TABLE, dashboards=[dashboard]) for _ in range(8)]
    asked: Sequence[dict[str, Any]] = (
        {},
        {"dashboard_export_insights": insights[6:]},
        {"dashboard_export_all": True},
    )
    for one in asked:
        await subscribe(alice, dashboard=dashboard, target_type="webhook", target_value=receiver.url, **one)
    await deliveries.go_out()
    sent = [[one["id"] for one in request.json()["data"]["results"]] for request in receiver.received]
    assert sorted(sent, key=len) == [insights[6:], insights[:6], insights]


async def test_a_name_makes_no_header_of_a_mail(alice, deliveries, sent_mail):
    insight = await make_insight(alice, name="Visits\r\nBcc: eve@example.com =?utf-8?q?=0d=0aX: y?=")
    await subscribe(alice, insight=insight)
    await deliveries.go_out()
    [mail] = reports(sent_mail)
    assert (
        mail["Bcc"] is None
        and mail["X"] is None
        and mail["Subject"].strip().startswith("Parley Insight report - Visits")
    )


async def test_five_failures_in_a_row_switch_it_off_and_the_owner_hears_of_it_twice(
    alice, deliveries, receiver, clock, queue, sent_mail
):
    made = await subscribe(alice, target_type="webhook", target_value=receiver.url)
    receiver.respond = answers(500)
    for day in range(5):
        await deliveries.go_out(DUE + day * DAY)
        for pause in RETRIES_S:
            clock.advance(timedelta(seconds=pause + 1))
            await queue.drain()
    found = (await alice.client.get(path_of(made))).json()
    assert (found["enabled"], found["failure_count"]) == (False, 5)
    assert found["last_error"].endswith("The endpoint answered with status 500.")
    subjects = [mail["Subject"] for mail in sent_mail]
    assert subjects == [
        "Your Parley subscription was not delivered",
        "Your Parley subscription has been disabled",
    ]
    assert (await change(alice, made, enabled=True))["failure_count"] == 0


@pytest.mark.parametrize("kind", ["enabled", "deleted"])
async def test_a_test_delivery_is_refused_where_nothing_goes_out(alice, kind):
    made = await subscribe(alice)
    await change(alice, made, **{kind: kind == "deleted"})
    answer = await alice.client.post(f"{path_of(made)}test-delivery/")
    if kind == "deleted":
        assert answer.status_code == 404
    else:
        text = "Subscription is disabled. Re-enable it before sending a test delivery."
        assert (answer.status_code, answer.json()) == (409, {"detail": text})


async def test_a_test_delivery_goes_out_at_once_and_moves_no_date(alice, deliveries, queue, sent_mail):
    made = await subscribe(alice)
    path = f"{path_of(made)}test-delivery/"
    first, second = await alice.client.post(path), await alice.client.post(path)
    assert (first.status_code, first.content) == (202, b"")
    assert (second.status_code, second.json()) == (409, {"detail": "Delivery already in progress"})
    await queue.drain()
    assert len(reports(sent_mail)) == 1
    [one] = await deliveries.of(made)
    assert (one["trigger_type"], one["scheduled_at"]) == ("manual", None)
    path = f"{path_of(made)}deliveries/{one['id']}/"
    assert (await alice.client.get(path)).json() == one
    assert (await alice.client.delete(path)).status_code == 405
    assert (await alice.client.get(path_of(made))).json()["next_delivery_date"] == made["next_delivery_date"]


async def test_a_delivery_that_is_tried_again_for_hours_keeps_no_test_from_beginning(alice, clock):
    made = await subscribe(alice)
    for expected in (202, 409):
        answer = await alice.client.post(f"{path_of(made)}test-delivery/")
        assert answer.status_code == expected
    clock.advance(IN_PROGRESS_FOR)
    assert (await alice.client.post(f"{path_of(made)}test-delivery/")).status_code == 202


async def test_a_repeated_request_for_a_test_delivery_sends_nothing_again(
    alice, deliveries, queue, sent_mail
):
    made = await subscribe(alice)
    for _ in range(2):
        headers = {"Idempotency-Key": f"test-{made['id']}"}
        answer = await alice.client.post(f"{path_of(made)}test-delivery/", headers=headers)
        assert (answer.status_code, answer.content) == (202, b"")
        await queue.drain()
    assert len(reports(sent_mail)) == 1 and len(await deliveries.of(made)) == 1


async def test_deliveries_are_listed_page_by_page_in_both_directions(alice, deliveries):
    made = await subscribe(alice)
    await deliveries.go_out(BEFORE + 120 * DAY)
    path, seen = f"{path_of(made)}deliveries/", []
    while path:
        page = (await alice.client.get(path)).json()
        assert set(page) == {"next", "previous", "results"}
        seen.append([one["id"] for one in page["results"]])
        path, back = page["next"], page["previous"]
    assert [len(one) for one in seen] == [50, 50, 20]
    assert [one["id"] for one in (await alice.client.get(back)).json()["results"]] == seen[1]
    answer = await alice.client.get(f"{path_of(made)}deliveries/", params={"status": "lost"})
    assert (answer.status_code, answer.json()["detail"]) == (
        400,
        "Must be one of: completed, failed, skipped, starting.",
    )
