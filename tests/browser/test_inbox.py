"""The agents' inbox in a real browser: live, by keyboard, and usable by everybody."""

import uuid
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from tests.browser.accessibility import check_with_axe
from tests.browser.conftest import NewContext
from tests.parley_server import PASSWORD, ParleyServer, Project

pytestmark = pytest.mark.browser
PHONE_WIDTH = 390


class Writer:
    """A visitor who writes through the widget's API."""

    def __init__(self, server: ParleyServer, shop: Project, name: str) -> None:
        self.url = f"{server.url}/api/conversations/v1/widget/message"
        self.headers = {"X-Conversations-Token": shop.widget_token}
        self.name = name
        self.fields = {"widget_session_id": str(uuid.uuid4()), "distinct_id": name, "traits": {"name": name}}

    async def write(self, text: str, ticket_id: str | None = None) -> str:
        """Send a message and return the id of its ticket."""
        body = {**self.fields, "message": text, **({"ticket_id": ticket_id} if ticket_id else {})}
        async with httpx.AsyncClient(headers=self.headers) as client:
            answer = await client.post(self.url, json=body)
        assert answer.status_code == 200, answer.text
        found: str = answer.json()["ticket_id"]
        return found


@pytest.fixture
def writer(server: ParleyServer, shop: Project) -> Writer:
    return Writer(server, shop, f"Visitor {uuid.uuid4().hex[:6]}")


async def sign_in(page: Page, server: ParleyServer, shop: Project) -> None:
    await page.goto(f"{server.url}/inbox")
    await page.get_by_label("E-mail address").fill(shop.email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.get_by_role("heading", name="Inbox")).to_be_attached()
    await page.wait_for_load_state()  # its scripts listen to keys from now on


@pytest_asyncio.fixture
async def inbox(new_context: NewContext, server: ParleyServer, shop: Project) -> AsyncIterator[Page]:
    """A tab with the inbox, signed in by the form. Whatever the page complains about fails the test."""
    context = await new_context()
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await sign_in(page, server, shop)
    yield page
    assert complaints == []


# What a page looks like doesn't depend on the database, and looking takes long.
only_once = pytest.mark.parametrize("server", ["sqlite"], indirect=True, scope="session")


async def listening(page: Page) -> None:
    """Wait until the page has its line to the server."""
    await expect(page.locator("body[data-live=yes]")).to_be_attached()


async def test_a_conversation_lives_without_reloading(inbox: Page, writer: Writer):
    await listening(inbox)
    ticket_id = await writer.write("Is anybody there?")
    row = inbox.locator("#rows .row", has_text=writer.name)
    await expect(row).to_contain_text("1 unread")
    await row.click()
    await expect(inbox.get_by_role("log")).to_contain_text("Is anybody there?")
    await expect(row).not_to_contain_text("unread")
    await inbox.get_by_role("textbox", name="Message to").fill("I am typing")
    await writer.write("Hello again https://x.test/a", ticket_id)
    await expect(inbox.get_by_role("log").get_by_role("link")).to_have_attribute("href", "https://x.test/a")
    await expect(inbox.get_by_role("textbox", name="Message to")).to_have_text("I am typing")
    await inbox.get_by_role("button", name="Send reply").click()
    await expect(inbox.locator("li.message-team")).to_contain_text("I am typing")
    await expect(inbox.get_by_role("textbox", name="Message to")).to_have_text("")
    await expect(inbox.locator("li.message")).to_have_count(3)


@only_once
async def test_what_comes_between_page_and_line_or_while_the_server_fails_is_shown_later(
    new_context: NewContext, server: ParleyServer, shop: Project, writer: Writer
):
    page = await (await new_context()).new_page()
    failures = iter([503])

    async def write_first(route: Route) -> None:
        await writer.write("Between page and line")
        await route.continue_()

    async def fail_once(route: Route) -> None:
        status = next(failures, None)
        await (route.fulfill(status=status) if status else route.continue_())

    await page.route("**/inbox/stream", write_first, times=1)
    await page.route("**/inbox/rows*", fail_once)
    await sign_in(page, server, shop)
    await expect(page.locator("#rows .row", has_text=writer.name)).to_contain_text("Between page and line")


