"""A purged ticket leaves nothing behind that an erasure could no longer find."""

from datetime import timedelta

from parley.administration.privacy.tests.conftest import Somebody, places_of
from parley.conversations.widget.tests.visitor import Browser


async def test_nothing_of_its_customer_is_left_after_a_ticket_is_purged(
    api, anonymous, project, desk, queue, receiver, clock, database, services
):
    vera = Somebody("vera", api, Browser(anonymous, project), desk)
    hook = await api.post(f"{vera.root}/webhooks/", json={"url": receiver.url})
    given = {"traits": {"email": vera.email, "name": vera.word}, "distinct_id": vera.distinct_id}
    ticket_id = await vera.browser.opened(f"I am {vera.word}", **given)
    stays = await desk.open(message="Another one")
    url = f"{desk.tickets}{ticket_id}/participants/"
    assert (await api.post(url, json={"email": f"friend-of-{vera.email}"})).status_code == 201
    await desk.say({"id": ticket_id}, f"Hello {vera.word}")
    await queue.drain()
    left = {"event.properties", "webhook_delivery.payload", "activity_log.detail", "comment.content"}
    assert await places_of(database, services, vera.word) >= left
    await desk.delete(ticket_id)
    clock.advance(timedelta(days=14, seconds=1))
    assert await queue.run_job("tickets.purge_deleted")
    await queue.drain()
    assert await places_of(database, services, vera.word) == set()
    log = await api.get(f"{vera.root}/webhooks/{hook.json()['id']}/deliveries/")
    payloads = [one["payload"] for one in log.json()["results"]]
    assert {"erased": True} in payloads
    assert stays["id"] in [one["data"]["properties"]["ticket_id"] for one in payloads if "data" in one]
