"""Participants in the widget: only those for whom the project's own server vouches."""

from datetime import timedelta
from typing import Any

import pytest

from parley.conversations.tickets.tests.factories import Desk
from parley.conversations.widget.tests.test_identity import one_person, with_claim
from parley.conversations.widget.tests.visitor import Browser, reply
from tests.cast import TestProject


@pytest.fixture
def browser(anonymous, project: TestProject) -> Browser:
    """The requester, signed in as well: a bare session loses the ticket as soon as a participant writes."""
    return Browser(anonymous, project, identity="ada")


@pytest.fixture
def carol(anonymous, project: TestProject) -> Browser:
    """Signed in on alice's site, whose server signed `carol`."""
    return Browser(anonymous, project, identity="carol")


@pytest.fixture
def desk(alice, project: TestProject) -> Desk:
    return Desk(alice, project)


@pytest.fixture
async def ticket_id(browser: Browser) -> str:
    """A ticket of a visitor called Ada."""
    return await browser.opened("Hello?", traits={"name": "Ada", "email": "ada@example.com"})


async def invite(desk: Desk, ticket_id: str, **who: Any) -> dict[str, Any]:
    answer = await desk.client.post(f"{desk.tickets}{ticket_id}/participants/", json=who)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def forbidden(one: Browser, ticket_id: str) -> bool:
    """Say whether the ticket is closed to a visitor in every way."""
    statuses = [
        (await one.thread(ticket_id)).status_code,
        (await one.send("Let me in", ticket_id=ticket_id)).status_code,
        (await one.read(ticket_id)).status_code,
    ]
    assert len(set(statuses)) == 1
    listed = ticket_id in await one.ticket_ids()
    assert listed is (statuses[0] == 200)
    return statuses[0] == 403


async def test_a_participant_sees_the_ticket_reads_it_and_writes(browser, carol, desk, ticket_id, api):
    assert await forbidden(carol, ticket_id)
    await invite(desk, ticket_id, distinct_id="carol", name="Carol")
    await reply(api, desk.project, ticket_id, "Hello Ada")
    await reply(api, desk.project, ticket_id, "Who is Carol?", is_private=True)
    assert await carol.ticket_ids() == [ticket_id]
    assert await carol.texts(ticket_id) == ["Hello?", "Hello Ada"]
    assert (await carol.thread(ticket_id)).json()["unread_count"] == 1
    assert (await carol.read(ticket_id)).json() == {"success": True, "unread_count": 0}
    assert (await carol.thread(ticket_id)).json()["unread_count"] == 0
    sent = await carol.send("I have the same", ticket_id=ticket_id)
    assert (sent.status_code, sent.json()["ticket_id"]) == (200, ticket_id)
    assert await browser.texts(ticket_id) == ["Hello?", "Hello Ada", "I have the same"]


async def test_what_participants_tell_leaves_the_requester_alone(browser, carol, desk, ticket_id):
    before = await desk.ticket(ticket_id)
    await invite(desk, ticket_id, distinct_id="carol")
    sent = {
        "traits": {"name": "Carol", "email": "carol@example.com", "plan": "free"},
        "session_id": "another",
        "session_context": {"current_url": "https://elsewhere.example.com"},
    }
    await carol.send("Me too", ticket_id=ticket_id, **sent)
    after = await desk.ticket(ticket_id)
    for name in ("distinct_id", "anonymous_traits", "session_id", "session_context", "identity_verified"):
        assert after[name] == before[name], name
    assert (after["message_count"], after["last_message_text"]) == (2, "Me too")
    assert (await browser.send("And I", ticket_id=ticket_id)).status_code == 200


async def test_each_author_has_their_own_name(browser, carol, desk, ticket_id):
    await invite(desk, ticket_id, distinct_id="carol", email="carol@example.com", name="Carol")
    await carol.send("Me too", ticket_id=ticket_id, traits={"name": "Somebody else"})
    for one, requester in ((browser, "Ada"), (carol, "Customer")):
        messages = (await one.thread(ticket_id)).json()["messages"]
        assert [(m["author_name"], m["author_type"]) for m in messages] == [
            (requester, "customer"),
            ("Carol", "customer"),
        ]
    shown = (await desk.client.get(f"{desk.tickets}{ticket_id}/messages/")).json()["results"]
    assert [(m["author_name"], m["author_email"], m["message_type"]) for m in shown] == [
        ("Ada", "ada@example.com", "customer_message"),
        ("Carol", "carol@example.com", "customer_message"),
    ]


async def test_without_a_name_no_distinct_id_is_shown(browser, carol, desk, anonymous, project):
    ticket_id = await browser.opened("Hello?")
    await invite(desk, ticket_id, distinct_id="carol")
    await carol.send("Me too", ticket_id=ticket_id)
    await carol.send("And again", ticket_id=ticket_id, traits={"name": "Carol of the site"})
    names = [m["author_name"] for m in (await carol.thread(ticket_id)).json()["messages"]]
    assert names == ["Customer", "Participant", "Participant"]
    mine = [m["author_name"] for m in (await browser.thread(ticket_id)).json()["messages"]]
    assert mine == ["You", *names[1:]]
    shown = (await desk.client.get(f"{desk.tickets}{ticket_id}/messages/")).json()["results"]
    assert [m["author_email"] for m in shown] == [None, None, None]
    assert [m["author_name"] for m in shown] == ["Customer", "Participant", "Carol of the site"]


