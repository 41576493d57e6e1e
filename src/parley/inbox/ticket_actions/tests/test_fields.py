"""The forms of one conversation: given to oneself, snoozed until any time, due at any time."""

import asyncio

import pytest


async def test_somebody_takes_a_conversation_themselves(window, desk, cast):
    await desk.open()
    await window.open("/inbox/1")
    await window.press("Assign to me")
    assert (await desk.ticket(1))["assignee"]["id"] == cast.alice.user_id
    assert not window.page.all("button", id="assign-me")


async def test_snooze_and_due_time_are_any_moment_of_the_projects_time_zone(window, desk):
    url = f"/api/projects/{desk.project.id}/"
    assert (await desk.client.patch(url, json={"timezone": "Asia/Tokyo"})).status_code == 200
    await desk.open()
    await window.open("/inbox/1")
    await window.press("Snooze until then", snooze_at="2099-01-31T18:30")
    await window.press("Set the due time", due_at="2099-02-01T08:15")
    ticket = await desk.ticket(1)
    assert (ticket["snoozed_until"], ticket["sla_due_at"]) == ("2099-01-31T09:30:00Z", "2099-01-31T23:15:00Z")
    fields = [window.page.one("input", id=name)["value"] for name in ("snooze_at", "due_at")]
    assert fields == ["2099-01-31T18:30", "2099-02-01T08:15"]
    await window.press("Set the due time", due_at="")
    await window.press("Snooze until then", snooze_at="")
    ticket = await desk.ticket(1)
    assert (ticket["snoozed_until"], ticket["sla_due_at"], ticket["status"]) == (None, None, "open")


@pytest.mark.parametrize(
    "field",
    [{"due_at": "soon"}, {"snooze_at": "0001-01-01T00:00"}, {"snooze": "soon"}, {"assignee": "user:x"}],
)
async def test_what_is_no_moment_and_nobody_is_refused(window, desk, field):
    await desk.open()
    await window.open("/inbox/1")
    token = window.page.all("input", name="csrf_token")[0]["value"]
    answer = await window.client.post("/inbox/1", data={**field, "csrf_token": token})
    assert answer.status_code == 400, answer.text
    ticket = await desk.ticket(1)
    assert (ticket["sla_due_at"], ticket["snoozed_until"], ticket["assignee"]) == (None, None, None)


async def test_tags_that_are_given_at_the_same_time_are_all_kept(window, desk):
    await desk.open()
    await window.open("/inbox/1")
    token = window.page.all("input", name="csrf_token")[0]["value"]
    names = [f"tag {n}" for n in range(8)]
    given = [window.client.post("/inbox/1", data={"add_tag": name, "csrf_token": token}) for name in names]
    assert {answer.status_code for answer in await asyncio.gather(*given)} == {303}
    assert (await desk.ticket(1))["tags"] == names
