"""What tells somebody of new messages while they look elsewhere, and what happens while the server is away."""

import re
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.accessibility import check_with_axe, drawn_until
from tests.browser.conftest import CHROMIUM, NewContext, launched
from tests.browser.test_inbox import Writer, listening, sign_in
from tests.parley_server import ParleyServer, Project

pytestmark = pytest.mark.browser

# A browser without a screen shows no notification, and no tab of it is hidden: the page is told so.
LOOK_AWAY = """() => {
  window.told = [];
  window.Notification = class {
    static permission = "granted";
    constructor(title, { body, tag }) { told.push([title, body, tag]); window.latest = this; }
    close() {}
  };
  Object.defineProperty(document, "hidden", { get: () => true, configurable: true });
}"""


@pytest_asyncio.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    """The whole Chromium: the headless shell grants nobody notifications."""
    async with launched(CHROMIUM) as browser:
        yield browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParleyServer]:
    """A server of its own, which the test stops and starts again."""
    made = ParleyServer(tmp_path_factory.mktemp("restarted"), {})
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def shop(server: ParleyServer) -> Project:
    return server.bootstrap("owner@example.com")


@pytest_asyncio.fixture
async def inbox(new_context: NewContext, server: ParleyServer, shop: Project) -> AsyncIterator[Page]:
    context = await new_context()
    await context.grant_permissions(["notifications"])
    page = await context.new_page()
    await page.set_viewport_size({"width": 1280, "height": 800})
    await sign_in(page, server, shop)
    yield page


async def test_a_hidden_tab_tells_of_new_messages_once_somebody_has_asked_for_it(
    inbox: Page, server: ParleyServer, shop: Project
):
    ada, eve = Writer(server, shop, "Ada"), Writer(server, shop, "Eve")
    await listening(inbox)
    await inbox.evaluate(LOOK_AWAY)
    await ada.write("Nobody is told of this")
    await expect(inbox).to_have_title("(1) Inbox · Parley")
    await expect(inbox.locator("link[rel=icon]")).to_have_attribute("href", re.compile("favicon-unread"))
    await inbox.goto(f"{server.url}/settings/account")
    await inbox.get_by_label("Desktop notifications").check()
    await expect(inbox.get_by_text("Saved in this browser.")).to_be_visible()
    await check_with_axe(inbox)
    await inbox.goto(f"{server.url}/inbox")
    await listening(inbox)
    await inbox.evaluate(LOOK_AWAY)
    await eve.write("Is <b>anybody</b> there?")
    await drawn_until(inbox.main_frame, "told.length === 1")
    assert await inbox.evaluate("told") == [["Eve", "Is <b>anybody</b> there?", "parley-2"]]
    await inbox.evaluate("latest.onclick()")
    await expect(inbox.get_by_role("log")).to_contain_text("anybody")
    await inbox.wait_for_url("**/inbox/2")


async def test_what_was_missed_arrives_and_what_was_typed_stays_after_a_restart(
    inbox: Page, server: ParleyServer, shop: Project
):
    writer = Writer(server, shop, "Rita")
    ticket_id = await writer.write("The first one")
    await listening(inbox)
    await inbox.locator("#rows .row", has_text="Rita").click()
    bar = inbox.locator("#offline")
    server.stop()
    await expect(bar).to_contain_text("The server can't be reached.")
    await check_with_axe(inbox)
    await inbox.locator("#content").fill("Typed while it was away")
    server.start()
    await writer.write("Written before the page is back", ticket_id)
    await expect(inbox.get_by_role("log")).to_contain_text("Written before the page is back")
    await expect(bar).to_be_hidden()
    await expect(inbox.locator("#content")).to_have_value("Typed while it was away")
    await expect(inbox.locator("form.composer")).to_have_attribute("data-kept", "yes")
    await inbox.reload()
    await expect(inbox.locator("#content")).to_have_value("Typed while it was away")


async def test_a_lost_network_is_said_at_once_and_what_was_missed_arrives_when_it_is_back(
    inbox: Page, server: ParleyServer, shop: Project
):
    writer = Writer(server, shop, "Olga")
    await listening(inbox)
    bar = inbox.locator("#offline")
    await inbox.context.set_offline(True)
    await expect(bar).to_contain_text("You are offline.")
    await writer.write("Sent meanwhile")
    await inbox.context.set_offline(False)
    await expect(bar).to_be_hidden()
    await expect(inbox.locator("#rows .row", has_text="Olga")).to_contain_text("Sent meanwhile")
