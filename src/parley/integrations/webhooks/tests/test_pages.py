"""Webhooks in the settings."""

from uuid import UUID, uuid4

import pytest

from parley.integrations.webhooks.queries.deliveries import deliveries_page
from parley.kernel.http.paging import PageRequest
from parley.kernel.jobs import Queue
from tests.cast import Cast
from tests.plain_browser import window_of
from tests.receiver import Receiver, answers

PATH = "/settings/webhooks"
SECRET_PATH = "/T024BE7LD/xoXo-1234"


@pytest.fixture
async def window(cast: Cast):
    """A window in which alice is signed in."""
    return await window_of(cast, cast.alice)


async def test_a_webhook_is_made_tested_changed_and_deleted_in_the_pages(
    window, api, path, receiver: Receiver, queue: Queue
):
    await window.open(PATH)
    assert "no webhooks yet" in window.page.one("section", aria_labelledby="webhooks").text
    events = {"event:$conversation_ticket_created": "on", "event:*": []}
    await window.press("Add webhook", url=f" {receiver.url} ", description="Ours", **events)
    assert window.page.one(role="status").text == "Saved."
    stored = (await api.get(path)).json()["results"][0]
    assert (stored["url"], stored["events"]) == (receiver.url, ["$conversation_ticket_created"])
    await window.press("Send a test message")
    await queue.drain()
    await window.open(f"{PATH}/{stored['id']}")
    log = window.page.one("section", aria_labelledby="deliveries")
    assert "delivered" in log.texts("span", class_="badge") and "webhook.test" in log.text
    assert len(receiver.received) == 1
    await window.press("Save", description="Theirs", enabled=[])
    changed = (await api.get(f"{path}{stored['id']}/")).json()
    assert (changed["description"], changed["enabled"], changed["url"]) == ("Theirs", False, receiver.url)
    await window.press("Delete this webhook")
    assert window.path == f"{PATH}?notice=deleted"
    assert (await api.get(path)).json()["count"] == 0


async def test_what_has_failed_is_shown_with_its_reason_and_sent_again(
    window, add, receiver: Receiver, queue: Queue, services, project
):
    receiver.respond = answers(410, b"gone <b>for</b> good")
    webhook = await add()
    await window.open(f"{PATH}/{webhook['id']}")
    await window.press("Send a test message")
    await queue.drain()
    await window.open(f"{PATH}/{webhook['id']}?state=failed")
    log = window.page.one("section", aria_labelledby="deliveries")
    assert "status 410" in log.text and "gone <b>for</b> good" in log.text
    await window.press("Send again")  # 410 has switched it off
    assert window.status == 422
    assert "Switch it on first" in window.page.one(role="alert").text
    receiver.respond = answers(200)
    await window.press("Save", enabled="on")
    await window.press("Send again")
    await queue.drain()
    async with services.database.transaction(write=False) as db:
        count, found = await deliveries_page(db, project.id, UUID(webhook["id"]), None, PageRequest())
    assert count == 2
    assert {one.state for one in found} == {"failed", "delivered"}
    assert found[0].replay_of == found[1].id


@pytest.mark.parametrize(
    ("fields", "at"),
    [({"url": "http://127.0.0.1/"}, "url"), ({"url": ""}, "url"), ({"event:*": []}, None)],
)
async def test_a_bad_webhook_is_named_and_what_was_entered_stays(window, api, path, receiver, fields, at):
    await window.open(PATH)
    await window.press("Add webhook", **{"url": receiver.url, "description": "Ours", **fields})
    assert window.status == 422
    assert window.page.one("input", name="description")["value"] == "Ours"
    if at:
        assert window.page.one("input", name=at)["aria-invalid"] == "true"
    else:
        assert window.page.one(role="alert").text
    assert (await api.get(path)).json()["count"] == 0


async def test_members_see_no_secrets_and_change_nothing(window, add, receiver, cast: Cast):
    webhook = await add(url=f"{receiver.url}{SECRET_PATH}")
    member = await window_of(cast, cast.bob)
    await member.open(PATH)
    assert SECRET_PATH not in member.answer.text and receiver.host in member.answer.text
    assert not member.page.all("form", action=PATH)
    token = member.page.all("input", name="csrf_token")[0]["value"]
    one = f"{PATH}/{webhook['id']}"
    assert (await member.client.get(one)).status_code == 403
    actions = ("", "/test", "/retry", "/delete", f"/deliveries/{uuid4()}/replay")
    for address in (PATH, f"{PATH}/secret", *(f"{one}{action}" for action in actions)):
        answer = await member.client.post(address, data={"csrf_token": token, "url": receiver.url})
        assert answer.status_code == 403, address


async def test_a_webhook_of_another_project_is_not_there(add, cast: Cast):
    webhook = await add()
    stranger = await window_of(cast, cast.mallory)
    await stranger.open(PATH)
    token = stranger.page.all("input", name="csrf_token")[0]["value"]
    for id in (webhook["id"], str(uuid4()), "x"):
        assert (await stranger.client.get(f"{PATH}/{id}")).status_code == 404
        for action in ("", "/test", "/retry", "/delete", f"/deliveries/{uuid4()}/replay"):
            answer = await stranger.client.post(f"{PATH}/{id}{action}", data={"csrf_token": token})
            assert answer.status_code == 404, (id, action)


async def test_the_signing_secret_is_shown_to_admins_who_ask(window, api, project):
    await window.open(PATH)
    secret = (await api.get(f"/api/projects/{project.id}/")).json()["webhook_signing_secret"]
    assert secret.startswith("whsec_") and secret not in window.answer.text
    await window.press("Show the signing secret")
    assert window.page.one("code", id="signing-secret").text == secret
    log = (await api.get(f"/api/organizations/{project.organization_id}/audit_log/")).json()["results"]
    assert log[0]["action"] == "webhook.secret_shown" and secret not in str(log[0])
