"""Slack is connected, set up, tried and disconnected in a real browser, against the double of Slack."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from parley.integrations.slack.tests.slack_double import (
    CLIENT_ID,
    CLIENT_SECRET,
    GENERAL,
    SECRET,
    TOKEN,
    SlackDouble,
)
from tests.browser.accessibility import check_with_axe
from tests.browser.conftest import NewContext
from tests.browser.test_inbox import PHONE_WIDTH, sign_in
from tests.parley_server import ParleyServer, Project
from tests.receiver import receiving
from tests.servers import free_port

pytestmark = pytest.mark.browser
PORT = free_port()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParleyServer]:
    """A server on SQLite that is registered with the double: the databases are compared elsewhere."""
    settings = {
        "PARLEY_SLACK_API_URL": f"http://127.0.0.1:{PORT}",
        "PARLEY_SLACK_CLIENT_ID": CLIENT_ID,
        "PARLEY_SLACK_CLIENT_SECRET": CLIENT_SECRET,
        "PARLEY_SLACK_SIGNING_SECRET": SECRET,
    }
    made = ParleyServer(tmp_path_factory.mktemp("parley"), settings)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def shop(server: ParleyServer) -> Project:
    return server.bootstrap("owner@fern.example")


@pytest_asyncio.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    async with receiving(port=PORT) as receiver:
        yield SlackDouble(receiver)


async def test_slack_is_connected_set_up_tried_and_disconnected(
    server: ParleyServer, shop: Project, slack: SlackDouble, new_context: NewContext
):
    page = await (await new_context()).new_page()
    await sign_in(page, server, shop)
    await page.goto(f"{server.url}/settings/integrations")
    await page.get_by_role("link", name="Connect Slack").click()
    await expect(page.get_by_role("status")).to_have_text("The account is connected.")
    row = page.get_by_role("listitem").filter(has_text="Slack: Hedgehogs")
    await expect(row).to_contain_text("connected")
    assert TOKEN not in await page.content()
    await row.get_by_role("link", name="Channel and notices").click()
    await page.get_by_label("Take messages from Slack").check()
    await page.get_by_label("Support channel", exact=True).select_option(label="#general")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status")).to_have_text("Saved.")
    await page.get_by_role("button", name="Post a test in the channel").click()
    await expect(page.get_by_role("status")).to_contain_text("The test is posted.")
    assert len(slack.posts(GENERAL)) == 1
    for width in (PHONE_WIDTH, 1280):
        await page.set_viewport_size({"width": width, "height": 800})
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await check_with_axe(page)
    await page.get_by_role("link", name="All integrations").click()
    await row.get_by_text("Disconnect …").click()
    await page.get_by_role("button", name="Disconnect this account").click()
    await expect(row).to_have_count(0)
    await page.get_by_label("Bot token").fill(TOKEN)
    await page.get_by_label("Bot token").press("Enter")
    await expect(row).to_contain_text("connected")
