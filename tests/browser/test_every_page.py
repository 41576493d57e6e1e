"""Every page without a parameter, while it is empty: no serious finding of axe-core, nothing wider than a phone.

Each second page is checked in the dark, to save time. With `PARLEY_SCREENSHOTS=1` each is kept in three sizes and
both themes in `build/screenshots/`, for somebody to look at.
"""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page

from parley.main import collected_handlers
from tests.browser.accessibility import THEMES, check_with_axe
from tests.browser.conftest import NewContext
from tests.browser.test_inbox import PHONE_WIDTH, sign_in
from tests.parley_server import ParleyServer, Project

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("server", ["sqlite"], indirect=True, scope="session"),
]
FOLDER = Path(__file__).parents[2] / "build" / "screenshots"
SIZES = ((1280, 800), (1920, 1080), (PHONE_WIDTH, 844))
# Parts of pages, streams and ways through a provider; the demo page is a site of its own.
NO_WHOLE_PAGES = {
    *("/inbox/members", "/inbox/rows", "/inbox/rows/more", "/inbox/search", "/inbox/stream", "/inbox/tags"),
    *("/compose/recipients", "/events/latest", "/settings/outgoing/held", "/unsubscribe", "/oauth/authorize"),
    *("/login/github", "/login/gitlab", "/login/google-oauth2", "/login/two-factor", "/login/former-address"),
    *("/places", "/settings/widget-preview"),
    *("/complete/github", "/complete/gitlab", "/complete/google-oauth2"),
}
PAGES = sorted(
    path
    for handler in collected_handlers()
    for path in handler.paths
    if "GET" in handler.http_methods
    and not handler.include_in_schema
    and any(str(getattr(guard, "admits", "")).startswith("page") for guard in handler.guards or ())
    and "{" not in path
    and path not in NO_WHOLE_PAGES
)


@pytest_asyncio.fixture
async def tab(new_context: NewContext, server: ParleyServer, shop: Project) -> AsyncIterator[Page]:
    page = await (await new_context()).new_page()
    await sign_in(page, server, shop)
    yield page


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
        if os.environ.get("PARLEY_SCREENSHOTS"):
            await keep_pictures(tab, path.strip("/").replace("/", "-") or "start")
    assert wrong == []


async def keep_pictures(page: Page, name: str) -> None:
    for theme in THEMES:
        await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for width, height in SIZES:
            await page.set_viewport_size({"width": width, "height": height})
            await page.evaluate("document.fonts.ready")
            await page.screenshot(path=FOLDER / f"{name}-{width}-{theme}.png")
