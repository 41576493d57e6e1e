"""Every page: no serious finding of axe-core, and nothing wider than a phone.

Each second page is checked in the dark, to save time. `walk_every_page.py` makes pictures of all (`make screenshots`).
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.browser.accessibility import THEMES, check_with_axe
from tests.browser.conftest import NewContext
from tests.browser.page_routes import PAGES, pages_out_of_the_walk
from tests.browser.test_inbox import PHONE_WIDTH, only_once, sign_in
from tests.parley_server import ParleyServer, Project

pytestmark = pytest.mark.browser


@pytest_asyncio.fixture
async def tab(new_context: NewContext, server: ParleyServer, shop: Project) -> AsyncIterator[Page]:
    page = await (await new_context()).new_page()
    await sign_in(page, server, shop)
    yield page


@only_once
async def test_every_page_can_be_used_by_everybody_and_fits_a_phone(tab: Page, server: ParleyServer) -> None:
    assert len(PAGES) > 25
    wrong = []
    for place, path in enumerate(PAGES):
        await tab.set_viewport_size({"width": 1280, "height": 800})
        answer = await tab.goto(f"{server.url}{path}")
        assert answer is not None and answer.status == 200, path
        try:
            await check_with_axe(tab, themes=[THEMES[place % 2]])
        except AssertionError as error:
            wrong.append(f"{path}: {error}")
        await tab.set_viewport_size({"width": PHONE_WIDTH, "height": 844})
        if await tab.evaluate("document.documentElement.scrollWidth") > PHONE_WIDTH:
            wrong.append(f"{path} is wider than a phone")
    assert wrong == []


def test_no_page_is_left_out_of_the_walk() -> None:
    assert pages_out_of_the_walk() == [], "Name it in tests/browser/page_routes.py."
