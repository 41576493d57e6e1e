"""The pages of subscriptions in a real browser: dates follow the form, by keyboard, on a phone, in both themes."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.accessibility import check_with_axe
from tests.browser.conftest import NewContext
from tests.browser.test_inbox import PHONE_WIDTH, sign_in
from tests.parley_server import ParleyServer, Project

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("server", ["sqlite"], indirect=True, scope="session"),
]
PICTURES = os.environ.get("SUBSCRIPTION_PICTURES")
"""A folder for pictures of the pages, for people who want to look at them."""


@pytest_asyncio.fixture
async def tab(new_context: NewContext, server: ParleyServer, shop: Project) -> AsyncIterator[Page]:
    """A tab that is signed in, in a project with a dashboard. It fails the test when a script fails."""
    page, errors = await (await new_context()).new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await sign_in(page, server, shop)
    yield page
    assert errors == []


async def make_board(server: ParleyServer, shop: Project) -> None:
    """Make a dashboard with two insights."""
    async with server.client(shop) as client:
        root = f"/api/projects/{shop.project_id}"
        board = (await client.post(f"{root}/dashboards/", json={"name": "Our board"})).json()["id"]
        for name in ("First answers", "What waits"):
            answer = await client.post(f"{root}/insights/", json={"name": name, "dashboards": [board]})
            assert answer.status_code == 201


async def looked_at(page: Page, name: str) -> None:
    """Check the page at both widths."""
    for width in (PHONE_WIDTH, 1280):
        await page.set_viewport_size({"width": width, "height": 800})
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        if PICTURES:
            height = await page.evaluate("document.getElementById('main').scrollHeight + 80")
            await page.set_viewport_size({"width": width, "height": height})
            await page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png")
    await check_with_axe(page)


async def test_a_subscription_is_put_together_by_keyboard(tab: Page, server: ParleyServer, shop: Project):
    await make_board(server, shop)
    await tab.goto(f"{server.url}/subscriptions")
    await tab.get_by_role("link", name="New subscription").press("Enter")
    await tab.get_by_label("What is sent").select_option(label="Our board")
    only_these = tab.get_by_label("Only these")
    await expect(only_these).to_be_visible()
    await only_these.press("Space")
    await tab.get_by_label("What waits").press("Space")
    await tab.get_by_label("Unit").select_option("monthly")
    await expect(tab.locator("#dates")).to_contain_text("Every month on day")
    await tab.get_by_label("Friday").press("Space")
    await tab.get_by_label("Of these in each period").select_option(label="the last")
    await expect(tab.locator("#dates")).to_contain_text("Every month on the last of its Fridays at 09:00")
    await expect(tab.locator("#dates li")).to_have_count(3)
    await expect(tab.get_by_label("What waits")).to_be_checked()
    await looked_at(tab, "new")
    await tab.get_by_label("URL", exact=True).press("Space")
    await expect(tab.get_by_role("textbox", name="URL")).to_be_visible()
    await tab.get_by_label("Mail", exact=True).press("Space")
    await tab.get_by_label("Addresses").fill("ada@example.com, nobody")
    await tab.get_by_role("button", name="Subscribe").press("Enter")
    await expect(tab.get_by_role("alert")).to_have_text("Enter a valid email address. This is none: nobody")
    await looked_at(tab, "wrong")
    await tab.get_by_label("Addresses").fill("ada@example.com")
    await tab.get_by_role("button", name="Subscribe").press("Enter")
    await expect(tab.get_by_role("status")).to_have_text("Saved.")
    await tab.get_by_role("button", name="Send a test").press("Enter")
    await expect(tab.locator("#history")).to_contain_text("ada@example.com: delivered")
    await looked_at(tab, "one")
    await tab.goto(f"{server.url}/subscriptions")
    await looked_at(tab, "list")
