"""Whoever is erased is told of to nobody any more."""

from datetime import timedelta

import pytest

from parley.integrations.linkedin_conversions.rules import ERASED, RETRIES_S, email_hash


@pytest.fixture
async def waiting(conversions, clock):
    """Conversions of Ada, as a ticket and an event, and one of Bea wait, since LinkedIn is away."""
    clock.freeze()
    rules = [await conversions.add(), await conversions.add(trigger="event_captured", trigger_value="bought")]
    clock.advance(timedelta(seconds=1))
    await conversions.open_ticket("Ada@Example.com")
    await conversions.open_ticket("bea@example.com")
    token = conversions.alice.project.api_token
    bought = {"event": "bought", "distinct_id": "ada-at-the-shop"}
    for properties in ({"$set": {"email": "old@example.com"}}, {"$set": {"email": "ada@example.com"}}):
        body = {"api_key": token, **bought, "properties": properties}
        assert (await conversions.alice.client.post("/capture/", json=body)).status_code == 200
        clock.advance(timedelta(seconds=1))
        conversions.status = 503
        await conversions.run()
    return rules


async def erase(conversions, email):
    path = f"/api/projects/{conversions.alice.project_id}/personal_data/"
    answer = await conversions.alice.client.delete(path, params={"email": email})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_nothing_about_an_erased_customer_is_sent_any_more(conversions, waiting, clock):
    n_before = len(conversions.got)
    assert n_before == 4  # one of the event by the address that she had then
    assert (await erase(conversions, "ada@example.com"))["deliveries"] >= 3
    conversions.status = 201
    clock.advance(timedelta(seconds=RETRIES_S[-1]))
    await conversions.run()
    [sent] = conversions.got[n_before:]
    assert sent.json()["user"]["userIds"][0]["idValue"] == email_hash("bea@example.com")
    log = [one for rule in waiting for one in await conversions.log(rule)]
    assert sorted((one["state"], one["last_error"]) for one in log) == [
        *[("failed", ERASED)] * 3, ("sent", None),
    ]  # fmt: skip


async def test_an_erasure_while_a_token_is_renewed_still_counts(conversions, world, clock):
    clock.freeze()
    await conversions.add()
    clock.advance(timedelta(seconds=1))
    await conversions.open_ticket("ada@example.com")
    clock.advance(timedelta(days=30, seconds=1))
    renewed = world.fake._answer

    async def erase_first(writer, request, path):
        if path == "/oauth/v2/accessToken":
            await erase(conversions, "ada@example.com")
        await renewed(writer, request, path)

    world.fake._answer = erase_first
    await conversions.run()
    assert conversions.got == []