async def test_everything_can_be_done_by_keys(inbox: Page, writer: Writer):
    await listening(inbox)
    await writer.write("first")
    await expect(inbox.locator("#rows .row").first).to_contain_text("first")
    keyboard = inbox.keyboard
    await keyboard.press("j")
    await expect(inbox.get_by_role("log")).to_contain_text("first")
    await keyboard.press("r")
    await keyboard.type("An answer by keys")
    await keyboard.press("Control+Enter")
    await expect(inbox.locator("li.message-team")).to_contain_text("An answer by keys")
    await expect(inbox.get_by_role("textbox", name="Message to")).to_have_text("")
    await keyboard.press("Escape")
    await keyboard.press("n")
    await keyboard.type("jkre?")
    await keyboard.press("Control+Enter")
    await expect(inbox.locator("li.message-note")).to_contain_text("jkre?")
    await expect(inbox.get_by_role("textbox", name="Message to")).to_have_text("")
    await keyboard.press("Escape")
    await keyboard.press("e")
    # It goes on to the next one, where there is one.
    await expect(inbox.locator("#undo-note")).to_contain_text("is resolved.")
    await keyboard.press("?")
    await expect(inbox.get_by_role("dialog")).to_be_visible()
    await keyboard.press("Escape")
    await expect(inbox.get_by_role("dialog")).to_be_hidden()


async def test_what_colleagues_do_shows_up(
    inbox: Page, writer: Writer, team: httpx.AsyncClient, shop: Project
):
    ticket_id = await writer.write("Who takes care of me?")
    ticket = f"/api/projects/{shop.project_id}/conversations/tickets/{ticket_id}/"
    number = (await team.get(ticket)).json()["ticket_number"]
    await inbox.goto(inbox.url.split("/inbox")[0] + f"/inbox/{number}")
    await listening(inbox)
    await team.patch(ticket, json={"priority": "high", "status": "pending"})
    await expect(inbox.get_by_label("Priority", exact=True)).to_have_value("high")
    await expect(inbox.locator("#thread-head")).to_contain_text("Pending")


@only_once
async def test_the_list_is_searched_and_narrowed_down(
    inbox: Page, writer: Writer, team: httpx.AsyncClient, shop: Project
):
    await writer.write("Do you sell Monstera?")
    ticket_id = await writer.write("The second one is urgent")
    tickets = f"/api/projects/{shop.project_id}/conversations/tickets/"
    await team.patch(
        f"{tickets}{ticket_id}/", json={"priority": "critical", "sla_due_at": "2020-01-01T00:00:00Z"}
    )
    rows = inbox.locator("#rows .row", has_text=writer.name)
    await inbox.get_by_role("combobox", name="Search conversations").fill("mONSTERA")
    await inbox.keyboard.press("Enter")
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("Monstera")
    await inbox.get_by_role("link", name="Clear the filters").click()
    await inbox.get_by_title("Filters", exact=True).click()
    await inbox.get_by_role("checkbox", name="Critical").check()
    await inbox.get_by_role("button", name="Apply").click()
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("Overdue")
    await inbox.get_by_role("combobox", name="Search conversations").fill("half a wo")
    await writer.write("Something new", ticket_id)
    await expect(rows).to_contain_text("Something new")
    await expect(inbox.get_by_role("combobox", name="Search conversations")).to_have_value("half a wo")
    await check_with_axe(inbox)


@only_once
async def test_people_take_part_without_reloading(inbox: Page, writer: Writer):
    await inbox.set_viewport_size({"width": 1440, "height": 900})
    await listening(inbox)
    await writer.write("Please keep Carol informed")
    await inbox.locator("#rows .row", has_text=writer.name).click()
    await inbox.get_by_text("More", exact=True).click()
    field = inbox.get_by_label("E-mail address or user id of a participant")
    await field.fill("carol@example.com")
    await inbox.get_by_role("button", name="Add participant").click()
    remove = inbox.get_by_role("button", name="Remove carol@example.com from the conversation")
    await expect(remove).to_be_visible()
    await check_with_axe(inbox)
    await remove.click()
    await expect(remove).to_have_count(0)
    await expect(field).to_have_value("")


@only_once
async def test_what_failed_is_no_longer_said_once_the_next_thing_succeeds(
    new_context: NewContext, server: ParleyServer, shop: Project, writer: Writer
):
    page = await (await new_context()).new_page()
    await sign_in(page, server, shop)
    await writer.write("Where is my order?")
    await page.set_viewport_size({"width": 1440, "height": 900})
    await page.locator("#rows .row", has_text=writer.name).click()
    await page.get_by_text("More", exact=True).click()
    field = page.get_by_label("E-mail address or user id of a participant")
    await field.fill("nobody@")
    await page.get_by_role("button", name="Add participant").click()
    await expect(page.locator("#trouble")).to_be_visible()
    await page.get_by_role("textbox", name="Message to").fill("It left this morning.")
    await page.get_by_role("button", name="Send reply").click()
    await expect(page.locator("#messages")).to_contain_text("It left this morning.")
    await expect(page.locator("#trouble")).to_be_hidden()


