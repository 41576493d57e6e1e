"""Conversions are collected once, sent once, repeated where that may help, and the log says what came of them."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from parley.integrations.linkedin_conversions.actions.sending import tidy
from parley.integrations.linkedin_conversions.rules import KEPT_FOR, NO_ADDRESS, RETRIES_S, email_hash
from parley.integrations.linkedin_conversions.tables import linkedin_conversion


async def test_an_opened_ticket_is_told_once(conversions, world):
    await conversions.open_ticket("early@example.com")  # before there was a rule
    rule = await conversions.add(amount="9.50", currency="EUR")
    ticket_id = await conversions.open_ticket()
    assert [await conversions.run(), await conversions.run()] == [1, 0]
    [sent] = conversions.got
    body = sent.json()
    assert body["user"] == {"userIds": [{"idType": "SHA256_EMAIL", "idValue": email_hash("ada@example.com")}]}
    assert body["conversion"] == "urn:lla:llaPartnerConversion:104012"
    assert body["conversionValue"] == {"currencyCode": "EUR", "amount": "9.50"}
    assert sent.headers["linkedin-version"] == world.services.settings.linkedin_version
    assert sent.headers["x-restli-protocol-version"] == "2.0.0"
    [one] = await conversions.log(rule)
    assert (one["state"], one["attempts"], one["last_error"]) == ("sent", 1, None)
    assert (one["ticket_id"], one["event_id"]) == (ticket_id, body["eventId"])
    async with world.services.database.transaction(write=False) as db:
        mine = linkedin_conversion.c.rule_id == UUID(rule["id"])
        assert (await db.execute(select(linkedin_conversion.c.email_hash).where(mine))).scalars().all() == [
            None
        ]


async def test_a_status_a_tag_and_a_captured_event_are_told(conversions):
    resolved = await conversions.add(trigger="ticket_status_changed", trigger_value="resolved")
    tagged = await conversions.add(trigger="ticket_tagged", trigger_value="qualified")
    captured = await conversions.add(trigger="event_captured", trigger_value="signed_up")
    ticket_id = await conversions.open_ticket()
    await conversions.change_ticket(ticket_id, status="pending", tags=["other"])
    await conversions.change_ticket(ticket_id, status="resolved", tags=["other", "qualified"])
    project = conversions.alice.project
    for event, properties in (
        ("signed_up", {"$set": {"email": "grace@example.com"}}),
        ("something_else", {}),
    ):
        sent = {
            "api_key": project.api_token,
            "event": event,
            "distinct_id": "grace",
            "properties": properties,
        }
        assert (await conversions.alice.client.post("/capture/", json=sent)).status_code == 200
    assert await conversions.run() == 3
    found = [[one["state"] for one in await conversions.log(rule)] for rule in (resolved, tagged, captured)]
    assert found == [["sent"]] * 3
    hashes = sorted(one.json()["user"]["userIds"][0]["idValue"] for one in conversions.got)
    assert hashes == sorted([email_hash("ada@example.com")] * 2 + [email_hash("grace@example.com")])


async def test_a_flood_of_events_ends_no_rule(conversions, clock):
    rule = await conversions.add(trigger="event_captured", trigger_value="signed_up")
    token = conversions.alice.project.api_token
    for _ in range(3):
        clock.advance(timedelta(seconds=1))
        batch = [{"event": "signed_up", "distinct_id": "nobody"}] * 500
        sent = {"api_key": token, "batch": batch}
        assert (await conversions.alice.client.post("/batch/", json=sent)).status_code == 200
    clock.advance(timedelta(seconds=1))
    grace = {"event": "signed_up", "distinct_id": "grace", "properties": {"$set": {"email": "g@example.com"}}}
    assert (
        await conversions.alice.client.post("/capture/", json={"api_key": token, **grace})
    ).status_code == 200
    assert await conversions.run() == 1
    assert len(await conversions.log(rule, state="sent")) == len(conversions.got) == 1
    assert await conversions.run() == 0


async def test_nothing_is_sent_without_an_address_and_the_log_says_so(conversions):
    rule = await conversions.add()
    await conversions.open_ticket(None)
    await conversions.run()
    assert conversions.got == []
    [one] = await conversions.log(rule, state="skipped")
    assert (one["last_error"], one["attempts"]) == (NO_ADDRESS, 0)
    assert await conversions.log(rule, state="sent") == []


async def test_a_refusal_is_final_and_is_told_in_linkedins_words(conversions):
    rule = await conversions.add()
    await conversions.open_ticket()
    conversions.status = 422
    await conversions.run()
    [one] = await conversions.log(rule)
    assert (one["state"], one["attempts"], one["next_at"]) == ("failed", 1, None)
    assert "status 422" in one["last_error"] and "Conversion rule is not active" in one["last_error"]


async def test_failures_are_tried_again_under_the_same_event_id(conversions, clock):
    clock.freeze()
    rule = await conversions.add()
    clock.advance(timedelta(seconds=1))
    await conversions.open_ticket()
    clock.advance(timedelta(seconds=1))
    conversions.status = 500
    await conversions.run()
    [one] = await conversions.log(rule)
    assert (one["state"], one["attempts"]) == ("pending", 1) and "status 500" in one["last_error"]
    await conversions.run()
    assert len(conversions.got) == 1  # not before its time
    conversions.status = 201
    clock.advance(timedelta(seconds=RETRIES_S[0] + 1))
    await conversions.run()
    [one] = await conversions.log(rule)
    assert (one["state"], one["attempts"]) == ("sent", 2)
    first, second = conversions.got
    assert first.json() == second.json()


async def test_linkedin_is_left_alone_for_as_long_as_it_asks(conversions, clock):
    clock.freeze()
    rule = await conversions.add()
    clock.advance(timedelta(seconds=1))
    await conversions.open_ticket()
    clock.advance(timedelta(seconds=1))
    conversions.status, conversions.more = 429, {"Retry_After": "900"}
    await conversions.run()
    [one] = await conversions.log(rule)
    assert (one["state"], one["attempts"]) == ("pending", 1)
    assert one["next_at"].startswith((clock.now() + timedelta(seconds=900)).isoformat()[:19])
    clock.advance(timedelta(seconds=600))
    await conversions.run()
    assert len(conversions.got) == 1


async def test_a_rejected_token_waits_for_a_new_one(conversions, world, clock):
    clock.freeze()
    rule = await conversions.add()
    clock.advance(timedelta(seconds=1))
    await conversions.open_ticket()
    clock.advance(timedelta(seconds=1))
    world.fake.good_tokens.clear()
    world.fake.refresh_tokens.clear()
    await conversions.run()
    [one] = await conversions.log(rule)
    assert one["state"] == "pending" and "reconnect" in one["last_error"]
    assert await world.connect() == conversions.integration_id
    clock.advance(timedelta(seconds=RETRIES_S[0] + 1))
    await conversions.run()
    assert (await conversions.log(rule))[0]["state"] == "sent"


async def test_a_rule_that_is_off_sends_nothing_and_old_entries_go(conversions, world, clock):
    rule = await conversions.add()
    off = await conversions.alice.client.patch(f"{conversions.path}{rule['id']}/", json={"enabled": False})
    assert off.status_code == 200
    await conversions.open_ticket()
    assert await conversions.run() == 0
    on = await conversions.alice.client.patch(f"{conversions.path}{rule['id']}/", json={"enabled": True})
    assert on.json()["enabled"] is True
    await conversions.open_ticket("later@example.com")
    await conversions.run()
    assert email_hash("later@example.com") in {
        sent.json()["user"]["userIds"][0]["idValue"] for sent in conversions.got
    }
    clock.advance(KEPT_FOR + timedelta(days=1))
    async with world.services.database.transaction() as db:
        assert await tidy(db, clock.now()) >= 1
    assert await conversions.log(rule) == []
