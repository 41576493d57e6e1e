"""Tickets from before sign-in: whose session it is shows it, and from then on they belong to a verified person."""

from typing import Any

import pytest

from parley.conversations.tickets.tests.factories import Desk
from parley.conversations.widget.tests.test_participants import invite
from parley.conversations.widget.tests.visitor import Browser, reply
from tests.cast import TestProject


@pytest.fixture
def desk(alice, project: TestProject) -> Desk:
    return Desk(alice, project)


@pytest.fixture
def ada(anonymous, project: TestProject) -> Browser:
    """Signed in on alice's site, whose server signed `ada`."""
    return Browser(anonymous, project, identity="ada")


async def is_shut(one: Browser, ticket_id: str) -> bool:
    """Say whether the ticket is closed to a visitor in every way; it must be all or nothing."""
    statuses = {
        (await one.thread(ticket_id)).status_code,
        (await one.send("Let me in", ticket_id=ticket_id)).status_code,
        (await one.read(ticket_id)).status_code,
    }
    listed = ticket_id in await one.ticket_ids()
    assert (statuses, listed) in (({403}, False), ({200}, True))
    return not listed


async def test_a_claimed_distinct_id_lists_nothing_for_whom_it_names(ada, browser, desk):
    """Whoever plants a ticket in somebody's name must not have them write there."""
    browser.distinct_id = "ada"
    planted = await browser.opened("Please tell us your password", traits={"name": "Support"})
    await reply(desk.client, desk.project, planted, "Hello")
    assert await is_shut(ada, planted)
    assert (await desk.ticket(planted))["identity_verified"] is False
    assert (await ada.tickets()).json()["count"] == 0
    assert not await is_shut(browser, planted)


async def listing(who: Browser, _: str) -> Any:
    return await who.tickets()


async def reading(who: Browser, id: str) -> Any:
    return await who.thread(id)


async def sending(who: Browser, id: str) -> Any:
    return await who.send("It is me", ticket_id=id)


async def marking_read(who: Browser, id: str) -> Any:
    return await who.read(id)


async def opening(who: Browser, _: str) -> Any:
    return await who.send("Another question")


@pytest.mark.parametrize("request_of", [listing, reading, sending, marking_read, opening])
async def test_any_request_with_both_takes_the_sessions_tickets_over(ada, browser, desk, request_of):
    one, other = await browser.opened("One"), await browser.opened("Other", distinct_id="bob")
    session, identity = dict(browser.credentials), dict(ada.credentials)
    ada.credentials = {**identity, **session}
    assert (await request_of(ada, one)).status_code == 200
    assert await is_shut(browser, one) and await is_shut(browser, other)
    ada.credentials = identity
    assert not await is_shut(ada, one) and not await is_shut(ada, other)
    for id in (one, other):
        found = await desk.ticket(id)
        assert (found["distinct_id"], found["identity_verified"]) == ("ada", True)


async def test_who_comes_second_with_the_same_session_gets_nothing(ada, browser, anonymous, project):
    ticket_id = await browser.opened("Mine")
    ada.credentials |= browser.credentials
    assert await ada.ticket_ids() == [ticket_id]
    eve = Browser(anonymous, project, identity="eve")
    eve.credentials |= browser.credentials
    assert await is_shut(eve, ticket_id)
    assert not await is_shut(ada, ticket_id)


async def test_a_forged_identity_takes_nothing_over(ada, browser):
    ticket_id = await browser.opened("Mine")
    ada.credentials |= {**browser.credentials, "identity_hash": "0" * 64}
    assert (await ada.tickets()).status_code == 403
    assert not await is_shut(browser, ticket_id)


async def test_the_session_of_another_project_takes_nothing_over(browser, anonymous, mallory):
    ticket_id = await browser.opened("Mine")
    theirs = Browser(anonymous, mallory.project, identity="ada")
    theirs.credentials |= browser.credentials
    assert await theirs.ticket_ids() == []
    assert not await is_shut(browser, ticket_id)


