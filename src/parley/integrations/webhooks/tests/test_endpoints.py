"""Endpoints through the API: who may, what is refused, tests and replays."""

import asyncio
from uuid import uuid4

import pytest

from tests.receiver import answers

REFUSED = [
    "http://127.0.0.1/",
    "http://localhost:8000/",
    "http://10.1.2.3/hook",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "https://example.com./",
    "https://user:secret@example.com/",
    "ftp://example.com/",
    "javascript:alert(1)",
    "//example.com/",
    "https://",
    "not a url",
]


async def test_an_endpoint_is_made_shown_changed_and_deleted(add, api, path, receiver, alice):
    made = await add(events=["$conversation_ticket_created"], description=" Ours ")
    assert (made["url"], made["description"], made["enabled"]) == (receiver.url, "Ours", True)
    assert (made["created_by"], made["failure_count"], made["paused_until"]) == (alice.user_id, 0, None)
    one = f"{path}{made['id']}/"
    assert (await api.get(one)).json() == made
    changed = (await api.patch(one, json={"events": ["*", "*"], "enabled": False})).json()
    assert (changed["events"], changed["enabled"], changed["url"]) == (["*"], False, receiver.url)
    page = (await api.get(path)).json()
    assert (page["count"], page["results"]) == (1, [changed])
    assert (await api.delete(one)).status_code == 204
    assert (await api.get(one)).status_code == (await api.delete(one)).status_code == 404


@pytest.mark.parametrize("url", REFUSED)
async def test_what_is_not_public_is_refused_when_it_is_written(api, path, add, url):
    answer = await api.post(path, json={"url": url})
    assert (answer.status_code, answer.json()["attr"]) == (400, "url")
    webhook = await add()
    answer = await api.patch(f"{path}{webhook['id']}/", json={"url": url})
    assert (answer.status_code, answer.json()["attr"]) == (400, "url")
    assert (await api.get(f"{path}{webhook['id']}/")).json() == webhook


@pytest.mark.parametrize(
    ("fields", "attr", "code"),
    [
        ({}, "url", "required"),
        ({"url": ""}, "url", "blank"),
        ({"url": "https://example.com/" + "x" * 2000}, "url", "max_length"),
        ({"url": "https://hooks.invalid/", "events": []}, "events", "empty"),
        ({"url": "https://hooks.invalid/", "events": ["*", "seen"]}, "events__1", "invalid_choice"),
        ({"url": "https://hooks.invalid/", "events": "all"}, "events", "invalid_input"),
        ({"url": "https://hooks.invalid/", "enabled": None}, "enabled", "null"),
    ],
)
async def test_bad_fields_are_named(api, path, fields, attr, code):
    found = await api.post(path, json=fields)
    assert (found.status_code, found.json()["attr"], found.json()["code"]) == (400, attr, code)


async def test_a_name_that_nobody_knows_yet_may_be_written(api, path):
    assert (await api.post(path, json={"url": "https://hooks.invalid/a"})).status_code == 201


async def test_a_project_has_a_limited_number_of_them(add, api, path, receiver):
    for _ in range(50):
        await add()
    answer = await api.post(path, json={"url": receiver.url})
    assert (answer.status_code, answer.json()["code"]) == (400, "limit_reached")


