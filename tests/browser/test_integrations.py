"""LinkedIn is connected, connected again and disconnected in a real browser, against the LinkedIn of the tests."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from parley.integrations.linkedin_ads.tests.fake_linkedin import BASE, PORT, SETTINGS, FakeLinkedIn
from tests.browser.accessibility import check_with_axe
from tests.browser.conftest import NewContext
from tests.browser.test_inbox import PHONE_WIDTH, sign_in
from tests.parley_server import ParleyServer, Project
from tests.receiver import receiving

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("INTEGRATION_PICTURES")
"""A folder for pictures of the pages, for people who want to look at them."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParleyServer]:
    """A server on SQLite that is registered with LinkedIn: the databases are compared elsewhere."""
    settings = {f"PARLEY_{name.upper()}": value for name, value in SETTINGS.items()}
    made = ParleyServer(tmp_path_factory.mktemp("parley"), settings)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def shop(server: ParleyServer) -> Project:
    return server.bootstrap("owner@fern.example")


@pytest_asyncio.fixture
async def linkedin() -> AsyncIterator[FakeLinkedIn]:
    fake = FakeLinkedIn()
    async with receiving(port=PORT) as receiver:
        receiver.respond = fake.respond
        yield fake


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


async def test_linkedin_is_connected_and_disconnected(
    server: ParleyServer, shop: Project, linkedin: FakeLinkedIn, new_context: NewContext
):
    page = await (await new_context()).new_page()
    await sign_in(page, server, shop)
    await page.goto(f"{server.url}/settings/integrations")
    await looked_at(page, "nothing")
    await page.get_by_role("link", name="Connect LinkedIn Ads").click()
    await expect(page.get_by_role("status")).to_have_text("The account is connected.")
    assert page.url.startswith(f"{server.url}/settings/integrations")
    assert (
        linkedin.received[0].path.startswith("/oauth/v2/authorization?") and BASE not in await page.content()
    )
    row = page.get_by_role("listitem").filter(has_text="LinkedIn Ads: lea@example.com")
    await expect(row).to_contain_text("connected")
    await looked_at(page, "connected")
    await page.get_by_role("link", name="Reconnect lea@example.com").click()
    await expect(page.get_by_role("status")).to_have_text("The account is connected.")
    await expect(row).to_have_count(1)
    await row.get_by_text("Disconnect …").click()
    await looked_at(page, "asked")
    await page.get_by_role("button", name="Disconnect this account").click()
    await expect(page.get_by_role("status")).to_contain_text("The account is disconnected.")
    await expect(row).to_have_count(0)
