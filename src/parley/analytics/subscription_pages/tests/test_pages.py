"""Subscriptions by hand: made, looked at, tried, paused, changed, deleted and brought back."""

from datetime import UTC, datetime

from parley.analytics.subscriptions.tests.subscribing import (
    SUBSCRIPTIONS,
    make_dashboard,
    make_insight,
    path_of,
    subscribe,
)
from tests.plain_browser import PlainBrowser

NOW = datetime(2022, 1, 1, 12, tzinfo=UTC)  # a Saturday
TABLE = {"kind": "DataTableNode", "source": {"kind": "EventsQuery", "select": ["event"]}}
HTMX = {"HX-Request": "true"}
SLACK = "https://hooks.slack.com/services/T024/B1/qX7"


async def stored(window: PlainBrowser, id: str | None = None):
    id = id or window.path.rsplit("/", 1)[1].split("?")[0]
    return (await window.client.get(f"{SUBSCRIPTIONS}{id}/")).json()


async def test_a_subscription_is_made_tried_paused_changed_deleted_and_brought_back(
    window, alice, clock, queue
):
    clock.freeze(NOW)
    await make_insight(alice, name="Visits", query=TABLE)
    await window.open("/subscriptions")
    assert "There are no subscriptions yet" in window.page.text
    await window.follow("New subscription")
    about = window.page.one("select", id="about").all("option")[1]["value"]
    assert "PARLEY_SMTP_URL" in window.page.text
    assert "Every week on Sunday at 09:00" in window.page.one(id="dates").text
    to = "ada@example.com\r\nbob@example.com"
    await window.press("Subscribe", about=about, title="Ours", target_value=to, skip_if_empty="on", csv="on")
    assert window.heading == "Ours" and "Next: Sunday, 2 January 2022, 09:00 (UTC)" in window.page.text
    made = await stored(window)
    assert (made["target_value"], made["skip_if_empty"]) == ("ada@example.com,bob@example.com", True)
    assert made["attachments"] == ["csv"]
    assert (made["frequency"], made["start_date"]) == ("weekly", "2022-01-02T09:00:00Z")
    await window.press("Send a test")
    await window.press("Send a test")
    assert window.status == 409 and window.page.all(role="alert")[0].text == "Delivery already in progress"
    await queue.drain()
    await window.open(f"/subscriptions/{made['id']}")
    history = window.page.one("section", id="history").text
    assert "Test Left out" in history and "nothing to show" in history
    await window.press("Pause")
    await window.press("Save", interval="2", title="")
    changed = await stored(window)
    assert (changed["interval"], changed["title"], changed["enabled"]) == (2, None, False)
    await window.press("Delete this subscription")
    assert "Visits" not in window.page.text
    await window.press("Bring it back")
    await window.press("Enable")
    assert (await stored(window))["enabled"] and not (await stored(window))["deleted"]


async def test_a_saved_form_that_nobody_has_touched_changes_nothing(window, alice, clock):
    clock.freeze(NOW)
    await alice.client.patch(f"/api/projects/{alice.project_id}/", json={"timezone": "America/New_York"})
    dashboard = await make_dashboard(alice)
    insights = [await make_insight(alice, dashboards=[dashboard]) for _ in range(3)]
    rule = {"frequency": "monthly", "byweekday": ["monday", "friday"], "bysetpos": -2, "interval": 3}
    ends = {"until_date": "2030-01-01T03:04:05Z", "count": 70, "start_date": "2022-01-01T09:00:01.5Z"}
    some = {"dashboard_export_insights": insights[1:], "attachments": ["csv"], "title": "Ours"}
    for target in (
        {"target_type": "slack", "target_value": SLACK},
        {"target_type": "email", "target_value": "ada@example.com,bob@example.com"},
    ):
        made = await subscribe(alice, dashboard=dashboard, **rule, **ends, **some, **target)
        await window.open(f"/subscriptions/{made['id']}")
        assert SLACK not in window.page.text
        await window.press("Save")
        assert window.page.one(role="status").text == "Saved."
        assert await stored(window) == made


async def test_the_list_says_when_next_what_became_of_it_and_whose_it_is(window, alice, clock):
    clock.freeze(NOW)
    daily = await subscribe(alice, title="Daily", target_value="a@example.com,b@example.com,c@example.com")
    await subscribe(alice, title="Slack", target_type="slack", target_value=SLACK)
    await window.open("/subscriptions?ordering=title")
    first, second = window.page.one("main").all("li")
    assert "Daily Insight Visits · Every day at 09:00 To a@example.com and 2 more" in first.text
    assert "Next: Sunday, 2 January 2022, 09:00 Nothing yet Created by" in first.text
    assert "To Slack" in second.text and "qX7" not in window.answer.text
    await window.press("Pause Daily")
    assert not (await stored(window, str(daily["id"])))["enabled"]
    await window.open("/subscriptions?target_type=slack")
    assert len(window.page.one("main").all("li")) == 1
    await window.open("/subscriptions?search=nothing")
    assert "No subscription matches" in window.page.text
    await window.open("/subscriptions?target_type=fax&insight=x&created_by=7&from=x&which=no")
    assert window.status == 200