async def test_a_message_of_a_participant_is_unread_and_reopens(carol, desk, ticket_id):
    await invite(desk, ticket_id, distinct_id="carol")
    await desk.change(ticket_id, status="resolved")
    await desk.ticket(ticket_id)
    answer = (await carol.send("Not solved for me", ticket_id=ticket_id)).json()
    (listed,) = (await desk.listed())["results"]
    assert (answer["ticket_status"], listed["status"], listed["unread_team_count"]) == ("open", "open", 1)
    assert await desk.unread() == 1


async def test_a_bare_session_never_takes_part(other_browser, desk, ticket_id):
    other_browser.distinct_id = "carol"
    await invite(desk, ticket_id, distinct_id="carol", email="carol@example.com")
    assert await forbidden(other_browser, ticket_id)
    assert (await other_browser.thread(ticket_id, distinct_id="carol")).status_code == 403


async def test_only_the_distinct_id_that_was_signed_counts(carol, desk, ticket_id, database, project):
    await invite(desk, ticket_id, distinct_id="carol-phone")
    await one_person(database, project, "carol", "carol-phone")
    assert await forbidden(carol, ticket_id)


async def test_an_address_opens_the_ticket_only_while_it_is_signed(carol, desk, ticket_id, project, clock):
    await invite(desk, ticket_id, email="Carol@Example.com")
    assert await forbidden(carol, ticket_id)
    expires_at = int((clock.now() + timedelta(hours=1)).timestamp())
    bare = carol.credentials
    carol.credentials = with_claim(carol, project, " CAROL@example.com", expires_at)
    assert not await forbidden(carol, ticket_id)
    carol.credentials = bare
    carol.credentials = with_claim(carol, project, "eve@example.com", expires_at)
    assert await forbidden(carol, ticket_id)
    carol.credentials = with_claim(carol, project, "carol@example.com", expires_at)
    clock.advance(timedelta(hours=1, seconds=1))
    assert await forbidden(carol, ticket_id)


async def test_whom_the_person_of_an_address_is_opens_nothing(
    carol, desk, ticket_id, anonymous, project: TestProject
):
    """Anybody can say of themselves that they have an address; only the site's server can vouch for it."""
    identify = {"api_key": project.api_token, "event": "$identify", "distinct_id": "carol"}
    answer = await anonymous.post(
        "/capture", json={**identify, "properties": {"$set": {"email": "boss@example.com"}}}
    )
    assert answer.status_code == 200
    one = await invite(desk, ticket_id, email="boss@example.com")
    assert one["person"] is not None and one["distinct_id"] is None
    assert await forbidden(carol, ticket_id)


async def test_who_was_removed_sees_no_more(carol, desk, ticket_id):
    one = await invite(desk, ticket_id, distinct_id="carol")
    await carol.send("Me too", ticket_id=ticket_id)
    url = f"{desk.tickets}{ticket_id}/participants/{one['id']}/"
    assert (await desk.client.delete(url)).status_code == 204
    assert await forbidden(carol, ticket_id)
    shown = (await desk.client.get(f"{desk.tickets}{ticket_id}/messages/")).json()["results"]
    assert [m["content"] for m in shown] == ["Hello?", "Me too"]


async def test_participants_of_another_project_are_strangers(anonymous, mallory, desk, ticket_id):
    await invite(desk, ticket_id, distinct_id="carol", email="carol@example.com")
    theirs = Browser(anonymous, mallory.project, identity="carol")
    assert (await theirs.thread(ticket_id)).status_code == 404
    assert await theirs.ticket_ids() == []


async def test_own_tickets_and_shared_ones_stand_in_one_list(browser, carol, desk, ticket_id):
    own = await carol.opened("Mine")
    await invite(desk, ticket_id, distinct_id="carol")
    newest = await browser.opened("Not shared")
    assert await carol.ticket_ids() == [own, ticket_id]
    assert (await carol.tickets()).json()["count"] == 2
    assert set(await browser.ticket_ids()) == {ticket_id, newest}
    assert await carol.ticket_ids(status="resolved") == []


async def test_who_came_by_merging_sees_everything_once_the_team_adds_them(carol, desk, ticket_id):
    own = await carol.opened("I wonder, too")
    merged = await desk.client.post(f"{desk.tickets}{own}/merge/", json={"into": ticket_id})
    assert merged.status_code == 200, merged.text
    url = f"{desk.tickets}{ticket_id}/participants/"
    (one,) = (await desk.client.get(url)).json()["results"]
    assert one["distinct_id"] == "carol" and await forbidden(carol, ticket_id)
    assert (await desk.client.delete(f"{url}{one['id']}/")).status_code == 204
    await invite(desk, ticket_id, distinct_id="carol")
    assert not await forbidden(carol, ticket_id)
    assert "Hello?" in await carol.texts(ticket_id)
