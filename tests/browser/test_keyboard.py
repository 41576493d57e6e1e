"""Keys, the cheat sheet and the command bar, in a real browser."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from tests.browser.accessibility import check_with_axe, drawn_until
from tests.browser.conftest import NewContext
from tests.browser.test_inbox import listening, sign_in
from tests.browser.test_search import opened
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


async def command(page: Page, typed: str) -> None:
    """Do the first thing that the command bar offers for some words."""
    await page.keyboard.press("Control+k")
    bar = page.get_by_role("dialog", name="Command bar")
    await bar.get_by_role("combobox").fill(typed)
    await expect(bar.get_by_role("option", selected=True)).to_contain_text(typed)
    await page.keyboard.press("Enter")
    await expect(bar).to_have_count(0)


@only_once
async def test_the_open_conversation_is_changed_by_the_command_bar(inbox: Page, team, shop: Project):
    number = await opened(team, shop, distinct_id="kay", message="I type fast")
    await inbox.goto(f"{inbox.url.split('/inbox')[0]}/inbox/{number}")
    await listening(inbox)
    await command(inbox, "Set priority to High")
    await expect(inbox.get_by_label("Priority", exact=True)).to_have_value("high")
    await command(inbox, "Assign to me")
    await expect(inbox.locator("#assign-me")).to_have_count(0)
    keyboard, field = inbox.keyboard, inbox.get_by_role("combobox", name="Tags: choose")
    await keyboard.press("t")
    await field.fill("by keys")
    await keyboard.press("Enter")
    await expect(inbox.locator("#details .tag")).to_contain_text("by keys")
    await keyboard.press("p")
    bar = inbox.get_by_role("dialog", name="Command bar")
    await expect(bar.get_by_role("option")).to_contain_text(["None", "Critical", "Medium", "Low"])
    await check_with_axe(inbox)
    await keyboard.press("Escape")
    await command(inbox, "Snooze until another time")
    await expect(inbox.locator("#snooze_at")).to_be_focused()
    await keyboard.press("Escape")
    await keyboard.press("r")
    await expect(inbox.get_by_role("toolbar", name="Formatting")).to_be_visible()
    await keyboard.type("Sent and ")
    await keyboard.press("Control+k")
    await expect(bar).to_be_visible()
    await keyboard.press("Escape")
    await expect(bar).to_have_count(0)
    await keyboard.type("resolved")
    await expect(inbox.get_by_role("textbox", name="Message to")).to_have_text("Sent and resolved")
    await keyboard.press("Control+Shift+Enter")
    await expect(inbox.locator("#undo-note")).to_contain_text(f"#{number} is resolved.")
    ticket = await team.get(f"/api/projects/{shop.project_id}/conversations/tickets/{number}/")
    found = ticket.json()
    assert (found["status"], found["priority"], found["tags"]) == ("resolved", "high", ["by keys"])


@only_once
async def test_every_page_leads_to_pages_and_conversations(inbox: Page, team, shop: Project):
    number = await opened(team, shop, distinct_id="gus", message="Gooseberries", subject="Gooseberry jam")
    await command(inbox, "Outgoing mail")
    await inbox.wait_for_url("**/settings/outgoing")
    await command(inbox, "Journeys")
    await inbox.wait_for_url("**/journeys")
    await inbox.keyboard.press("Control+k")
    await expect(inbox.get_by_role("dialog", name="Command bar")).to_be_visible()
    await inbox.keyboard.type("gooseberr")
    await expect(inbox.get_by_role("option", name="Gooseberry jam")).to_be_visible()
    await check_with_axe(inbox)
    await inbox.keyboard.press("Enter")
    await inbox.wait_for_url(f"**/inbox/{number}?search=gooseberr")
    await inbox.keyboard.press("g")
    await inbox.keyboard.press("s")
    await inbox.wait_for_url("**/settings")
    # A page is found by what people call what is on it, too.
    await drawn_until(
        inbox.main_frame, "document.readyState === 'complete' && typeof isDialogOpen === 'function'"
    )
    await inbox.keyboard.press("Control+k")
    bar = inbox.get_by_role("dialog", name="Command bar")
    for words in ("SAML", "single sign-on", "sso"):
        await bar.get_by_role("combobox").fill(words)
        await expect(bar.get_by_role("option", selected=True)).to_contain_text("Domains and sign-on")
    await inbox.keyboard.press("Enter")
    await inbox.wait_for_url("**/settings/domains")


@only_once
async def test_ticked_conversations_are_changed_by_the_command_bar(
    inbox: Page, team: httpx.AsyncClient, shop: Project
):
    numbers = [
        await opened(team, shop, distinct_id="tim", message=f"Tick {n}", subject="Ticktock") for n in range(2)
    ]
    await inbox.goto(f"{inbox.url.split('/inbox')[0]}/inbox?search=ticktock")
    await listening(inbox)
    for _ in numbers:
        await inbox.keyboard.press("j")
        await expect(inbox.locator("#opened")).to_be_attached()
        await inbox.keyboard.press("x")
    await expect(inbox.locator("#n-ticked")).to_have_text("2 ticked")
    await command(inbox, "Apply status: Pending")
    await expect(inbox.get_by_text("2 conversations set to “Pending”.")).to_be_visible()
    await command(inbox, "Apply priority: High")
    await expect(inbox.get_by_text("2 conversations given the priority “High”.")).to_be_visible()


@only_once
async def test_tab_crosses_the_list_and_single_keys_can_be_switched_off(inbox: Page, team, shop: Project):
    for n in range(3):
        await opened(team, shop, distinct_id="tab", message=f"Row {n}")
    await inbox.reload()
    await listening(inbox)
    keyboard = inbox.keyboard
    await keyboard.press("1")
    await expect(inbox.locator("#rows .row").first).to_be_focused()
    await keyboard.press("Tab")
    assert await inbox.evaluate("document.activeElement.closest('#rows .row')") is None
    await keyboard.press("?")
    sheet = inbox.get_by_role("dialog", name="Keys")
    await expect(sheet).to_contain_text("Send and resolve")
    await check_with_axe(inbox)
    await sheet.get_by_label("Keys without Ctrl").uncheck()
    await keyboard.press("Escape")
    await keyboard.press("?")
    await expect(sheet).to_have_count(0)
    await keyboard.press("Control+k")
    await expect(inbox.get_by_role("dialog", name="Command bar")).to_be_visible()


@only_once
async def test_tab_leads_from_the_list_through_the_messages_to_the_form(inbox: Page, team, shop: Project):
    number = await opened(team, shop, distinct_id="sid", message="See https://x.test/a and https://x.test/b")
    await inbox.goto(f"{inbox.url.split('/inbox')[0]}/inbox/{number}")
    await listening(inbox)
    keyboard, skip = inbox.keyboard, inbox.get_by_role("link", name="Skip to the form")
    await keyboard.press("1")
    await keyboard.press("Tab")
    await keyboard.press("Tab")
    if not await skip.evaluate("link => link === document.activeElement"):
        await keyboard.press("Tab")  # the link to older conversations
    await expect(skip).to_be_focused()
    await keyboard.press("Enter")
    await keyboard.press("Tab")
    assert await inbox.evaluate("document.activeElement.closest('#composer') !== null")
    await keyboard.press("Escape")  # in the form, a digit is one of the message
    await keyboard.press("2")
    await expect(inbox.get_by_role("log")).to_be_focused()
    await keyboard.press("3")
    await expect(inbox.get_by_role("textbox", name="Message to")).to_be_focused()


@only_once
async def test_what_is_typed_behind_a_choice_or_a_button_of_the_form_is_words(
    inbox: Page, team, shop: Project
):
    number = await opened(team, shop, distinct_id="tab", message="Which pot?")
    await inbox.goto(f"{inbox.url.split('/inbox')[0]}/inbox/{number}")
    await listening(inbox)
    keyboard, field = inbox.keyboard, inbox.get_by_role("textbox", name="Message to")
    await inbox.locator("#composer").get_by_text("Private note").click()
    await keyboard.type("east window")
    await expect(field).to_have_text("east window")
    await inbox.locator("#composer").get_by_text("Reply", exact=True).click()
    await keyboard.type(", a big one")
    await inbox.get_by_role("button", name="Bold", exact=True).focus()
    await keyboard.type("!")
    await expect(field).to_have_text("east window, a big one!")
    await inbox.get_by_role("radio", name="Reply").focus()
    await keyboard.press("ArrowRight")
    await expect(inbox.get_by_role("radio", name="Private note")).to_be_checked()
    await keyboard.press("Enter")
    await keyboard.type("?")
    await expect(field).to_have_text("east window, a big one!?")
    await expect(inbox.locator("#messages .message")).to_have_count(1)
    found = await team.get(f"/api/projects/{shop.project_id}/conversations/tickets/{number}/")
    assert (found.json()["status"], found.json()["assignee"]) == ("new", None)


@only_once
async def test_forms_that_open_have_the_cursor_in_their_first_field(inbox: Page, team, shop: Project):
    start = inbox.url.split("/inbox")[0]
    await inbox.goto(f"{start}/inbox?who=all&priority=low")
    await listening(inbox)
    await inbox.get_by_text("Save as view").click()
    await inbox.keyboard.type("calm ones")
    await expect(inbox.get_by_label("Name of the view")).to_have_value("calm ones")
    await inbox.keyboard.press("Escape")
    await inbox.get_by_title("Filters").click()
    await expect(inbox.get_by_label("New", exact=True)).to_be_focused()
    await inbox.keyboard.press("c")
    await inbox.goto(f"{start}/compose")
    to = inbox.get_by_role("combobox", name="To")
    await expect(to).to_be_focused()  # the browser does so with its next picture, not with the page's load
    await inbox.keyboard.type("ada")
    await expect(to).to_have_value("ada")


# Letters in one go, as a person can't type them by keys that a test presses one by one.
WORDS = """word => {
    for (const key of word) document.body.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
}"""


@only_once
async def test_words_that_are_typed_beside_every_field_change_nothing(inbox: Page, team, shop: Project):
    number = await opened(team, shop, distinct_id="dictated", message="Hello")
    await inbox.goto(f"{inbox.url.split('/inbox')[0]}/inbox/{number}")
    await listening(inbox)
    for word in ("easy", "case", "@ta"):
        await inbox.evaluate(WORDS, word)
        await drawn_until(inbox.main_frame, "performance.now() - letterAt > 2 * WORDS_MS")
    await expect(inbox.get_by_role("dialog")).to_have_count(0)
    await inbox.keyboard.press("a")
    await expect(inbox.locator("#assign-me")).to_have_count(0)
    found = await team.get(f"/api/projects/{shop.project_id}/conversations/tickets/{number}/")
    assert found.json()["status"] == "new"
    await inbox.keyboard.press("e")
    await expect(inbox.locator("#undo-note")).to_contain_text(f"#{number} is resolved.")


@only_once
async def test_a_key_right_after_leaving_the_field_is_no_letter_of_a_word(inbox: Page, team, shop: Project):
    """Whoever writes a note of a few letters has pressed the key for notes just before, however fast they are."""
    number = await opened(team, shop, distinct_id="quick", message="Hello")
    await inbox.goto(f"{inbox.url.split('/inbox')[0]}/inbox/{number}")
    await listening(inbox)
    await inbox.evaluate("""() => {
        const press = (target, key) =>
            target.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
        press(document.body, 'n');
        press(document.activeElement, 'Escape');
        press(document.body, 'e');
    }""")
    await expect(inbox.locator("#undo-note")).to_contain_text(f"#{number} is resolved.")


@only_once
async def test_two_changes_at_once_are_both_shown(inbox: Page, team, shop: Project):
    number = await opened(team, shop, distinct_id="both", message="Hello")
    await inbox.goto(f"{inbox.url.split('/inbox')[0]}/inbox/{number}")
    await listening(inbox)
    held: list[Route] = []

    async def hold(route: Route) -> None:
        if route.request.method != "POST":
            return await route.continue_()
        held.append(route)
        return None

    await inbox.route(f"**/inbox/{number}", hold)
    async with inbox.expect_request(lambda request: request.method == "POST"):
        await inbox.get_by_label("Priority", exact=True).select_option("high")
    async with inbox.expect_request(lambda request: request.method == "POST"):
        await inbox.locator("#assign-me").click()
    for route in held:
        async with inbox.expect_response(route.request.url):
            await route.continue_()
    await expect(inbox.locator("#assign-me")).to_have_count(0)
    await expect(inbox.get_by_label("Priority", exact=True)).to_have_value("high")


@only_once
async def test_a_command_changes_what_is_there_by_the_time_it_is_chosen(inbox: Page, team, shop: Project):
    number = await opened(team, shop, distinct_id="anew", message="Hello")
    await inbox.goto(f"{inbox.url.split('/inbox')[0]}/inbox/{number}")
    await listening(inbox)
    await inbox.keyboard.press("p")
    bar = inbox.get_by_role("dialog", name="Command bar")
    await expect(bar.get_by_role("option", selected=True)).to_contain_text("Critical")
    async with inbox.expect_response(f"**/inbox/{number}/details*"):
        await inbox.evaluate(
            "window.before = document.querySelector('#priority'); htmx.trigger(document.body, 'resync')"
        )
    await drawn_until(inbox.main_frame, "!window.before.isConnected")
    await inbox.keyboard.press("Enter")
    await expect(inbox.locator("#priority option[selected]")).to_have_text("Critical")