async def test_dates_are_shown_before_anything_is_saved(window, alice, clock):
    clock.freeze(NOW)
    await window.open("/subscriptions/new")
    token = window.page.all("input", name="csrf_token")[0]["value"]
    asked = {"csrf_token": token, "start_day": "2022-01-03", "start_time": "08:30", "frequency": "monthly"}

    async def sent(path: str, **more):
        answer = await window.client.post(f"/subscriptions/{path}", data={**asked, **more}, headers=HTMX)
        assert answer.status_code == 200 and "<html" not in answer.text
        return answer.text

    part = await sent("dates", weekdays=["monday", "tuesday", "wednesday", "thursday", "friday"], place="-1")
    assert "Every month on the last of its working days at 08:30" in part
    assert "Monday, 31 January 2022, 08:30" in part and "Thursday, 31 March 2022, 08:30" in part
    assert "No date is left" in await sent("dates", until="2022-01-01")
    assert "There are no more." in await sent("dates", count="2")
    for wrong in (
        {"start_day": "soon"},
        {"start_time": "9"},
        {"interval": "0"},
        {"place": "0"},
        {"until": "9999-99-99"},
    ):
        assert "text-error" in await sent("dates", **wrong)
    switched = await sent("form", target_type="webhook", target_value="ada@example.com")
    assert 'id="subscription-form"' in switched and "ada@example.com" not in switched
    part = await sent("form", target_type="webhook", target_value="https://example.com/x")
    assert 'id="subscription-form"' in part and 'value="https://example.com/x"' in part


WHICH = "Enter a valid email address. This is none: nobody"


async def test_a_wrong_field_is_told_of_and_nothing_is_lost(window, alice, clock):
    clock.freeze(NOW)
    dashboard = await make_dashboard(alice, name="Board")
    await make_insight(alice, name="On it", dashboards=[dashboard])
    await window.open(f"/subscriptions/new?dashboard={dashboard}")
    wrong = {"target_value": "nobody", "title": "Ours", "count": "3"}
    await window.press("Subscribe", **wrong)
    assert window.status == 400 and window.page.all(role="alert")[0].text == WHICH
    field = window.page.one("textarea", id="target_value")
    assert field["aria-invalid"] == "true" and field.text == "nobody"
    assert window.page.one(id=field["aria-describedby"]).text == WHICH
    assert window.page.one("input", id="title")["value"] == "Ours"
    ended = {"target_value": "a@example.com", "until": "2022-01-01", "count": ""}
    await window.press("Subscribe", **ended)
    assert window.page.one("input", id="until")["aria-invalid"] == "true"
    await window.press("Show the dates", tiles="chosen", until="")
    assert "On it" in window.page.text
    await window.press("Subscribe", tiles="chosen")
    assert window.page.all(role="alert")[0].text == "Select at least one insight for this subscription."
    assert (await window.client.get(SUBSCRIPTIONS)).json()["count"] == 0


async def test_names_and_reasons_are_text(window, alice):
    made = await subscribe(alice, title="<b>x</b>", insight=await make_insight(alice, name="</option><i>"))
    for path in ("/subscriptions", f"/subscriptions/{made['id']}", "/subscriptions/new"):
        await window.open(path)
        assert "<b>x</b>" not in window.answer.text and "</option><i>" not in window.answer.text


async def test_a_subscription_of_another_project_is_not_there(window, mallory):
    made = await subscribe(mallory, title="Theirs")
    theirs = await make_dashboard(mallory, name="Their board")
    insight = await make_insight(mallory, name="Their insight", dashboards=[theirs])
    await window.open(f"/subscriptions/{made['id']}")
    assert window.status == 404
    await window.open(f"/subscriptions/new?insight={insight}")
    assert "Their insight" not in window.page.text
    await window.open(f"/subscriptions/new?dashboard={theirs}")
    assert "Their" not in window.page.text
    token = window.page.all("input", name="csrf_token")[0]["value"]
    for do in ("save", "test", "disable", "delete"):
        sent = {"csrf_token": token, "do": do}
        assert (await window.client.post(f"/subscriptions/{made['id']}", data=sent)).status_code == 404
    for path in ("form", "dates"):
        sent = {"csrf_token": token, "key": str(made["id"])}
        assert (await window.client.post(f"/subscriptions/{path}", data=sent)).status_code == 404
    sent = {
        "csrf_token": token,
        "about": f"insight:{insight}",
        "start_day": "2040-01-01",
        "target_value": "a@b.de",
    }
    assert (await window.client.post("/subscriptions/new", data=sent)).status_code == 400


async def test_who_may_only_look_has_no_buttons_and_changes_nothing(viewer, alice):
    made = await subscribe(alice, title="Ours")
    await viewer.open("/subscriptions")
    names = {button.name for button in viewer.page.one("main").all("button")}
    assert "New subscription" not in viewer.page.text and names == {"Apply"}
    await viewer.open(f"/subscriptions/{made['id']}")
    assert not viewer.page.one("main").all("button")
    token = viewer.page.all("input", name="csrf_token")[0]["value"]
    form = {"start_day": "2040-01-01", "target_value": "a@example.com", "about": "insight:1"}
    for path, do in (("new", "save"), *((made["id"], do) for do in ("save", "test", "disable", "delete"))):
        sent = {"csrf_token": token, "do": do, **form}
        assert (await viewer.client.post(f"/subscriptions/{path}", data=sent)).status_code == 403, do
    assert (await alice.client.get(path_of(made))).json() == made
