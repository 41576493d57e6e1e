"""PostHog's own widget, through whole conversations."""

import asyncio
import hashlib
import hmac

import httpx
import pytest

from parley.conversations.widget.rules.origins import DEMO_VISITORS
from tests.browser.accessibility import check_with_axe
from tests.browser.widget import begins_a_conversation, is_capture, is_poll
from tests.parley_server import Project

pytestmark = pytest.mark.browser


async def answer(team: httpx.AsyncClient, shop: Project, ticket_id: str, text: str, *, private: bool = False):
    """Write on a ticket as the team does in the API."""
    body = {
        "content": text,
        "scope": "conversations_ticket",
        "item_id": ticket_id,
        "item_context": {"author_type": "support", "is_private": private},
    }
    response = await team.post(f"/api/projects/{shop.project_id}/comments/", json=body)
    assert response.status_code == 201, response.text


async def test_a_visitor_asks_and_the_answer_appears(new_visitor, team, shop):
    visitor = await (await new_visitor()).arrive()
    sent = await visitor.say("Do you have ferns?")
    await visitor.sees("Do you have ferns?")
    await answer(team, shop, sent["ticket_id"], "A note among colleagues", private=True)
    await answer(team, shop, sent["ticket_id"], "Plenty of ferns!")
    await visitor.sees("Plenty of ferns!")
    await visitor.does_not_see("A note among colleagues")

    await visitor.arrive()
    await visitor.sees("Do you have ferns?", "Plenty of ferns!")
    await visitor.does_not_see("A note among colleagues")


async def test_two_tabs_share_a_conversation_and_two_browsers_do_not(new_visitor, team, shop):
    visitor = await (await new_visitor()).arrive()
    sent = await visitor.say("My order is 4711")
    second_tab = await visitor.second_tab()
    await second_tab.sees("My order is 4711")
    await answer(team, shop, sent["ticket_id"], "It is on its way")
    await asyncio.gather(visitor.sees("It is on its way"), second_tab.sees("It is on its way"))

    stranger = await (await new_visitor()).arrive()
    other = await stranger.say("Hello from somebody else")
    await stranger.sees("Hello from somebody else")
    assert other["ticket_id"] != sent["ticket_id"]
    await stranger.does_not_see("4711")
    for page in (visitor, second_tab):
        await page.does_not_see("somebody else")


async def test_a_message_of_the_second_tab_shows_up_in_the_first(new_visitor):
    visitor = await (await new_visitor()).arrive()
    sent = await visitor.say("From the first tab")
    second_tab = await visitor.second_tab()
    await second_tab.sees("From the first tab")
    assert (await second_tab.say("From the second tab"))["ticket_id"] == sent["ticket_id"]
    await visitor.sees("From the second tab")


@pytest.mark.parametrize("reloads", [False, True])
async def test_after_a_conversation_is_deleted_the_next_message_begins_a_new_one(
    new_visitor, team, shop: Project, reloads: bool
):
    visitor = await (await new_visitor()).arrive()
    gone = (await visitor.say("My first question"))["ticket_id"]
    tickets = f"/api/projects/{shop.project_id}/conversations/tickets"
    assert (await team.delete(f"{tickets}/{gone}/")).status_code == 204
    if reloads:
        await visitor.arrive()
    await visitor.chat.get_by_role("textbox").fill("May I ask again?")
    async with visitor.page.expect_response(begins_a_conversation) as sent:
        await visitor.chat.get_by_role("button", name="Send message").click()
    begun = (await (await sent.value).json())["ticket_id"]
    assert begun != gone
    assert (await visitor.say("And once more"))["ticket_id"] == begun
    await answer(team, shop, begun, "Of course you may")
    await visitor.sees("May I ask again?", "And once more", "Of course you may")
    context = (await team.get(f"{tickets}/{begun}/")).json()["session_context"]
    assert context["current_url"] == visitor.page.url

    await visitor.arrive()
    await visitor.sees("May I ask again?", "Of course you may")