async def test_the_session_that_follows_from_a_signature_is_no_key(ada, browser):
    """It is the first half of the hash, which may be seen where the rest isn't."""
    ticket_id = await ada.opened("Mine")
    browser.credentials = {"widget_session_id": ada.credentials["identity_hash"][:32]}
    assert await is_shut(browser, ticket_id)


async def test_a_takeover_is_told_once_and_stands_in_the_log(ada, browser, desk, services):
    ticket_id = await browser.opened("Mine")
    ada.credentials |= browser.credentials
    async with services.live.subscription(f"project:{desk.project.id}") as notices:
        for _ in range(2):
            assert await ada.ticket_ids() == [ticket_id]
        assert notices.qsize() == 1
    url = f"/api/projects/{desk.project.id}/activity_log/?scope=Ticket&item_id={ticket_id}"
    entries = (await desk.client.get(url)).json()["results"]
    changes = [change for entry in entries for change in entry["detail"]["changes"]]
    assert [(one["field"], one["before"], one["after"]) for one in changes] == [
        ("identity_verified", False, True)
    ]


async def test_a_deleted_ticket_comes_back_as_theirs(ada, browser, desk):
    ticket_id = await browser.opened("Mine")
    await desk.client.delete(f"{desk.tickets}{ticket_id}/")
    ada.credentials |= browser.credentials
    assert await ada.ticket_ids() == []
    await desk.client.post(f"{desk.tickets}{ticket_id}/restore/")
    assert await is_shut(browser, ticket_id) and not await is_shut(ada, ticket_id)


async def test_once_a_verified_participant_has_written_the_bare_session_is_out(ada, browser, desk):
    ticket_id = await browser.opened("Hello?", distinct_id="ada", traits={"name": "Support"})
    await invite(desk, ticket_id, distinct_id="ada")
    assert not await is_shut(browser, ticket_id)
    assert (await ada.send("My secret", ticket_id=ticket_id)).status_code == 200
    await reply(desk.client, desk.project, ticket_id, "Your secret")
    assert await is_shut(browser, ticket_id)
    browser.credentials |= Browser(ada.client, desk.project, identity="eve").credentials
    assert await is_shut(browser, ticket_id)  # showing it beside an identity doesn't help either
    assert not await is_shut(ada, ticket_id)


@pytest.fixture
def merge(desk):
    async def merge(id: str, into: str) -> None:
        (await desk.client.post(f"{desk.tickets}{id}/merge/", json={"into": into})).raise_for_status()

    return merge


@pytest.mark.parametrize("survives", ["the bare one", "the verified one", "a third"])
async def test_merging_never_lets_a_bare_session_listen_to_somebody_verified(
    ada, browser, other_browser, desk, merge, survives
):
    bare, verified = await browser.opened("Bare"), await ada.opened("Verified")
    third = await other_browser.opened("Third")
    into = {"the bare one": bare, "the verified one": verified, "a third": third}[survives]
    for id in (bare, verified):
        if id != into:
            await merge(id, into)
    await ada.send("My secret", ticket_id=verified)
    await reply(desk.client, desk.project, into, "Your secret")
    assert await is_shut(browser, bare)
    assert await ada.texts(verified)
    if survives == "a third":
        assert await is_shut(other_browser, third)
    # Nor by an identity of their own beside the session.
    browser.credentials |= Browser(ada.client, desk.project, identity="eve").credentials
    assert await is_shut(browser, bare)


async def test_un_merging_gives_a_bare_session_back_what_nobody_verified_wrote_on(ada, browser, desk, merge):
    bare, verified = await browser.opened("Bare"), await ada.opened("Verified")
    await merge(bare, verified)
    assert await is_shut(browser, bare)
    assert (await browser.tickets()).json()["count"] == 0
    (await desk.client.post(f"{desk.tickets}{bare}/unmerge/")).raise_for_status()
    assert not await is_shut(browser, bare)


