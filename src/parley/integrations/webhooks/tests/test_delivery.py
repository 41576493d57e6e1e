"""What happens in a project reaches its webhooks, signed, also when they fail at first."""

from copy import copy
from datetime import timedelta

import msgspec
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from parley.conversations.ticket_changes.rules.kinds import EVENTS
from parley.kernel.network.webhook_messages import RETRIES_S
from tests.cast import WEBHOOK_SECRET
from tests.receiver import answers, hang_up

CREATED = "$conversation_ticket_created"


async def test_an_event_arrives_signed(add, happen, queue, receiver, log_of, project):
    webhook = await add()
    id = await happen(status="new", note="Grüße")
    await queue.drain()
    [message] = receiver.received
    body = Webhook(WEBHOOK_SECRET).verify(message.body, message.headers)
    assert (body["type"], body["data"]["id"]) == (CREATED, id)
    assert body["data"]["project_id"] == project.id
    assert body["data"]["properties"] == {"ticket_number": 1, "status": "new", "note": "Grüße"}
    assert message.headers["webhook-id"] == id
    assert (message.method, message.headers["content-type"]) == ("POST", "application/json")
    assert message.headers["host"] == f"127.0.0.1:{receiver.port}"
    [delivery] = await log_of(webhook)
    assert (delivery["state"], delivery["attempts"], delivery["last_status"]) == ("delivered", 1, 204)
    assert delivery["payload"] == body


async def test_a_webhook_hears_of_what_it_named_only(add, happen, queue, receiver, log_of):
    webhook = await add(events=[CREATED, EVENTS[3]])
    for event in EVENTS:
        await happen(event)
    await queue.drain()
    assert sorted(one.json()["type"] for one in receiver.received) == sorted([CREATED, EVENTS[3]])
    assert len(await log_of(webhook)) == 2


async def test_other_projects_and_switched_off_webhooks_hear_nothing(add, happen, queue, receiver, mallory):
    await add(enabled=False)
    await happen()
    await queue.drain()
    await add()
    await happen(project_id=mallory.project_id)
    await queue.drain()
    assert receiver.received == []


async def test_an_event_handled_twice_by_the_queue_is_one_delivery(add, happen, queue, log_of, receiver):
    webhook = await add()
    await happen()
    await queue.drain()
    assert await queue.drain() == 0
    assert (len(await log_of(webhook)), len(receiver.received)) == (1, 1)


@pytest.mark.parametrize("status", [400, 404, 500, 503])
async def test_a_failure_is_tried_again_with_the_same_id(add, happen, queue, receiver, log_of, clock, status):
    webhook = await add()
    receiver.respond = answers(status, b"not today \0")
    id = await happen()
    await queue.drain()
    [delivery] = await log_of(webhook)
    assert (delivery["state"], delivery["attempts"], delivery["last_status"]) == ("pending", 1, status)
    assert (delivery["response_excerpt"], delivery["finished_at"]) == ("not today ", None)
    await queue.drain()
    assert len(receiver.received) == 1
    receiver.respond = answers(200)
    clock.advance(timedelta(seconds=6))
    await queue.drain()
    [delivery] = await log_of(webhook)
    assert (delivery["state"], delivery["attempts"], delivery["last_error"]) == ("delivered", 2, None)
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == id
    assert first.body == second.body


async def test_a_delivery_fails_for_good_after_nearly_a_day(add, happen, queue, receiver, log_of, clock):
    webhook = await add()
    receiver.respond = hang_up
    await happen()
    await queue.drain()
    for wait in RETRIES_S:
        clock.advance(timedelta(seconds=wait + 1))
        await queue.drain()
        clock.advance(timedelta(hours=1))  # whatever the pause of the endpoint
        await queue.drain()
    [delivery] = await log_of(webhook)
    assert (delivery["state"], delivery["attempts"]) == ("failed", len(RETRIES_S) + 1)
    assert (delivery["next_at"], delivery["last_status"]) == (None, None)
    assert delivery["last_error"] and delivery["finished_at"]
    clock.advance(timedelta(days=1))
    await queue.drain()
    assert len(receiver.received) == len(RETRIES_S) + 1


async def test_a_receiver_can_ask_for_patience(add, happen, queue, receiver, log_of, clock, api, path):
    webhook = await add()
    receiver.respond = answers(429, Retry_After="120")
    await happen()
    await queue.drain()
    receiver.respond = answers(200)
    await happen()
    clock.advance(timedelta(seconds=100))
    await queue.drain()
    assert len(receiver.received) == 1
    assert (await api.get(f"{path}{webhook['id']}/")).json()["paused_until"]
    clock.advance(timedelta(seconds=30))
    await queue.drain()
    assert [one["state"] for one in await log_of(webhook)] == ["delivered", "delivered"]


async def test_redirects_are_not_followed(add, happen, queue, receiver, other, log_of):
    webhook = await add()
    receiver.respond = answers(302, Location=other.url)
    await happen()
    await queue.drain()
    [delivery] = await log_of(webhook)
    assert (delivery["state"], delivery["last_status"], other.received) == ("pending", 302, [])
    assert "Redirects are not followed" in delivery["last_error"]


async def test_what_is_gone_is_switched_off(add, happen, queue, receiver, log_of, api, path):
    webhook = await add()
    receiver.respond = answers(410)
    await happen()
    await queue.drain()
    found = (await api.get(f"{path}{webhook['id']}/")).json()
    assert (found["enabled"], found["disabled_reason"]) == (False, "The endpoint answered 410 Gone.")
    assert [one["state"] for one in await log_of(webhook)] == ["failed"]
    await happen()
    await queue.drain()
    assert len(receiver.received) == 1


async def test_the_old_secret_signs_along_for_a_day(add, happen, queue, receiver, api, project, clock):
    await add()
    rotated = await api.post(f"/api/projects/{project.id}/rotate_webhook_signing_secret/")
    secret = rotated.json()["webhook_signing_secret"]
    await happen()
    await queue.drain()
    [message] = receiver.received
    for one in (secret, WEBHOOK_SECRET):
        assert Webhook(one).verify(message.body, message.headers)
    assert len(message.headers["webhook-signature"].split()) == 2
    clock.advance(timedelta(hours=25))
    await happen()
    await queue.drain()
    assert len(receiver.received[1].headers["webhook-signature"].split()) == 1


async def test_a_changed_body_does_not_verify(add, happen, queue, receiver):
    await add()
    await happen()
    await queue.drain()
    [message] = receiver.received
    with pytest.raises(WebhookVerificationError):
        Webhook(WEBHOOK_SECRET).verify(message.body + b" ", message.headers)


async def test_an_address_that_became_private_is_refused_when_it_is_sent(
    add, happen, queue, receiver, services, log_of
):
    webhook = await add()
    strictly = copy(services)
    strictly.settings = msgspec.structs.replace(services.settings, allowed_hosts_out=frozenset())
    strict = type(queue)(strictly)
    await happen()
    await strict.drain()
    [delivery] = await log_of(webhook)
    assert (delivery["state"], receiver.received) == ("pending", [])
    assert "not public" in delivery["last_error"] and "PARLEY_ALLOWED_HOSTS_OUT" in delivery["last_error"]