async def test_with_one_idempotency_key_one_webhook_is_made(api, path, receiver, services):
    headers = {"Idempotency-Key": str(uuid4())}
    answers = [await api.post(path, json={"url": receiver.url}, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert (await api.get(path)).json()["count"] == 1


async def test_members_look_and_admins_change(add, bob, path, receiver):
    webhook = await add()
    one = f"{path}{webhook['id']}/"
    assert (await bob.client.get(path)).json()["results"] == [webhook]
    refused = [
        await bob.client.post(path, json={"url": receiver.url}),
        await bob.client.patch(one, json={"enabled": False}),
        await bob.client.delete(one),
        await bob.client.post(f"{one}test/"),
        await bob.client.get(f"{one}deliveries/"),
        await bob.client.post(f"{one}deliveries/{uuid4()}/replay/"),
    ]
    assert [answer.status_code for answer in refused] == [403] * 6


async def test_scopes_decide_what_a_key_may(cast, alice, add, path):
    webhook = await add()
    reading = await cast.make_key(alice, ["webhook:read"])
    assert (await reading.get(path)).status_code == 200
    assert (await reading.post(f"{path}{webhook['id']}/test/")).status_code == 403
    other = await cast.make_key(alice, ["ticket:write"])
    assert (await other.get(path)).status_code == 403


async def test_webhooks_of_another_project_are_not_found(add, mallory, happen, queue, log_of):
    webhook = await add()
    await happen()
    await queue.drain()
    [delivery] = await log_of(webhook)
    theirs = f"/api/projects/{mallory.project_id}/webhooks/{webhook['id']}/"
    client = mallory.client
    found = [
        await client.get(theirs),
        await client.patch(theirs, json={"enabled": False}),
        await client.delete(theirs),
        await client.post(f"{theirs}test/"),
        await client.get(f"{theirs}deliveries/"),
        await client.post(f"{theirs}deliveries/{delivery['id']}/replay/"),
    ]
    assert [answer.status_code for answer in found] == [404] * 6


async def test_a_test_message_goes_out_whatever_is_listened_to(add, api, path, queue, receiver, log_of):
    webhook = await add(events=["$conversation_ticket_created"])
    answer = await api.post(f"{path}{webhook['id']}/test/")
    assert (answer.status_code, answer.json()["state"]) == (201, "pending")
    await queue.drain()
    assert receiver.received[0].json()["type"] == "webhook.test"
    assert [one["state"] for one in await log_of(webhook)] == ["delivered"]


async def test_a_delivery_is_replayed_under_the_same_id(add, api, path, happen, queue, receiver, log_of):
    webhook = await add()
    await happen()
    await queue.drain()
    [old] = await log_of(webhook)
    one = f"{path}{webhook['id']}/"
    answer = await api.post(f"{one}deliveries/{old['id']}/replay/")
    assert (answer.status_code, answer.json()["replay_of"]) == (201, old["id"])
    await queue.drain()
    first, second = receiver.received
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert (await log_of(webhook))[0] == old
    assert (await api.post(f"{one}deliveries/{uuid4()}/replay/")).status_code == 404
    await api.patch(one, json={"enabled": False})
    answer = await api.post(f"{one}deliveries/{old['id']}/replay/")
    assert (answer.status_code, answer.json()["code"]) == (400, "webhook_disabled")


async def test_a_message_that_is_on_its_way_is_not_sent_once_more(
    add, api, path, happen, queue, receiver, log_of
):
    webhook = await add()
    await happen()
    await queue.drain()
    [old] = await log_of(webhook)
    again = f"{path}{webhook['id']}/deliveries/{old['id']}/replay/"
    answers_at_once = await asyncio.gather(*(api.post(again) for _ in range(5)))
    assert {one.status_code for one in answers_at_once} == {201}
    assert len({one.json()["id"] for one in answers_at_once}) == 1
    receiver.respond = answers(500)
    await queue.drain()
    assert len(receiver.received) == 2
    receiver.respond = answers(200)
    assert (await api.post(again)).json()["id"] == answers_at_once[0].json()[
        "id"
    ]  # tried again, before it is due
    await queue.drain()
    assert len(receiver.received) == 3
    assert [one["state"] for one in await log_of(webhook)] == ["delivered"] * 2


async def test_the_log_is_filtered_by_state(add, happen, queue, receiver, log_of):
    webhook = await add()
    await happen()
    await queue.drain()
    receiver.respond = answers(500)
    await happen()
    await queue.drain()
    assert [len(await log_of(webhook, state=state)) for state in ("delivered", "pending", "failed", "odd")] == [
        1, 1, 0, 2,
    ]  # fmt: skip


async def test_only_who_may_change_a_webhook_sees_what_may_be_secret_in_its_url(
    add, cast, alice, bob, path, receiver
):
    secret = f"{receiver.url}/T024/qX7secret?token=hush"
    webhook = await add(url=secret)
    assert webhook["url"] == secret
    narrow = [
        await cast.make_key(alice, ["webhook:read"]),
        await cast.make_key(alice, ["webhook:read", "ticket:write"]),
    ]
    readers = [bob.client, await cast.sign_in(bob), await cast.make_key(bob, ["webhook:write"]), *narrow]
    for client in readers:
        for place in (path, f"{path}{webhook['id']}/"):
            answer = await client.get(place)
            assert answer.status_code == 200
            assert "hush" not in answer.text and "qX7secret" not in answer.text
    for client in (await cast.sign_in(alice), await cast.make_key(alice, ["webhook:write"])):
        assert (await client.get(f"{path}{webhook['id']}/")).json()["url"] == secret


async def test_a_key_that_cannot_read_tickets_has_none_sent_to_a_url_and_reads_none_in_the_log(
    add, cast, alice, path, receiver, happen, queue, log_of
):
    webhook = await add()
    await happen()
    await queue.drain()
    [delivery] = await log_of(webhook)
    one = f"{path}{webhook['id']}/"
    client = await cast.make_key(alice, ["webhook:write", "event:read", "conversation:write"])
    refused = [
        await client.post(path, json={"url": receiver.url}),
        await client.patch(one, json={"url": receiver.url}),
        await client.get(f"{one}deliveries/"),
        await client.post(f"{one}deliveries/{delivery['id']}/replay/"),
    ]
    assert [answer.status_code for answer in refused] == [403] * 4
    assert (await client.post(f"{one}test/")).status_code == 201
    able = await cast.make_key(alice, ["webhook:write", "ticket:read"])
    assert (await able.get(f"{one}deliveries/")).status_code == 200
    assert (await able.patch(one, json={"events": ["*"]})).status_code == 200
