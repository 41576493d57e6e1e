"""The form to write in, with its editor, in a real browser; what is written shows the same in the thread and the widget."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from tests.browser.accessibility import check_with_axe
from tests.browser.conftest import NewContext
from tests.parley_server import PASSWORD, ParleyServer, Project

pytestmark = pytest.mark.browser
only_once = pytest.mark.parametrize("server", ["sqlite"], indirect=True, scope="session")


@pytest_asyncio.fixture
async def inbox(new_context: NewContext, server: ParleyServer, shop: Project) -> AsyncIterator[Page]:
    """A tab with the inbox, signed in. Whatever the page complains about fails the test."""
    page = await (await new_context()).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(f"{server.url}/inbox")
    await page.get_by_label("E-mail address").fill(shop.email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.get_by_role("heading", name="Inbox")).to_be_attached()
    yield page
    assert complaints == []


async def open_ticket(page: Page, number: int) -> None:
    await page.goto(f"{page.url.split('/inbox')[0]}/inbox/{number}")
    await page.locator("#content").click()
    await expect(page.get_by_role("toolbar", name="Formatting")).to_be_visible()


@only_once
async def test_formatting_reaches_the_thread_and_the_widget(inbox: Page, new_visitor, team, shop: Project):
    visitor = await (await new_visitor()).arrive()
    asked = await visitor.say("How do I water a fern?")
    found = await team.get(f"/api/projects/{shop.project_id}/conversations/tickets/{asked['ticket_id']}/")
    await open_ticket(inbox, found.json()["ticket_number"])
    field, keyboard = inbox.get_by_role("textbox", name="Message to"), inbox.keyboard
    await field.press_sequentially("Water it **every week**, see ")
    await inbox.get_by_role("button", name="Link", exact=True).click()
    await keyboard.type("https://fern.example/care")
    await keyboard.press("Enter")
    await keyboard.type(".")
    await keyboard.press("Enter")
    await keyboard.type("- shade")
    await expect(inbox.get_by_role("button", name="Bulleted list")).to_have_attribute("aria-pressed", "true")
    await check_with_axe(inbox)
    await keyboard.press("Control+Enter")
    answer = inbox.locator("li.message-team")
    await expect(answer.locator("strong")).to_have_text("every week")
    await expect(answer.locator("li")).to_have_text("shade")
    await expect(answer.get_by_role("link")).to_have_attribute("href", "https://fern.example/care")
    await expect(answer.get_by_role("link")).to_have_text("https://fern.example/care")
    await expect(field).to_have_text("")
    await expect(field).to_be_focused()
    await visitor.sees("every week")
    assert (
        await visitor.chat.get_by_text("every week", exact=True).evaluate(
            "one => getComputedStyle(one).fontWeight"
        )
        >= "600"
    )
    await expect(visitor.chat.get_by_role("link", name="https://fern.example/care")).to_be_visible()


@only_once
async def test_a_note_looks_different_and_mentions_a_colleague(inbox: Page, team, shop: Project):
    tickets = f"/api/projects/{shop.project_id}/conversations/tickets/"
    number = (await team.post(tickets, json={"distinct_id": "ada", "message": "Hello"})).json()[
        "ticket_number"
    ]
    await open_ticket(inbox, number)
    composer = inbox.locator("form.composer")
    as_reply = await composer.evaluate("one => getComputedStyle(one).backgroundColor")
    await inbox.locator("#composer").get_by_text("Private note").click()
    await expect(composer).not_to_have_css("background-color", as_reply)
    field = inbox.get_by_role("textbox", name="Message to")
    await expect(field.locator("[data-placeholder]")).to_have_attribute(
        "data-placeholder", re.compile("note for your team")
    )
    await field.press_sequentially("Please look, @own")
    await expect(inbox.get_by_role("listbox", name="Colleagues")).to_contain_text(shop.email)
    typed = field.locator("p > span", has_text="@own")
    await expect(typed).to_have_css("display", "inline")
    await expect(typed).to_have_css("padding", "0px")
    await inbox.keyboard.press("Enter")
    await expect(field.locator(".mention")).to_be_visible()
    await inbox.get_by_role("button", name="Add note", exact=True).click()
    await expect(inbox.locator("li.message-note .mention")).to_be_visible()


@only_once
async def test_a_draft_survives_a_reload(inbox: Page, team, shop: Project):
    tickets = f"/api/projects/{shop.project_id}/conversations/tickets/"
    number = (await team.post(tickets, json={"distinct_id": "ada", "message": "Hello"})).json()[
        "ticket_number"
    ]
    await open_ticket(inbox, number)
    async with inbox.expect_response(lambda answer: answer.url.endswith("/draft/")) as kept:
        await inbox.keyboard.type("half **a** word")
    assert (await kept.value).status == 200
    await inbox.keyboard.type("!")
    await inbox.reload()  # within the second
    await inbox.locator("#content").click()
    field = inbox.get_by_role("textbox", name="Message to")
    await expect(field).to_have_text("half a word!")
    await expect(field.locator("strong")).to_have_text("a")


@only_once
async def test_a_draft_that_is_emptied_is_gone(inbox: Page, team, shop: Project):
    tickets = f"/api/projects/{shop.project_id}/conversations/tickets/"
    asked = (await team.post(tickets, json={"distinct_id": "ada", "message": "Hello"})).json()
    await open_ticket(inbox, asked["ticket_number"])
    field = inbox.get_by_role("textbox", name="Message to")
    await type_and_wait_until_kept(inbox, "half a word")
    await inbox.get_by_role("button", name="Suggest a reply").click()
    await expect(inbox.get_by_role("status").filter(has_text="Nothing that your team")).to_be_visible()
    await expect(inbox.locator("#composer form")).to_have_attribute("data-kept", "yes")
    await field.click()
    async with inbox.expect_response(lambda answer: answer.url.endswith("/draft/")) as dropped:
        await clear(inbox)
    assert (await dropped.value).status == 204
    await inbox.reload()
    await expect(inbox.locator("#content")).to_have_value("")

    await open_ticket(inbox, asked["ticket_number"])
    await type_and_wait_until_kept(inbox, "another word")
    await clear(inbox)
    await expect(field).to_have_text("")
    await inbox.reload()  # within the second
    await expect(inbox.locator("#content")).to_have_value("")
    await inbox.reload()
    await expect(inbox.locator("#content")).to_have_value("")


async def type_and_wait_until_kept(page: Page, text: str) -> None:
    async with page.expect_response(lambda answer: answer.url.endswith("/draft/")) as kept:
        await page.keyboard.type(text)
    assert (await kept.value).status == 200


async def clear(page: Page) -> None:
    await page.keyboard.press("Control+A")
    await page.keyboard.press("Delete")


@only_once
async def test_a_reply_can_be_taken_back(inbox: Page, team, shop: Project):
    tickets = f"/api/projects/{shop.project_id}/conversations/tickets/"
    number = (await team.post(tickets, json={"distinct_id": "ada", "message": "Hello"})).json()[
        "ticket_number"
    ]
    await team.patch("/api/users/@me/", json={"undo_send_s": 30})
    try:
        await open_ticket(inbox, number)
        await inbox.keyboard.type("Too **early**")
        await inbox.keyboard.press("Control+Enter")
        await expect(inbox.get_by_text("Your reply is sent in")).to_be_visible()
        held = inbox.locator("#held-message li")
        await expect(held).to_contain_text("not sent yet")
        await expect(held.locator("strong")).to_have_text("early")
        await expect(held).to_be_in_viewport()
        field = inbox.get_by_role("textbox", name="Message to")
        await expect(field).to_have_text("")
        await check_with_axe(inbox)
        await inbox.get_by_role("button", name="Undo").click()
        await expect(field).to_have_text("Too early")
        await expect(field.locator("strong")).to_have_text("early")
        await expect(inbox.locator("li.message-team")).to_have_count(0)
        await inbox.keyboard.press("Control+Enter")
        await expect(held).to_be_visible()
        await inbox.reload()
        await expect(held).to_contain_text("Too early")
        await field.click()
        await expect(inbox.get_by_role("toolbar", name="Formatting")).to_be_visible()
        await inbox.keyboard.type("One more")
        await inbox.keyboard.press("Control+Enter")
        await expect(held.filter(has_text="One more")).to_be_visible()
        # Each is sent when its own time has come, in the order in which they were written.
        await expect(inbox.locator("#messages li.message-team")).to_contain_text(["Too early", "One more"])
        await expect(held).to_have_count(0)
    finally:
        await team.patch("/api/users/@me/", json={"undo_send_s": 0})


@only_once
async def test_what_is_typed_while_a_message_is_on_its_way_is_the_next_one(inbox: Page, team, shop: Project):
    path = f"/api/projects/{shop.project_id}/conversations/tickets/"
    made = await team.post(path, json={"distinct_id": "in a hurry", "message": "Hello?"})
    await open_ticket(inbox, made.json()["ticket_number"])
    may_go = asyncio.Event()

    async def hold(route: Route) -> None:
        if route.request.method == "POST":
            await may_go.wait()
        await route.continue_()

    await inbox.route("**/inbox/*/messages*", hold)
    field, keyboard = inbox.get_by_role("textbox", name="Message to"), inbox.keyboard
    await keyboard.type("The first one")
    async with inbox.expect_request(lambda request: request.method == "POST"):
        await keyboard.press("Control+Enter")
    await keyboard.type(" and the second")
    may_go.set()
    await expect(inbox.locator("li.message-team")).to_have_text(re.compile(r"The first one\s*$"))
    await expect(field).to_have_text("and the second")
    await expect(field).to_be_focused()


@only_once
async def test_a_new_conversation_begins_with_formatting(inbox: Page, team, shop: Project):
    known = {"distinct_id": "fern", "properties": {"$set": {"email": "fern@lovers.example"}}}
    await team.post("/capture/", json={"api_key": shop.project_token, "event": "seen", **known})
    await inbox.goto(f"{inbox.url.split('/inbox')[0]}/compose?to=fern@lovers.example")
    await inbox.get_by_label("From").select_option("widget")
    await inbox.get_by_role("textbox", name="Message").click()
    await expect(inbox.get_by_role("toolbar", name="Formatting")).to_be_visible()
    await inbox.get_by_role("textbox", name="Message").press_sequentially("Water it **every week** please")
    await check_with_axe(inbox)
    await inbox.keyboard.press("Control+Enter")
    await expect(inbox.locator("li.message-team strong")).to_have_text("every week")


@only_once
async def test_the_editor_moves_nothing_from_under_a_button_that_is_still_pressed(
    inbox: Page, team, shop: Project
):
    tickets = f"/api/projects/{shop.project_id}/conversations/tickets/"
    made = await team.post(tickets, json={"distinct_id": "slow hand", "message": "Hold on"})
    await inbox.goto(f"{inbox.url.split('/inbox')[0]}/inbox/{made.json()['ticket_number']}")
    await inbox.locator("#composer").get_by_text("Private note").hover()
    await inbox.mouse.down()
    await inbox.evaluate("async () => { await loaded; }")
    await inbox.mouse.up()
    await expect(inbox.get_by_role("radio", name="Private note")).to_be_checked()
    await expect(inbox.get_by_role("toolbar", name="Formatting")).to_be_visible()
