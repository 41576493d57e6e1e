"""Searching while one types, the person beside a conversation, and a new conversation, in a real browser."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.accessibility import check_with_axe
from tests.browser.conftest import NewContext
from tests.browser.test_inbox import listening, sign_in
from tests.parley_server import ParleyServer, Project

pytestmark = pytest.mark.browser
only_once = pytest.mark.parametrize("server", ["sqlite"], indirect=True, scope="session")


@pytest_asyncio.fixture
async def inbox(new_context: NewContext, server: ParleyServer, shop: Project) -> AsyncIterator[Page]:
    """A tab with the inbox. Whatever the page complains about fails the test."""
    page = await (await new_context()).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.set_viewport_size({"width": 1280, "height": 800})
    await sign_in(page, server, shop)
    yield page
    assert complaints == []


async def opened(team: httpx.AsyncClient, shop: Project, **fields: object) -> int:
    answer = await team.post(f"/api/projects/{shop.project_id}/conversations/tickets/", json=fields)
    assert answer.status_code == 201, answer.text
    number: int = answer.json()["ticket_number"]
    return number


@only_once
async def test_a_search_is_answered_while_it_is_typed_and_forgotten_at_sign_out(
    inbox: Page, team, shop: Project
):
    number = await opened(
        team, shop, distinct_id="fiona", message="My <b>bonsai</b> is brown", subject="Help"
    )
    keyboard, found = inbox.keyboard, inbox.get_by_role("listbox", name="Search results")
    await listening(inbox)
    await keyboard.press("/")
    await keyboard.type("brown bonsai")
    option = found.get_by_role("option", name="Help")
    await expect(option.locator("mark")).to_have_text(["bonsai", "brown"])
    await check_with_axe(inbox)
    await keyboard.press("ArrowDown")
    await expect(option).to_have_attribute("aria-selected", "true")
    await keyboard.press("Enter")
    await inbox.wait_for_url(f"**/inbox/{number}?search=brown+bonsai")
    await inbox.goto(f"{inbox.url.split('/inbox')[0]}/inbox")
    await listening(inbox)
    await inbox.locator("#search").click()
    recent = inbox.get_by_role("listbox", name="Recent searches").get_by_role("option")
    await expect(recent).to_have_text(["brown bonsai"])
    await keyboard.press("Escape")
    await expect(recent).to_have_count(0)
    await inbox.get_by_label("Your account").click()
    await inbox.get_by_role("button", name="Sign out").click()
    await inbox.wait_for_url("**/login**")
    assert await inbox.evaluate("Object.keys(localStorage).filter((key) => key.includes('searches'))") == []


@only_once
async def test_an_address_is_edited_beside_the_conversation(inbox: Page, team, shop: Project):
    number = await opened(team, shop, distinct_id="edith", message="Hello?", name="Edith")
    await inbox.goto(f"{inbox.url.split('/inbox')[0]}/inbox/{number}")
    person = inbox.get_by_role("region", name="Person")
    await person.get_by_text("Add e-mail").click()
    await expect(person.get_by_label("E-mail address of the customer")).to_be_focused()
    await inbox.keyboard.type("edith@x.test")
    await inbox.keyboard.press("Enter")
    await expect(person.get_by_role("link", name="edith@x.test")).to_be_visible()
    await expect(person.get_by_label("E-mail address of the customer")).to_be_hidden()
    await inbox.locator("#more-details summary").click()
    await inbox.get_by_label("Priority", exact=True).select_option("high")
    await expect(inbox.locator("#more-details")).to_have_attribute("open", "")
    await check_with_axe(inbox)


@only_once
async def test_a_conversation_begins_with_a_person_who_is_picked(
    inbox: Page, team, shop: Project, server: ParleyServer
):
    async with httpx.AsyncClient(base_url=server.url) as anyone:
        event = {"event": "x", "distinct_id": "wanda", "properties": {"$set": {"name": "Wanda Wood"}}}
        answer = await anyone.post("/e/", json={**event, "token": shop.project_token})
    assert answer.status_code == 200, answer.text
    await inbox.get_by_title("New conversation").click()
    await inbox.get_by_label("To", exact=True).press_sequentially("wand")
    await inbox.get_by_role("option", name="Wanda Wood").click()
    await expect(inbox.get_by_label("From")).to_have_value("widget")
    await inbox.get_by_role("textbox", name="Message").fill("Your bonsai is here.")
    await check_with_axe(inbox)
    await inbox.get_by_role("button", name="Send").click()
    await expect(inbox.locator("li.message-team")).to_contain_text("Your bonsai is here.")
    await expect(inbox.get_by_role("region", name="Person")).to_contain_text("Wanda Wood")


@only_once
async def test_the_list_of_results_shows_the_passage_with_the_words_marked(inbox: Page, team, shop: Project):
    number = await opened(team, shop, distinct_id="paula", message="The purple orchid has lost its leaves")
    path = f"/api/projects/{shop.project_id}/conversations/tickets/{number}/reply/"
    assert (await team.post(path, json={"message": "Anything else?"})).is_success
    await inbox.locator("#search").fill("orchid purple")
    await inbox.keyboard.press("Enter")
    row = inbox.locator(f"#row-{number}")
    await expect(row.locator("mark")).to_have_text(["purple", "orchid"])
    await expect(row).to_contain_text("The purple orchid has lost its leaves")
    await expect(row).not_to_contain_text("Anything else?")
    await expect(row.locator("mark").first).to_be_in_viewport()
    await check_with_axe(inbox)


@only_once
async def test_a_conversation_that_the_team_starts_is_found_by_what_was_typed(
    inbox: Page, shop: Project, server: ParleyServer
):
    async with httpx.AsyncClient(base_url=server.url) as anyone:
        event = {"event": "x", "distinct_id": "nils", "properties": {"$set": {"email": "nils@orchard.test"}}}
        answer = await anyone.post("/e/", json={**event, "token": shop.project_token})
    assert answer.status_code == 200, answer.text
    await inbox.get_by_title("New conversation").click()
    await expect(inbox.get_by_label("Assignee")).to_have_value("me")
    await inbox.get_by_label("To", exact=True).fill("Nils Orchardson <nils@orchard.test>")
    await inbox.get_by_role("textbox", name="Message").fill("Your apples are here.")
    await inbox.get_by_role("button", name="Send").click()
    await expect(inbox.locator("li.message-team")).to_contain_text("Your apples are here.")
    for search in ("orchardson nils", "nils@orchard.test"):
        await inbox.locator("#search").fill(search)
        await inbox.keyboard.press("Enter")
        await expect(inbox.locator("#rows .row")).to_have_count(1)
        await expect(inbox.locator("#rows .row")).to_contain_text("Nils Orchardson")


@only_once
async def test_an_opened_result_shows_the_message_that_was_found_with_its_words_marked(
    inbox: Page, team, shop: Project
):
    number = await opened(team, shop, distinct_id="quinn", message="My Quince tree has blue spots")
    path = f"/api/projects/{shop.project_id}/conversations/tickets/{number}/reply/"
    for nth in range(12):
        answer = await team.post(path, json={"message": f"Answer {nth}\n\nwith\n\nmany\n\nlines"})
        assert answer.is_success, answer.text
    await inbox.locator("#search").fill("blue quince")
    await inbox.keyboard.press("Enter")
    await inbox.locator(f"#row-{number}").click()
    message = inbox.get_by_role("log").get_by_text("My Quince tree has blue spots")
    await expect(message).to_be_in_viewport()
    marked = "[...CSS.highlights.get('found')].map(String).sort()"
    assert await inbox.evaluate(marked) == ["Quince", "blue"]
    await inbox.reload()
    await expect(message).to_be_in_viewport()
    assert await inbox.evaluate(marked) == ["Quince", "blue"]
    await inbox.goto(inbox.url.partition("?")[0])
    await expect(inbox.get_by_role("log").get_by_text("Answer 11")).to_be_in_viewport()
    await expect(message).not_to_be_in_viewport()
    assert await inbox.evaluate(marked) == []
