"""Trying again by hand: a webhook that rests, and deliveries that have failed."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from parley.integrations.webhooks.queries.endpoints import failing_endpoints
from parley.integrations.webhooks.rules import ERASED, GIVEN_UP_AFTER, MOST_FAILURES
from parley.integrations.webhooks.tables import webhook_delivery
from tests.plain_browser import window_of
from tests.receiver import answers


@pytest.fixture
def rest(add, happen, queue, receiver):
    """Make a webhook that rests after failures, and let its server be well again."""

    async def resting():
        webhook = await add(description="Our <b>own</b>")
        receiver.respond = answers(500)
        for _ in range(MOST_FAILURES):
            await happen()
            await queue.drain()
        receiver.respond = answers(200)
        return webhook

    return resting


@pytest.fixture
def failing(services, project):
    """Return the project's failing webhooks."""

    async def found():
        async with services.database.transaction(write=False) as db:
            return await failing_endpoints(db, [project.id], services.clock.now())

    return found


async def test_a_webhook_that_rests_is_sent_to_at_once(rest, api, path, queue, log_of, failing):
    webhook = await rest()
    [one] = await failing()
    assert (one.waiting, one.failed) == (MOST_FAILURES, 0) and one.paused_until
    answer = await api.post(f"{path}{webhook['id']}/retry/")
    assert (answer.status_code, answer.json()["paused_until"]) == (200, None)
    await queue.drain()
    assert {one["state"] for one in await log_of(webhook)} == {"delivered"}
    assert await failing() == []
    assert (await api.post(f"{path}{webhook['id']}/retry/")).status_code == 200
    await queue.drain()
    assert {one["attempts"] for one in await log_of(webhook)} <= {1, 2, 3, 4, 5, 6}


async def test_what_has_failed_is_sent_again_under_its_own_id(
    rest, api, path, queue, log_of, failing, receiver, clock
):
    webhook = await rest()
    clock.advance(GIVEN_UP_AFTER + timedelta(hours=1))
    await queue.run_job("webhooks.tidy_deliveries")
    [one] = await failing()
    assert (one.waiting, one.failed) == (0, MOST_FAILURES)
    before = sorted(one["event_id"] for one in await log_of(webhook, state="failed"))
    receiver.received.clear()
    assert (await api.post(f"{path}{webhook['id']}/retry/")).status_code == 200
    await queue.drain()
    assert sorted(one.headers["webhook-id"] for one in receiver.received) == before
    assert {(one["state"], one["last_error"]) for one in await log_of(webhook)} == {("delivered", None)}


async def test_what_was_erased_is_not_sent_again(rest, api, path, queue, failing, receiver, services):
    webhook = await rest()
    async with services.database.transaction() as db:
        erased = {"state": "failed", "payload": ERASED, "next_at": None}
        await db.execute(update(webhook_delivery).values(erased))
    receiver.received.clear()
    await api.post(f"{path}{webhook['id']}/retry/")
    await queue.drain()
    assert receiver.received == []
    assert [one.failed for one in await failing()] == [0]


async def test_a_webhook_that_is_off_stays_off(rest, api, path):
    webhook = await rest()
    await api.patch(f"{path}{webhook['id']}/", json={"enabled": False})
    answer = await api.post(f"{path}{webhook['id']}/retry/")
    assert (answer.status_code, answer.json()["code"]) == (400, "webhook_disabled")


async def test_only_admins_of_the_project_try_again(rest, path, bob, mallory, cast, alice, api):
    webhook = await rest()
    one = f"{path}{webhook['id']}/retry/"
    assert (await bob.client.post(one)).status_code == 403
    assert (await mallory.client.post(one)).status_code == 403
    theirs = f"/api/projects/{mallory.project_id}/webhooks/{webhook['id']}/retry/"
    assert (await mallory.client.post(theirs)).status_code == 404
    assert (await api.post(f"{path}x/retry/")).status_code == 404
    for scopes in (["webhook:read", "ticket:read"], ["webhook:write"]):
        assert (await (await cast.make_key(alice, scopes)).post(one)).status_code == 403


async def test_an_owner_sees_it_on_the_page_and_tries_again(rest, cast, queue, log_of, receiver, api, path):
    webhook = await rest()
    await api.patch(f"{path}{webhook['id']}/", json={"description": "Our <b>own</b>"})
    window = await window_of(cast, cast.alice)
    await window.open("/settings/background")
    section = window.page.one("section", aria_labelledby="webhooks")
    assert "Our <b>own</b>" in section.text
    assert f"{MOST_FAILURES} deliveries waiting" in section.text and "Rests after failures" in section.text
    await window.press(f"Try again http://{receiver.host}")
    assert window.page.one(role="status").text == "It is tried again now."
    await queue.drain()
    assert {one["state"] for one in await log_of(webhook)} == {"delivered"}
    await api.patch(f"{path}{webhook['id']}/", json={"enabled": False})


async def test_the_audit_log_has_who_tested_retried_and_replayed_without_what_is_secret(
    add, api, path, receiver, project, cast, queue
):
    webhook = await add(url=f"{receiver.url}?key=tellnobody", description="Ours")
    one = f"{path}{webhook['id']}/"
    window = await window_of(cast, cast.alice)
    page = await window.open(f"/settings/webhooks/{webhook['id']}")
    token = page.page.all("input", name="csrf_token")[0]["value"]
    delivery = (await api.post(f"{one}test/")).json()
    assert (await api.post(f"{one}retry/")).status_code == 200
    await queue.drain()
    assert (await api.post(f"{one}deliveries/{delivery['id']}/replay/")).status_code == 201
    for action in ("test", "retry", f"deliveries/{delivery['id']}/replay"):
        await queue.drain()  # what is on its way is not sent once more
        answer = await window.client.post(
            f"/settings/webhooks/{webhook['id']}/{action}", data={"csrf_token": token}
        )
        assert answer.status_code in (302, 303)
    log = (await api.get(f"/api/organizations/{project.organization_id}/audit_log/")).json()["results"]
    entries = [entry for entry in log if entry["action"].startswith("webhook.")]
    words = ["webhook.made", *["webhook.tested", "webhook.retried", "webhook.replayed"] * 2]
    assert [entry["action"] for entry in reversed(entries)] == words
    assert "tellnobody" not in str(log)
    assert {entry["after"]["event"] for entry in entries if entry["action"] == "webhook.replayed"} == {
        "webhook.test"
    }


async def test_what_is_refused_leaves_no_entry(add, api, path, project):
    webhook = await add()
    assert (await api.patch(f"{path}{webhook['id']}/", json={"enabled": False})).status_code == 200
    for action in ("test", "retry"):
        assert (await api.post(f"{path}{webhook['id']}/{action}/")).status_code == 400
    log = (await api.get(f"/api/organizations/{project.organization_id}/audit_log/")).json()["results"]
    assert not {"webhook.tested", "webhook.retried"} & {entry["action"] for entry in log}