async def test_what_a_verified_person_said_on_a_bare_ticket_stays_from_its_session_after_un_merging(
    ada, browser, desk, merge
):
    bare, verified = await browser.opened("Bare"), await ada.opened("Verified")
    await merge(verified, bare)
    await ada.send("My secret", ticket_id=verified)
    await reply(desk.client, desk.project, bare, "Your secret")
    (await desk.client.post(f"{desk.tickets}{verified}/unmerge/")).raise_for_status()
    assert await is_shut(browser, bare)


async def test_what_is_split_off_a_closed_ticket_is_closed(ada, browser, desk, merge):
    bare, verified = await browser.opened("Bare"), await ada.opened("Verified")
    await merge(verified, bare)
    await reply(desk.client, desk.project, bare, "Your secret")
    found = (await desk.client.get(f"{desk.tickets}{bare}/messages/")).json()["results"]
    ids = [message["id"] for message in found if message["content"] in ("Bare", "Your secret")]
    split = await desk.client.post(f"{desk.tickets}{bare}/split/", json={"message_ids": ids})
    assert split.status_code == 201, split.text
    assert await is_shut(browser, split.json()["id"])


async def test_a_verified_ticket_stays_with_its_distinct_id_whoever_else_writes(
    ada, anonymous, project, desk, clock
):
    """Not even who reaches it by a signed address or as a participant makes it theirs."""
    from datetime import timedelta

    from parley.conversations.widget.tests.test_identity import with_claim

    boss = Browser(anonymous, project, identity="boss@example.com")
    ticket_id = await boss.opened("Mine")
    await invite(desk, ticket_id, distinct_id="guest")
    guest = Browser(anonymous, project, identity="guest")
    expires_at = int((clock.now() + timedelta(hours=1)).timestamp())
    ada.credentials = with_claim(ada, project, "boss@example.com", expires_at)
    for one in (ada, guest):
        assert (await one.send("Me, too", ticket_id=ticket_id)).status_code == 200
        found = await desk.ticket(ticket_id)
        assert (found["distinct_id"], found["identity_verified"]) == ("boss@example.com", True)
    assert not await is_shut(boss, ticket_id)


async def names_for(one: Browser, ticket_id: str) -> list[str]:
    return [message["author_name"] for message in (await one.thread(ticket_id)).json()["messages"]]


async def test_names_that_people_give_themselves_are_for_themselves_and_the_team(
    ada, anonymous, project, desk
):
    support = {"name": "Support", "email": "support@corp.example"}
    ticket_id = await ada.opened("Hello?", traits=support)
    await invite(desk, ticket_id, distinct_id="guest")
    await invite(desk, ticket_id, distinct_id="named", name="Grace of Acme")
    for name in ("guest", "named"):
        await Browser(anonymous, project, identity=name).send("Me, too", ticket_id=ticket_id, traits=support)
    guest = Browser(anonymous, project, identity="guest")
    assert await names_for(guest, ticket_id) == ["Customer", "Participant", "Grace of Acme"]
    assert await names_for(ada, ticket_id) == ["Support", "Participant", "Grace of Acme"]
    shown = (await desk.client.get(f"{desk.tickets}{ticket_id}/messages/")).json()["results"]
    assert [message["author_name"] for message in shown] == ["Support", "Support", "Grace of Acme"]


async def test_a_captured_name_is_no_name_for_others_either(ada, anonymous, project, desk):
    identify = {"api_key": project.api_token, "event": "$identify", "distinct_id": "guest"}
    await anonymous.post("/e/", json={**identify, "properties": {"$set": {"name": "Support"}}})
    ticket_id = await ada.opened("Hello?")
    await invite(desk, ticket_id, distinct_id="guest")
    await Browser(anonymous, project, identity="guest").send("Click here", ticket_id=ticket_id)
    assert await names_for(ada, ticket_id) == ["You", "Participant"]