async def test_an_erased_customer_can_write_again(new_visitor, team, shop: Project):
    visitor = await (await new_visitor()).arrive()
    gone = (await visitor.say("Please forget me"))["ticket_id"]
    ticket = (await team.get(f"/api/projects/{shop.project_id}/conversations/tickets/{gone}/")).json()
    erased = await team.delete(
        f"/api/projects/{shop.project_id}/personal_data/", params={"distinct_id": ticket["distinct_id"]}
    )
    assert erased.status_code == 200, erased.text
    await visitor.chat.get_by_role("textbox").fill("I have a question after all")
    async with visitor.page.expect_response(begins_a_conversation) as sent:
        await visitor.chat.get_by_role("button", name="Send message").click()
    assert (await (await sent.value).json())["ticket_id"] != gone
    await visitor.sees("I have a question after all")


SAY_AT_ONCE = "texts => Promise.all(texts.map(text => posthog.conversations.sendMessage(text)))"


async def test_what_is_typed_quickly_into_a_conversation_that_is_gone_begins_one(
    new_visitor, team, shop: Project
):
    visitor = await (await new_visitor()).arrive()
    gone = (await visitor.say("My first question"))["ticket_id"]
    tickets = f"/api/projects/{shop.project_id}/conversations/tickets"
    assert (await team.delete(f"{tickets}/{gone}/")).status_code == 204
    texts = ["May I ask again?", "It is about ferns", "Are you there?"]
    sent = await visitor.page.evaluate(SAY_AT_ONCE, texts)
    [begun] = {one["ticket_id"] for one in sent}
    assert begun != gone
    said = (await team.get(f"{tickets}/{begun}/messages/")).json()["results"]
    assert sorted(one["content"] for one in said) == sorted(texts)


async def test_an_identified_customer_finds_the_thread_in_every_browser(new_shop_page, team, shop: Project):
    signed = hmac.new(shop.secret_api_token.encode(), b"ada@fern.example", hashlib.sha256).hexdigest()
    identity = {"identity_distinct_id": "ada@fern.example", "identity_hash": signed}

    phone = await (await new_shop_page(**identity)).arrive()
    ticket_id = (await phone.say("It's me, from the phone"))["ticket_id"]
    ticket = (await team.get(f"/api/projects/{shop.project_id}/conversations/tickets/{ticket_id}/")).json()
    assert (ticket["identity_verified"], ticket["distinct_id"]) == (True, "ada@fern.example")

    laptop = await (await new_shop_page(**identity)).arrive()
    await laptop.sees("It's me, from the phone")

    forger = await new_shop_page(**identity | {"identity_hash": "0" * 64})
    async with forger.page.expect_response(lambda response: "/widget/" in response.url) as refused:
        await forger.page.goto(forger.address)
    assert (await refused.value).status == 403


@pytest.mark.parametrize("server", ["sqlite"], indirect=True, scope="session")
async def test_a_visitor_of_the_demo_page_is_known_as_one(
    new_visitor, team: httpx.AsyncClient, shop: Project
):
    asked = await (await (await new_visitor()).arrive()).say("I only try it")
    found = await team.get(f"/api/projects/{shop.project_id}/conversations/tickets/{asked['ticket_id']}/")
    assert found.json()["distinct_id"].startswith(DEMO_VISITORS)


async def test_what_the_sdk_captures_arrives(new_shop_page, shop: Project, team: httpx.AsyncClient):
    # The SDK takes a browser that a program drives for a robot and would capture nothing.
    visitor = await new_shop_page(opt_out_useragent_filter=True, request_batching=False)
    async with visitor.page.expect_response(is_capture) as captured:
        await visitor.arrive()
    assert (await captured.value).status == 200
    distinct_id = await visitor.page.evaluate("posthog.get_distinct_id()")
    found = await team.get(f"/api/projects/{shop.project_id}/events/", params={"distinct_id": distinct_id})
    assert "$pageview" in [event["event"] for event in found.json()["results"]]


async def test_an_open_chat_polls_without_errors(new_visitor):
    visitor = await new_visitor()
    troubles: list[str] = []
    visitor.page.on("pageerror", lambda error: troubles.append(str(error)))
    visitor.page.on(
        "response",
        lambda response: troubles.append(response.url) if response.status >= 400 else None,
    )
    await visitor.arrive()
    await visitor.say("Anybody there?")
    async with visitor.page.expect_response(is_poll) as polled:
        pass
    assert (await polled.value).status == 200
    assert troubles == []


async def test_the_demo_page_is_usable_by_everybody(new_visitor):
    visitor = await (await new_visitor()).arrive()
    # The widget itself is PostHog's.
    await check_with_axe(visitor.page, exclude=["#ph-conversations-widget-container"])