@only_once
async def test_a_draft_survives_a_look_elsewhere(inbox: Page, writer: Writer):
    await listening(inbox)
    await writer.write("first")
    await writer.write("second")
    rows = inbox.locator("#rows .row", has_text=writer.name)
    await expect(rows).to_have_count(2)
    await rows.nth(0).click()
    await expect(inbox.get_by_role("log")).to_contain_text("second")
    await inbox.get_by_role("textbox", name="Message to").fill("not yet sent")
    await rows.nth(1).click()
    await expect(inbox.get_by_role("log")).to_contain_text("first")
    await expect(inbox.get_by_role("textbox", name="Message to")).to_have_text("")
    await rows.nth(0).click()
    await expect(inbox.get_by_role("textbox", name="Message to")).to_have_text("not yet sent")


@only_once
async def test_a_phone_shows_one_thing_after_the_other(inbox: Page, writer: Writer):
    await inbox.set_viewport_size({"width": PHONE_WIDTH, "height": 844})
    await listening(inbox)
    await writer.write("from a phone")
    await inbox.locator("#rows .row", has_text=writer.name).click()
    await expect(inbox.get_by_role("log")).to_be_visible()
    await expect(inbox.locator("#rows")).to_be_hidden()
    await inbox.locator("#thread-head label").click()
    await expect(inbox.get_by_label("Priority", exact=True)).to_be_visible()
    await expect(inbox.get_by_role("log")).to_be_hidden()
    await inbox.get_by_text("Back to the messages").click()
    await inbox.get_by_role("link", name="Back to the list").click()
    await expect(inbox.locator("#rows")).to_be_visible()
    assert await inbox.evaluate("document.documentElement.scrollWidth") <= PHONE_WIDTH


@only_once
async def test_nobody_is_shut_out(inbox: Page, writer: Writer, new_context: NewContext, server: ParleyServer):
    ticket_id = await writer.write("for everybody")
    for number in range(20):
        await writer.write(f"more than a screen holds: {number}", ticket_id)
    row = inbox.locator("#rows .row", has_text=writer.name)
    await row.click()
    await inbox.locator("#composer").get_by_text("Private note").click()
    await expect(inbox.get_by_role("button", name="Suggest a reply")).to_be_hidden()
    await check_with_axe(inbox)
    for path in (
        "/inbox",
        "/settings",
        *(f"/settings/{name}" for name in ("organization", "members", "access", "keys", "account", "email")),
    ):
        await inbox.goto(server.url + path)
        await check_with_axe(inbox)
    await inbox.set_viewport_size({"width": PHONE_WIDTH, "height": 844})
    other = inbox.get_by_role("navigation", name="Settings").get_by_role("link", name="Webhooks")
    await expect(other).to_be_hidden()
    await inbox.get_by_text("All settings, now: E-mail").click()
    await expect(other).to_be_visible()
    await check_with_axe(inbox, themes=["light"])
    await inbox.set_viewport_size({"width": 1280, "height": 800})
    await expect(other).to_be_visible()
    await inbox.get_by_role("textbox", name="Address", exact=True).fill("support@example.com")
    await inbox.get_by_role("textbox", name="Name").fill("Support")
    await inbox.get_by_role("button", name="Connect").click()
    await expect(inbox.get_by_role("heading", name="1. Publish these records")).to_be_visible()
    await check_with_axe(inbox)
    await inbox.get_by_role("link", name="Have Parley fetch it").click()
    await expect(inbox.get_by_role("textbox", name="Folder")).to_be_visible()
    await check_with_axe(inbox)
    stranger = await (await new_context()).new_page()
    for path in ("/login", "/forgotten"):
        await stranger.goto(server.url + path)
        await check_with_axe(stranger)


@only_once
async def test_when_a_conversation_wakes_up_is_read_whole_in_its_head(
    inbox: Page, team: httpx.AsyncClient, shop: Project
):
    tickets = f"/api/projects/{shop.project_id}/conversations/tickets/"
    said = {"distinct_id": "sleeper", "message": "Later", "subject": "Where is my order of twelve ferns?"}
    ticket = (await team.post(tickets, json=said)).json()
    until = {"snoozed_until": "2030-12-25T14:05:00Z", "sla_due_at": "2030-11-25T14:05:00Z"}
    (await team.patch(f"{tickets}{ticket['id']}/", json=until)).raise_for_status()
    await inbox.goto(inbox.url.split("/inbox")[0] + f"/inbox/{ticket['ticket_number']}")
    words = inbox.locator("#thread-head").get_by_text("wakes up Wed 25 Dec 2030, 14:05")
    for width, height in ((1280, 800), (1920, 1080), (PHONE_WIDTH, 844)):
        await inbox.set_viewport_size({"width": width, "height": height})
        await expect(words).to_be_in_viewport(ratio=1)
        is_whole = "one => one.scrollWidth <= one.clientWidth || getComputedStyle(one).display === 'inline'"
        assert await words.evaluate(is_whole), width
        inside = (
            "one => one.getBoundingClientRect().right <= one.parentElement.getBoundingClientRect().right + 1"
        )
        assert await words.evaluate(inside), width
