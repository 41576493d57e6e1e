"""Quick actions, articles and their menu in the form to write in, in a real browser."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from tests.browser.accessibility import check_with_axe
from tests.browser.conftest import NewContext
from tests.parley_server import PASSWORD, ParleyServer, Project

pytestmark = pytest.mark.browser
only_once = pytest.mark.parametrize("server", ["sqlite"], indirect=True, scope="session")

GREETING = "Hi {{person.first_name}}, {{order}}"


@pytest_asyncio.fixture
async def inbox(new_context: NewContext, server: ParleyServer, shop: Project, team) -> AsyncIterator[Page]:
    """A tab with a new conversation of Ada's, and prepared texts. Whatever the page complains about fails the test."""
    paths = f"/api/projects/{shop.project_id}/conversations"
    prepared = (
        ("quick_actions", {"name": "Refund", "content": GREETING, "actions": {"tags": ["paid"]}}),
        ("quick_actions", {"name": "Urgent", "actions": {"priority": "critical"}}),
        ("articles", {"title": "Water a fern", "content": "Water it **weekly**.", "state": "published"}),
    )
    for kind, body in prepared:
        assert (await team.post(f"{paths}/{kind}/", json=body)).status_code == 201
    ticket = {"distinct_id": "ada", "name": "Ada Lovelace", "message": "Hello"}
    number = (await team.post(f"{paths}/tickets/", json=ticket)).json()["ticket_number"]
    page = await (await new_context()).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(f"{server.url}/inbox/{number}")
    await page.get_by_label("E-mail address").fill(shop.email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.locator("#content").click()
    await expect(page.get_by_role("toolbar", name="Formatting")).to_be_visible()
    yield page
    assert [one for one in complaints if "422" not in one] == []


@only_once
async def test_a_slash_opens_the_menu_and_a_choice_fills_the_answer(inbox: Page):
    field, keyboard = inbox.get_by_role("textbox", name="Message to"), inbox.keyboard
    await expect(inbox.locator(".composer-notice")).to_be_empty()
    await keyboard.type("/wat")
    search = inbox.get_by_role("combobox", name="Search quick actions and articles")
    await expect(search).to_be_focused()
    await expect(search).to_have_value("wat")
    await expect(inbox.get_by_role("option", name="Water a fern")).to_be_visible()
    await check_with_axe(inbox)
    await search.fill("etc")
    await expect(inbox.get_by_text("Nothing has these words.")).to_be_visible()
    await keyboard.press("Escape")
    await expect(field).to_have_text("/etc")
    await expect(field).to_be_focused()
    await keyboard.press("Control+A")
    await keyboard.press("Delete")
    await keyboard.press("/")
    await keyboard.type("refu")
    await keyboard.press("Enter")
    await expect(field).to_have_text("Hi Ada, {{order}}")
    await expect(field.locator(".placeholder-left")).to_have_text("{{order}}")
    await expect(inbox.get_by_label("Set when it is sent")).to_be_checked()
    await check_with_axe(inbox)
    await keyboard.press("Control+Enter")
    await expect(inbox.get_by_role("alert").filter(has_text="{{order}} is not filled in")).to_be_visible()
    await inbox.get_by_label("Send it as it is").check()
    await inbox.get_by_role("button", name="Send reply").click()
    await expect(inbox.locator("li.message-team")).to_contain_text("Hi Ada, {{order}}")
    await expect(inbox.get_by_role("region", name="Details")).to_contain_text("paid")
    await expect(inbox.get_by_label("Set when it is sent")).to_be_hidden()


@only_once
async def test_what_a_quick_action_sets_goes_with_its_text(inbox: Page):
    field, keyboard = inbox.get_by_role("textbox", name="Message to"), inbox.keyboard
    await keyboard.press("/")
    await keyboard.type("refu")
    await keyboard.press("Enter")
    await expect(field).to_have_text("Hi Ada, {{order}}")
    await expect(inbox.get_by_label("Set when it is sent")).to_be_checked()
    await keyboard.press("Control+A")
    await keyboard.press("Delete")
    await expect(inbox.get_by_label("Set when it is sent")).to_be_hidden()
    await keyboard.type("Another answer")
    await keyboard.press("Control+Enter")
    await expect(inbox.locator("li.message-team")).to_contain_text("Another answer")
    await expect(field).to_have_text("")
    await expect(inbox.get_by_role("region", name="Details")).not_to_contain_text("paid")


@only_once
async def test_what_is_typed_while_a_quick_action_is_on_its_way_is_text(inbox: Page):
    field, keyboard = inbox.get_by_role("textbox", name="Message to"), inbox.keyboard
    asked: list[Route] = []

    async def hold(route: Route) -> None:
        asked.append(route)

    await inbox.route("**/insertion?*", hold)
    await keyboard.press("/")
    await keyboard.type("refu")
    async with inbox.expect_request("**/insertion?*"):
        await keyboard.press("Enter")
    await keyboard.type("A e")
    await expect(field).to_have_text("A e")
    await asked[0].continue_()
    await expect(field).to_contain_text("Hi Ada, {{order}}")


@only_once
async def test_after_a_refusal_the_first_placeholder_is_filled_in_by_what_is_typed(inbox: Page):
    """The keyboard was nowhere then: "a", "e" and "j" changed conversations."""
    field, keyboard = inbox.get_by_role("textbox", name="Message to"), inbox.keyboard
    await keyboard.type("Hi {{one}} and {{two}}")
    await keyboard.press("Control+Enter")
    await expect(inbox.get_by_role("alert").filter(has_text="{{one}}")).to_be_visible()
    await expect(field).to_be_focused()
    await keyboard.type("ja e")
    await expect(field).to_have_text("Hi ja e and {{two}}")
    await expect(inbox.locator("#undo-note")).to_be_hidden()


@only_once
async def test_what_is_typed_until_a_refusal_and_after_it_stands_behind_the_words(inbox: Page):
    """Nothing of it is lost, and no letter is a shortcut."""
    field, keyboard = inbox.get_by_role("textbox", name="Message to"), inbox.keyboard
    asked: list[Route] = []
    await inbox.route("**/inbox/*/messages", lambda route: asked.append(route))
    await keyboard.type("See {{one}}")
    async with inbox.expect_request(lambda request: request.method == "POST"):
        await keyboard.press("Control+Enter")
    await keyboard.type(", even")
    await expect(field).to_have_text("See {{one}}, even")
    await asked[0].continue_()
    await expect(inbox.get_by_role("alert").filter(has_text="Fill in what is still marked")).to_be_visible()
    await expect(field).to_have_text("See {{one}}, even")
    await expect(field).to_be_focused()
    await keyboard.type(" so")
    await expect(field).to_have_text("See {{one}}, even so")
    await inbox.unroute("**/inbox/*/messages")


@only_once
async def test_what_is_said_of_placeholders_names_none_that_was_filled(inbox: Page):
    keyboard = inbox.keyboard
    await keyboard.type("{{one}} and {{two}}")
    await keyboard.press("Control+Enter")
    said = inbox.get_by_role("alert")
    await expect(said.filter(has_text="{{one}}")).to_be_visible()
    await inbox.get_by_role("textbox", name="Message to").locator(".placeholder-left").first.click()
    await keyboard.type("1")
    await expect(said.filter(has_text="Fill in what is still marked")).to_be_visible()
    await expect(said.filter(has_text="{{one}}")).to_have_count(0)


@only_once
async def test_the_button_inserts_at_the_cursor_and_changes_without_a_text_happen_at_once(inbox: Page):
    field, keyboard = inbox.get_by_role("textbox", name="Message to"), inbox.keyboard
    await keyboard.type("Please: !")
    await keyboard.press("ArrowLeft")
    button = inbox.get_by_role("button", name="Quick actions")
    await button.click()
    await expect(inbox.get_by_role("combobox", name="Search quick actions and articles")).to_be_focused()
    await keyboard.type("fern")
    options = inbox.get_by_role("listbox", name="Quick actions").get_by_role("option")
    await expect(options.first).to_contain_text("Water a fern")
    await options.first.click()
    await expect(field).to_have_text("Please: Water it weekly.!")
    await button.click()
    await expect(options.first).to_have_attribute("aria-selected", "true")
    await keyboard.type("urgent")
    await expect(options.first).to_contain_text("Sets priority")
    await keyboard.press("Enter")
    await expect(
        inbox.get_by_role("status").filter(has_text="“Urgent” is done: priority Critical.")
    ).to_be_visible()
    await expect(inbox.get_by_label("Priority", exact=True)).to_have_value("critical")
    await expect(field).to_have_text("Please: Water it weekly.!")


@only_once
async def test_an_emoji_is_found_by_a_word_and_stands_first_next_time(inbox: Page):
    field, keyboard = inbox.get_by_role("textbox", name="Message to"), inbox.keyboard
    button = inbox.get_by_role("button", name="Emoji")
    options = inbox.get_by_role("listbox", name="Emoji").get_by_role("option")
    await keyboard.type("Thank you ")
    await button.click()
    await expect(inbox.get_by_role("combobox", name="Search emoji")).to_be_focused()
    await expect(options.first).to_have_accessible_name("grinning face")
    await check_with_axe(inbox)
    await keyboard.type("party pop")
    await expect(options).to_have_count(1)
    await keyboard.press("Enter")
    await expect(field).to_have_text("Thank you 🎉")
    await button.click()
    await expect(options.first).to_have_text("🎉")
    await keyboard.press("ArrowRight")
    await keyboard.press("ArrowDown")
    await expect(options.and_(inbox.get_by_role("option", selected=True))).not_to_have_text("🎉")
    await keyboard.press("Escape")
    await expect(field).to_be_focused()
    await expect(field).to_have_text("Thank you 🎉")


@only_once
@pytest.mark.parametrize("clicks", [1, 2])
async def test_a_click_selects_a_whole_placeholder_and_what_was_said_of_it_ends_when_it_is_filled(
    inbox: Page, clicks: int
):
    field, keyboard = inbox.get_by_role("textbox", name="Message to"), inbox.keyboard
    await keyboard.press("/")
    await keyboard.type("refu")
    await keyboard.press("Enter")
    left = field.locator(".placeholder-left")
    await expect(left).to_have_text("{{order}}")
    await keyboard.press("ArrowLeft")
    await keyboard.press("ArrowLeft")
    await keyboard.type(" 4711")
    await expect(left).to_have_text("{{order 4711}}")
    await keyboard.press("Control+Enter")
    said = inbox.get_by_role("alert").filter(has_text="{{order 4711}} is not filled in")
    await expect(said).to_be_visible()
    await expect(field).to_have_attribute("aria-invalid", "true")
    await left.click(click_count=clicks)
    await keyboard.type("number 4711")
    await expect(field).to_have_text("Hi Ada, number 4711")
    await expect(left).to_have_count(0)
    await expect(said).to_have_count(0)
    await expect(inbox.get_by_label("Send it as it is")).to_have_count(0)
    await expect(field).not_to_have_attribute("aria-invalid", "true")
    await keyboard.press("Control+Enter")
    await expect(inbox.locator("li.message-team")).to_contain_text("Hi Ada, number 4711")


@only_once
async def test_a_quick_action_is_written_with_formatting(inbox: Page, server: ParleyServer):
    await inbox.goto(f"{server.url}/settings/quick-actions/new")
    keyboard, field = inbox.keyboard, inbox.get_by_role("textbox", name="Text")
    await inbox.get_by_label("Name", exact=True).fill("We look at it")
    await inbox.get_by_label("Set the priority").select_option("high")
    await field.click()
    await expect(inbox.get_by_role("toolbar", name="Formatting")).to_be_visible()
    await keyboard.type("Hi ")
    await inbox.get_by_role("button", name="Customer's first name").click()
    await keyboard.type(", **sorry**.")
    await keyboard.press("Enter")
    await keyboard.type("- we look at it")
    await expect(field.locator(".placeholder-left")).to_have_text("{{person.first_name}}")
    await check_with_axe(inbox)
    await inbox.get_by_role("button", name="Create").click()
    await inbox.get_by_role("link", name="We look at it").click()
    await field.click()
    await expect(field.locator("strong")).to_have_text("sorry")
    await expect(field.locator("li")).to_have_text("we look at it")


@only_once
async def test_a_conversation_begins_with_a_quick_action_and_its_formatting(
    inbox: Page, server: ParleyServer, team, shop: Project
):
    bold = {"type": "text", "text": "sorry", "marks": [{"type": "bold"}]}
    document = {"type": "doc", "content": [{"type": "paragraph", "content": [bold]}]}
    action = {"name": "Order late", "rich_content": document, "actions": {"priority": "high"}}
    paths = f"/api/projects/{shop.project_id}/conversations"
    answer = await team.post(f"{paths}/quick_actions/", json={**action, "content": "sorry"})
    assert answer.status_code == 201
    fern = {"email": "fay@ferns.example", "name": "Fay Fern"}
    event = {
        "api_key": shop.project_token,
        "event": "seen",
        "distinct_id": "fay",
        "properties": {"$set": fern},
    }
    await team.post("/capture/", json=event)
    keyboard = inbox.keyboard
    await inbox.goto(f"{server.url}/compose")
    await inbox.get_by_label("From").select_option("widget")
    await inbox.get_by_role("combobox", name="To").press_sequentially("fay")
    await inbox.get_by_role("option", name="Fay Fern").click()
    await inbox.get_by_role("textbox", name="Message").click()
    await expect(inbox.get_by_role("toolbar", name="Formatting")).to_be_visible()
    await keyboard.press("/")
    await keyboard.type("late")
    option = inbox.get_by_role("option", name="Order late").first
    await expect(option).to_be_in_viewport()
    await check_with_axe(inbox)
    await option.click()
    await expect(inbox.get_by_label("Set when it is sent")).to_be_checked()
    await inbox.get_by_role("button", name="Send", exact=True).click()
    await expect(inbox.locator("li.message-team strong")).to_have_text("sorry")
    await expect(inbox.get_by_label("Priority", exact=True)).to_have_value("high")


@only_once
async def test_a_suggestion_has_its_formatting_goes_to_the_cursor_and_can_be_taken_back(
    inbox: Page, server: ParleyServer, team, shop: Project
):
    paths = f"/api/projects/{shop.project_id}/conversations"
    text = "## Repotting a monstera\n\nUse **fresh** soil, see [more](https://fern.example/soil).\n\n- not too wet"
    article = {"title": "Repotting a monstera", "content": text, "state": "published"}
    assert (await team.post(f"{paths}/articles/", json=article)).status_code == 201
    asked = {"distinct_id": "monstera", "name": "Mo", "message": "How does repotting a monstera work?"}
    number = (await team.post(f"{paths}/tickets/", json=asked)).json()["ticket_number"]
    await inbox.goto(f"{server.url}/inbox/{number}")
    await inbox.locator("#content").click()
    field, keyboard = inbox.get_by_role("textbox", name="Message to"), inbox.keyboard
    await expect(inbox.get_by_role("toolbar", name="Formatting")).to_be_visible()
    await keyboard.type("My own words.")
    await keyboard.press("Enter")
    await inbox.get_by_role("button", name="Suggest a reply").click()
    await expect(field.locator("strong")).to_have_text("fresh")
    await expect(field.get_by_role("link")).to_have_attribute("href", "https://fern.example/soil")
    await expect(field.locator("li")).to_have_text("not too wet")
    await expect(field).to_contain_text("My own words.Hi Mo,")
    await expect(inbox.get_by_role("link", name="Repotting a monstera", exact=True)).to_be_visible()
    await expect(field).to_be_focused()
    await check_with_axe(inbox)
    await keyboard.press("Control+z")
    await expect(field).to_have_text("My own words.")
