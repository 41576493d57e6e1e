"""What a link never gives away, and what is refused before anything is looked at."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from parley.conversations.restore_links import jobs
from parley.conversations.restore_links.tests.conftest import PAGE, SHOP, Restoring, browser_of
from parley.conversations.widget.tests.test_participants import invite
from parley.conversations.widget.tests.visitor import Browser
from parley.kernel.http.middleware import Middleware
from parley.kernel.throttle import Limit
from tests.limited import client_at, limited_app

ADA = {"email": "ada@example.com"}
UNCHANGED = ("identity_verified", "distinct_id")


def session_of(browser: Browser) -> Any:
    return browser.credentials["widget_session_id"]


async def test_a_verified_ticket_stays_with_its_signed_identity(restoring, anonymous, new, desk):
    ada = browser_of(anonymous, restoring.project, identity="ada@example.com")
    signed = await ada.opened("Signed", traits=ADA)
    opened = await desk.open(email="ada@example.com", message="Written to the team")
    bare = browser_of(anonymous, restoring.project)
    taken = await bare.opened("Before I signed in", traits=ADA)
    ada.credentials |= bare.credentials
    assert taken in await ada.ticket_ids()
    await restoring.ask("ada@example.com")
    await restoring.queue.drain()
    assert len(restoring.mails) == 0
    mine = await new.opened("Bare", traits=ADA)
    assert await restoring.restored("ada@example.com", session_of(new)) == [mine]
    assert await new.ticket_ids() == [mine]
    for id, shown in ((signed, True), (taken, True), (opened["id"], None)):
        assert (await desk.ticket(id))["identity_verified"] is shown


async def test_what_capture_says_of_addresses_gives_nothing_away(restoring, lost, anonymous, new, sent_mail):
    ticket = await lost.opened("Mine", traits={"email": "victim@example.com"})
    named = await lost.opened("Without an address")
    for told in (
        {"event": "$identify", "properties": {"$set": {"email": "eve@example.com"}}},
        {"event": "$set", "properties": {"$set": {"email": "eve@example.com"}}},
    ):
        body = {"api_key": restoring.project.api_token, "distinct_id": lost.distinct_id, **told}
        assert (await anonymous.post("/e/", json=body)).status_code == 200
    await restoring.ask("eve@example.com")
    await restoring.queue.drain()
    assert len(sent_mail) == 0
    assert await restoring.restored("victim@example.com", session_of(new)) == [ticket]
    assert await lost.ticket_ids() == [named]


async def test_who_plants_a_ticket_under_an_address_loses_it_with_the_link(restoring, anonymous, lost, new):
    mine = await lost.opened("Mine", traits=ADA)
    eve = browser_of(anonymous, restoring.project)
    planted = await eve.opened("Please tell us your password", traits=ADA)
    assert await restoring.restored("ada@example.com", session_of(new)) == [planted, mine]
    assert await eve.ticket_ids() == [] and (await eve.thread(planted)).status_code == 403
    # And what the new browser says there without knowing the address leaves the address what it was.
    said = await new.send("I never wrote that", ticket_id=planted, traits={"name": None, "email": None})
    assert said.status_code == 200
    assert await restoring.restored("ada@example.com", session_of(lost)) == [planted, mine]


async def test_a_session_that_lost_its_ticket_to_a_verified_person_gets_it_back_by_no_link(
    restoring, lost, anonymous, new, desk
):
    ticket = await lost.opened("Hello?", traits=ADA)
    await invite(desk, ticket, distinct_id="carol")
    carol = browser_of(anonymous, restoring.project, identity="carol")
    token = await restoring.token("ada@example.com")
    assert (await carol.send("My secret", ticket_id=ticket)).status_code == 200
    answer = await restoring.redeem(token, session_of(new))
    assert (answer.json()["status"], answer.json()["migrated_ticket_ids"]) == ("success", [])
    assert (await new.thread(ticket)).status_code == 403


async def test_a_participant_gets_no_tickets_of_others(restoring, lost, new, desk, sent_mail):
    ticket = await lost.opened("Hello?", traits=ADA)
    await invite(desk, ticket, email="guest@example.com")
    await restoring.ask("guest@example.com")
    await restoring.queue.drain()
    assert len(sent_mail) == 0


@pytest.mark.parametrize("other", ["bare", "verified"])
async def test_of_merged_tickets_each_address_gets_its_own_part(restoring, lost, anonymous, new, desk, other):
    mine = await lost.opened("Mine", traits=ADA)
    identity = "carol" if other == "verified" else None
    theirs = browser_of(anonymous, restoring.project, identity)
    target = await theirs.opened("Theirs", traits={"email": "carol@example.com"})
    (await desk.client.post(f"{desk.tickets}{mine}/merge/", json={"into": target})).raise_for_status()
    found = await restoring.restored("ada@example.com", session_of(new))
    assert found == ([mine] if other == "bare" else [])
    assert await new.ticket_ids() == found
    if other == "bare":
        assert await new.texts(mine) == ["Mine"]
    assert (await new.thread(target)).status_code == 403
    assert await theirs.ticket_ids() == [target]


async def test_a_deleted_ticket_comes_back_to_whoever_has_the_link(restoring, lost, new, desk):
    live, deleted = await lost.opened("Live", traits=ADA), await lost.opened("Deleted", traits=ADA)
    await desk.client.delete(f"{desk.tickets}{deleted}/")
    assert await restoring.restored("ada@example.com", session_of(new)) == [live]
    await desk.client.post(f"{desk.tickets}{deleted}/restore/")
    assert await new.ticket_ids() == [deleted, live] and await lost.ticket_ids() == []


@pytest.mark.parametrize(
    ("headers", "url", "error"),
    [
        ({"Origin": "https://evil.test"}, "https://evil.test/", "Origin not allowed"),
        ({"Origin": "null"}, PAGE, "Origin not allowed"),
        ({}, "https://evil.test/", "URL must match request origin"),
        ({}, "https://other.example.com/", "URL must match request origin"),
        ({}, "http://shop.example.com/", "URL must match request origin"),
        ({}, "https://shop.example.com\\@evil.test/", "URL must match request origin"),
        ({}, "javascript:alert(1)", "URL must match request origin"),
    ],
)  # fmt: skip
async def test_a_page_of_another_site_has_no_link_sent(restoring, lost, headers, url, error, sent_mail):
    await lost.opened(traits=ADA)
    answer = await restoring.ask("ada@example.com", url, **headers)
    assert (answer.status_code, answer.json()) == (403, {"error": error})
    await restoring.queue.drain()
    assert len(sent_mail) == 0


async def test_a_page_of_another_site_redeems_nothing(restoring, lost):
    await lost.opened(traits=ADA)
    token = await restoring.token("ada@example.com")
    answer = await restoring.redeem(token, Origin="https://evil.test")
    assert (answer.status_code, answer.json()) == (403, {"error": "Origin not allowed"})
    assert (await restoring.redeem(token)).json()["status"] == "success"


async def test_where_no_domains_are_listed_links_lead_to_parleys_own_site_only(restoring, api, sent_mail):
    await change(api, restoring, widget_domains=[])
    await browser_of(restoring.client, restoring.project).opened(traits=ADA)
    answer = await restoring.ask("ada@example.com")
    assert (answer.status_code, answer.json()) == (403, {"error": "URL domain not allowed"})
    here = "http://parley.test"
    assert (await restoring.ask("ada@example.com", f"{here}/demo", Origin=here)).status_code == 200
    await restoring.queue.drain()
    assert f"{here}/demo?ph_conv_restore=" in sent_mail[0].get_body(("plain",)).get_content()


async def change(api: httpx.AsyncClient, restoring: Restoring, **settings: Any) -> None:
    url = f"/api/projects/{restoring.project.id}/"
    (await api.patch(url, json={"conversations_settings": settings})).raise_for_status()


async def test_where_restoring_is_switched_off_there_are_no_links(restoring, lost, api):
    await lost.opened(traits=ADA)
    token = await restoring.token("ada@example.com")
    await change(api, restoring, widget_restore_enabled=False)
    for answer in (await restoring.ask("ada@example.com"), await restoring.redeem(token)):
        assert (answer.status_code, answer.json()) == (403, {"error": "Restore is not enabled"})


async def test_a_wrong_token_of_the_widget_is_refused_first(restoring):
    for headers in ({"X-Conversations-Token": ""}, {"X-Conversations-Token": "wrong"}):
        for answer in (await restoring.ask("", **headers), await restoring.redeem("", **headers)):
            assert answer.status_code == 403


@pytest.mark.parametrize(
    ("email", "url", "fields"),
    [
        ("", PAGE, ["email"]), (None, None, ["email", "request_url"]), ("no address", PAGE, ["email"]),
        (f"{'a' * 250}@example.com", PAGE, ["email"]), (["a@example.com"], PAGE, ["email"]),
        ("a@example.com\r\nBcc: b@example.com", PAGE, ["email"]), ("a@example.com,b@example.com", PAGE, ["email"]),
        ("a@example.com", f"{SHOP}/{'x' * 2048}", ["request_url"]), ("a@example.com", 5.5, []),
    ],
)  # fmt: skip
async def test_bad_requests_are_named_by_field(restoring, email, url, fields):
    answer = await restoring.ask(email, url)
    if not fields:
        assert (answer.status_code, answer.json()) == (403, {"error": "URL must match request origin"})
        return
    assert (answer.status_code, answer.json()["error"]) == (400, "Invalid request data")
    assert list(answer.json()["details"]) == fields


@pytest.mark.parametrize(
    ("token", "session", "fields"),
    [
        ("x" * 39, None, ["restore_token"]), ("x" * 51, None, ["restore_token"]), (None, None, ["restore_token"]),
        ("x" * 43, "no session", ["widget_session_id"]), (["x" * 43], 5, ["restore_token", "widget_session_id"]),
    ],
)  # fmt: skip
async def test_bad_redemptions_are_named_by_field(restoring, token, session, fields):
    answer = await restoring.redeem(token, session)
    assert (answer.status_code, answer.json()["error"]) == (400, "Invalid request data")
    assert sorted(answer.json()["details"]) == fields


@pytest.mark.parametrize("token", ["x" * 40, "y" * 43, "sha256$" + "0" * 43, "é" * 45])
async def test_an_invented_token_is_invalid(restoring, token):
    answer = await restoring.redeem(token)
    assert (answer.status_code, answer.json()) == (200, {"status": "invalid", "code": "token_invalid"})


@pytest_asyncio.fixture(params=["public", "off"])
async def public_app(settings, app, clock, request) -> AsyncIterator[Middleware]:
    async with limited_app(settings, request.param) as made:
        yield made


async def test_an_address_has_three_mails_an_hour_whoever_asks_and_whatever_is_set(
    public_app, shop, queue, sent_mail
):
    async with client_at(public_app, "192.0.2.1") as one, client_at(public_app, "192.0.2.2") as other:
        asking = [Restoring(client, shop, queue, sent_mail) for client in (one, other, one, other)]
        spellings = ("ada@example.com", "ADA@example.com ", "ada@EXAMPLE.com", "\u0041da@example.com")
        answers = [await who.ask(email) for who, email in zip(asking, spellings, strict=True)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert list(answers[3].json()) == ["error"] and int(answers[3].headers["retry-after"]) > 3000
        assert (await asking[0].ask("bob@example.com")).status_code == 200


async def test_tokens_are_tried_ten_times_a_minute_from_one_address(public_app, shop, queue, sent_mail):
    async with client_at(public_app, "192.0.2.1") as one, client_at(public_app, "192.0.2.2") as other:
        guessing = Restoring(one, shop, queue, sent_mail)
        statuses = [(await guessing.redeem(f"{n:043}")).status_code for n in range(11)]
        assert statuses == [200] * 10 + [429]
        assert (await Restoring(other, shop, queue, sent_mail).redeem("x" * 43)).status_code == 200


async def test_strangers_cause_few_mails_of_a_project(restoring, lost, monkeypatch, sent_mail, clock):
    clock.freeze()
    monkeypatch.setattr(jobs, "PER_PROJECT", Limit("restore-mails-of-test", 2, 3600))
    for n in range(3):
        await lost.opened(traits={"email": f"victim{n}@example.com"})
        assert (await restoring.ask(f"victim{n}@example.com")).status_code == 200
        await restoring.queue.drain()
    assert len(sent_mail) == 2
    clock.advance(timedelta(hours=1))
    await restoring.queue.drain()
    assert "victim2@example.com" in [mail["To"] for mail in sent_mail]


async def test_the_mail_shows_no_words_of_whoever_asked(restoring, lost, sent_mail):
    await lost.opened(traits=ADA)
    await restoring.ask("ada@example.com", f"{SHOP}/call-0900-123?<b>now</b>")
    await restoring.queue.drain()
    html = sent_mail[0].get_body(("html",)).get_content()
    assert html.count("0900") == 1 and "<b>" not in html and ">See my conversations</a>" in html
