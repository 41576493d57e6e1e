"""Subscriptions through the API: what they show, what is refused, who may."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from parley.analytics.subscriptions.tests.subscribing import (
    NINE,
    SUBSCRIPTIONS,
    change,
    fields,
    make_dashboard,
    make_insight,
    path_of,
    subscribe,
)
from parley.kernel.network.outbound import PRIVATE

SLACK = "https://hooks.slack.com/services/T024/B1/qX7"


async def test_a_subscription_has_every_field_of_the_wire_format(alice, clock):
    clock.freeze(datetime(2022, 1, 1, 0, 0, tzinfo=UTC))
    insight = await make_insight(alice)
    made = await subscribe(alice, insight=insight, title="Daily visits", invite_message="Hello")
    expected: dict[str, Any] = {
        "dashboard": None, "insight": insight, "target_type": "email", "target_value": "ada@example.com",
        "frequency": "daily", "interval": 1, "byweekday": None, "bysetpos": None, "count": None, "start_date": NINE,
        "until_date": None, "deleted": False, "enabled": True, "title": "Daily visits", "summary": "sent every day",
        "next_delivery_date": NINE, "invite_message": None, "integration_id": None, "content_type": "insight",
        "resource_type": "insight", "resource_name": "Visits", "dashboard_export_insights": [],
        "summary_enabled": False, "failure_count": 0, "last_error": None, "created_at": "2022-01-01T00:00:00Z",
    }  # fmt: skip
    assert {name: made[name] for name in expected} == expected
    assert made["created_by"]["email"] == alice.email and len(made["insight_short_id"]) == 8
    for prefix in ("projects", "environments"):
        path = f"/api/{prefix}/{alice.project_id}/subscriptions/{made['id']}"
        assert (await alice.client.get(path)).json() == made
    page = (await alice.client.get(SUBSCRIPTIONS)).json()
    assert (page["count"], page["results"]) == (1, [made])


async def test_the_first_date_is_at_least_a_quarter_of_an_hour_away(alice, clock):
    clock.freeze(datetime(2022, 1, 1, 8, 50, tzinfo=UTC))
    assert (await subscribe(alice))["next_delivery_date"] == "2022-01-02T09:00:00Z"


async def test_dates_are_on_the_clock_of_the_project_and_follow_it(alice, clock, queue):
    clock.freeze(datetime(2024, 3, 29, 12, tzinfo=UTC))
    path = f"/api/projects/{alice.project_id}/"
    assert (await alice.client.patch(path, json={"timezone": "Europe/Berlin"})).status_code == 200
    made = await subscribe(alice, start_date="2024-03-01T08:00:00Z")  # at nine
    assert made["next_delivery_date"] == "2024-03-30T08:00:00Z"
    clock.freeze(datetime(2024, 3, 30, 12, tzinfo=UTC))
    made = await change(alice, made, interval=2)
    assert made["next_delivery_date"] == "2024-03-31T07:00:00Z"
    await alice.client.patch(path, json={"timezone": "Asia/Tokyo"})
    await queue.drain()
    assert (await alice.client.get(path_of(made))).json()["next_delivery_date"] == "2024-03-31T08:00:00Z"


@pytest.mark.parametrize(
    ("changes", "attr", "code", "detail"),
    [
        ({"insight": None}, None, "invalid_input", "Either dashboard or insight is required for an export."),
        ({"insight": 7}, "insight", "does_not_exist", 'Invalid pk "7" - object does not exist.'),
        ({"insight": 2**40}, "insight", "does_not_exist", ...),
        ({"insight": None, "dashboard": -1}, "dashboard", "does_not_exist",
         'Invalid pk "-1" - object does not exist.'),
        ({"insight": None, "content_type": "insight"}, "insight", "invalid_input",
         "Insight is required for insight subscriptions."),
        ({"dashboard": 7}, "insight", "invalid_input",
         "Dashboard subscriptions cannot also set insight or prompt."),
        ({"dashboard": 7, "content_type": "insight"}, "dashboard", "invalid_input",
         "Insight subscriptions cannot also set dashboard or prompt."),
        ({"dashboard_export_insights": [1]}, "dashboard_export_insights", "invalid_input",
         "Cannot set insights selection without a dashboard."),
        ({"dashboard_export_insights": 1}, "dashboard_export_insights", "invalid_input",
         "Expected a list of insight IDs."),
        ({"dashboard_export_insights": ["x"]}, "dashboard_export_insights", "invalid_input",
         "All items must be integers."),
        ({"target_type": "fax"}, "target_type", "invalid_choice", '"fax" is not a valid choice.'),
        ({"target_type": ...}, "target_type", "required", "This field is required."),
        ({"target_value": " "}, "target_value", "blank", "This field may not be blank."),
        ({"target_value": "ada@example.com, nobody"}, "target_value", "invalid_input",
         "Enter a valid email address."),
        ({"target_value": "a@b.c\r\nBcc: x@y.z"}, "target_value", "invalid_input", "Enter a valid email address."),
        ({"target_value": ",".join(f"p{n}@example.com" for n in range(101))}, "target_value", "max_length",
         "Ensure this field has no more than 100 addresses."),
        ({"target_type": "webhook", "target_value": "http://127.0.0.1/"}, "target_value", "invalid_input",
         f"Invalid webhook URL: {PRIVATE}"),
        ({"target_type": "slack", "target_value": "C1234|#channel"}, "integration_id", "invalid_input",
         "A Slack integration is required for Slack subscriptions."),
        ({"target_type": "slack", "integration_id": 5}, "integration_id", "invalid_input",
         "This integration does not exist or does not belong to your team."),
        ({"target_type": "slack", "target_value": "https://example.com/x"}, "target_value", "invalid_input", ...),
        ({"frequency": "hourly"}, "frequency", "invalid_choice", '"hourly" is not a valid choice.'),
        ({"interval": 0}, "interval", "min_value", ...),
        ({"byweekday": ["monday", "someday"]}, "byweekday__1", "invalid_choice", '"someday" is not a valid choice.'),
        ({"bysetpos": 0}, "bysetpos", "invalid_input", ...),
        ({"bysetpos": 367}, "bysetpos", "max_value", ...),
        ({"count": 0}, "count", "min_value", ...),
        ({"start_date": ...}, "start_date", "required", "This field is required."),
        ({"start_date": "soon"}, "start_date", "invalid_input", ...),
        ({"start_date": "0001-01-01T00:00:00Z"}, "start_date", "invalid_input", ...),
        ({"until_date": "2022-02-01T00:00:00Z"}, "start_date", "invalid_input",
         "Subscription schedule has reached its end date. Extend until_date or remove count."),
        ({"count": 3}, "start_date", "invalid_input", ...),
        ({"byweekday": ["monday"], "bysetpos": 6, "frequency": "monthly"}, "start_date", "invalid_input", ...),
        ({"title": "x" * 101}, "title", "max_length", ...),
    ],
)  # fmt: skip
async def test_a_subscription_with_a_bad_field_is_refused(alice, changes, attr, code, detail):
    body = fields(**{"insight": await make_insight(alice), **changes})
    answer = await alice.client.post(SUBSCRIPTIONS, json=body)
    found = answer.json()
    assert (answer.status_code, found["attr"], found["code"]) == (400, attr, code), found
    assert detail is ... or found["detail"] == detail


async def test_summaries_by_a_model_are_not_there(alice):
    body = fields(insight=await make_insight(alice), summary_enabled=True)
    answer = await alice.client.post(SUBSCRIPTIONS, json=body)
    assert answer.status_code == 403 and answer.json()["detail"].startswith(
        "AI data processing must be approved"
    )


async def test_the_insights_of_a_dashboard_are_chosen(alice):
    dashboard = await make_dashboard(alice)
    insights = [await make_insight(alice, dashboards=[dashboard]) for _ in range(3)]
    elsewhere = await make_insight(alice)
    made = await subscribe(alice, dashboard=dashboard, dashboard_export_insights=insights[:2])
    assert made["dashboard_export_insights"] == insights[:2]
    assert (await change(alice, made, title="Ours"))["dashboard_export_insights"] == insights[:2]
    for chosen, text in (
        ([], "Select at least one insight for this subscription."),
        ([*range(1, 8)], "Cannot select more than 6 insights."),
        ([1], "Some insights do not belong to your team or do no longer exist."),
        ([insights[0], elsewhere], "1 invalid insight(s) selected."),
    ):
        answer = await alice.client.patch(path_of(made), json={"dashboard_export_insights": chosen})
        assert (answer.status_code, answer.json()["detail"]) == (400, text)
    answer = await alice.client.patch(path_of(made), json={"content_type": "insight"})
    assert answer.json()["detail"] == "content_type cannot be changed after the subscription is created."


async def test_only_a_changed_schedule_changes_the_next_date(alice, clock):
    clock.freeze(datetime(2022, 1, 1, tzinfo=UTC))
    made = await subscribe(alice)
    clock.advance(timedelta(days=3))
    assert (await change(alice, made, title="x"))["next_delivery_date"] == NINE
    assert (await change(alice, made, interval=2))["next_delivery_date"] == "2022-01-05T09:00:00Z"
    answer = await alice.client.patch(path_of(made), json={"until_date": "2022-01-02T00:00:00Z"})
    assert (answer.status_code, answer.json()["attr"]) == (400, None)
    await change(alice, made, enabled=False)
    over = await change(alice, made, until_date="2022-01-02T00:00:00Z")
    assert over["next_delivery_date"] is None
    answer = await alice.client.patch(path_of(made), json={"enabled": True})
    assert (answer.json()["attr"], answer.json()["detail"]) == (
        "enabled",
        "Subscription schedule has reached its end date. Extend until_date or remove count before re-enabling.",
    )


async def test_put_replaces_and_forms_work(alice):
    insight = await make_insight(alice)
    made = await subscribe(alice, insight=insight, title="x", interval=3)
    answer = await alice.client.put(
        path_of(made), data={"insight": insight, **fields(target_value="bob@example.com")}
    )
    assert answer.status_code == 200, answer.text
    assert [answer.json()[name] for name in ("title", "interval", "target_value")] == [
        None,
        1,
        "bob@example.com",
    ]


async def test_deleting_is_a_patch(alice):
    made = await subscribe(alice)
    answer = await alice.client.delete(path_of(made))
    assert (answer.status_code, answer.content) == (405, b"")
    assert (await change(alice, made, deleted=True))["deleted"]
    assert (await alice.client.get(SUBSCRIPTIONS)).json()["count"] == 0
    assert (await alice.client.get(SUBSCRIPTIONS, params={"deleted": "true"})).json()["count"] == 1
    assert not (await change(alice, made, deleted=False))["deleted"]
    log = f"/api/projects/@current/activity_log/?scope=Subscription&item_id={made['id']}"
    entries = (await alice.client.get(log)).json()["results"]
    assert [entry["activity"] for entry in entries] == ["updated", "deleted", "created"]


async def test_lists_are_filtered_searched_and_ordered(alice, bob):
    dashboard = await make_dashboard(alice, name="Größe")
    first = await subscribe(alice, title="b", start_date="2035-01-01T00:00:00Z")
    second = await subscribe(bob, dashboard=dashboard, title="A")

    async def found(**query):
        answer = await alice.client.get(SUBSCRIPTIONS, params=query)
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["results"]]

    both = [second["id"], first["id"]]
    assert await found() == both
    assert await found(ordering="next_delivery_date") == both
    assert await found(ordering="created_at") == both[::-1]
    assert await found(insight=first["insight"]) == await found(resource_type="insight") == both[1:]
    assert await found(dashboard=dashboard) == await found(search="grösse") == both[:1]
    assert await found(created_by=str(bob.user_uuid)) == both[:1]
    assert await found(target_type="slack") == []
    assert await found(resource_type="nothing", ordering="nothing") == both
    for query, attr in (
        ({"created_by": "x"}, "created_by"),
        ({"target_type": "x"}, "target_type"),
        ({"insight": "x"}, "insight"),
    ):
        answer = await alice.client.get(SUBSCRIPTIONS, params=query)
        assert (answer.status_code, answer.json()["attr"]) == (400, attr)


async def test_secrets_of_urls_are_shown_to_nobody_who_cant_change_them(alice, cast):
    slack = await subscribe(alice, target_type="slack", target_value=SLACK)
    assert slack["target_value"] == "https://hooks.slack.com/services/.../.../..."
    assert (await change(alice, slack, target_value=slack["target_value"]))["target_value"] == slack[
        "target_value"
    ]
    url = "https://hooks.invalid/a?key=1"
    hook = await subscribe(alice, target_type="webhook", target_value=url)
    assert hook["target_value"] == url
    reading = await cast.make_key(alice, ["subscription:read"])
    assert (await reading.get(path_of(hook))).json()["target_value"] == "https://hooks.invalid/a?..."


async def test_nobody_else_reaches_a_subscription(alice, mallory, cast):
    made = await subscribe(alice)
    theirs = f"/api/projects/{alice.project_id}/subscriptions/{made['id']}/"
    for path in (path_of(made), f"{path_of(made)}deliveries/", f"{path_of(made)}deliveries/x/"):
        assert (await mallory.client.get(path)).status_code == 404
    assert (await mallory.client.get(theirs)).status_code in (403, 404)
    assert (await mallory.client.post(f"{path_of(made)}test-delivery/")).status_code == 404
    body = fields(insight=made["insight"])
    refused = (await mallory.client.post(SUBSCRIPTIONS, json=body)).json()
    assert (refused["attr"], refused["detail"]) == ("insight", "This insight does not belong to your team.")
    reading = await cast.make_key(alice, ["subscription:read"])
    assert (await reading.patch(path_of(made), json={"title": "x"})).status_code == 403
    assert (await reading.post(f"{path_of(made)}test-delivery/")).status_code == 403


async def test_strangers_can_not_be_bombed_with_invitations(alice):
    insight = await make_insight(alice)
    for n in range(5):
        everybody = ",".join(f"p{n}-{m}@example.com" for m in range(100))
        await subscribe(alice, insight=insight, target_value=everybody)
    answer = await alice.client.post(SUBSCRIPTIONS, json=fields(insight=insight))
    assert answer.status_code == 429


async def test_strangers_can_not_be_bombed_by_moving_the_date(alice, clock):
    everybody = ",".join(f"p{m}@example.com" for m in range(100))
    made = await subscribe(alice, target_value=everybody)
    later = [(clock.now() + timedelta(hours=20 - n)).isoformat() for n in range(6)]
    answers = [await alice.client.patch(path_of(made), json={"start_date": at}) for at in later]
    assert [one.status_code for one in answers] in ([200] * 5 + [429], [200] * 4 + [429] * 2)
    paused = await alice.client.patch(path_of(made), json={"enabled": False})
    assert paused.status_code == 200
