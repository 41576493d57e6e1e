"""Every page: no serious finding of axe-core, nothing wider than a phone, and with `SCREENSHOTS=1` pictures to look at.

Each second page is checked in the dark, to save time. With the variable, every page of a project that has something to
show is kept in three sizes and both themes in `build/screenshots/`, and some of them become the pictures of `docs/images/`.
"""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Page

from parley.accounts.setup.rules import setup_token
from parley.kernel.config.settings import Settings
from parley.kernel.secrets import Vault
from tests.browser.accessibility import SETTLED, THEMES, check_with_axe, drawn_until
from tests.browser.conftest import NewContext
from tests.browser.docs_pictures import picture_name, write_pictures
from tests.browser.furnished import furnish
from tests.browser.page_routes import PAGES, PAGES_OF_ONE, WITHOUT_LINK, pages_out_of_the_walk
from tests.browser.test_inbox import PHONE_WIDTH, only_once, sign_in
from tests.parley_server import ParleyServer, Project

pytestmark = pytest.mark.browser
FOLDER = Path(__file__).parents[2] / "build" / "screenshots"
SIZES = ((1280, 800), (1920, 1080), (PHONE_WIDTH, 844))
SIGNED_OUT = {"/login", "/forgotten", "/login/recovery", *WITHOUT_LINK}
SETUP = "/setup/{token:str}"


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


@pytest.fixture
def empty_server(tmp_path: Path) -> Iterator[ParleyServer]:
    made = ParleyServer(tmp_path, {"PARLEY_SMTP_URL": "smtp://127.0.0.1:9"})
    made.start()
    yield made
    made.stop()


@pytest.mark.skipif(not os.environ.get("SCREENSHOTS"), reason="Takes minutes; `make screenshots` runs it.")
async def test_every_page_of_a_project_with_something_to_show_can_be_looked_at(
    new_context: NewContext, empty_server: ParleyServer
) -> None:
    stranger, member = [await (await new_context()).new_page() for _ in range(2)]
    vault = Vault(Settings.from_env(empty_server.settings).secret_key)
    wrong = await looked_at(stranger, empty_server, SETUP, f"/setup/{setup_token(vault)}")
    project = empty_server.bootstrap("lea@fern.example")
    addresses = await furnish(empty_server, project)
    await sign_in(member, empty_server, project)
    links: set[str] = set()
    for path in PAGES:
        page = stranger if path in SIGNED_OUT else member
        wrong += await looked_at(page, empty_server, path, path)
        links |= await links_on(page)
    for route in PAGES_OF_ONE:
        if route.path == SETUP:
            continue  # It is there only before the first account.
        is_linked = route.path not in WITHOUT_LINK
        address = min(filter(route.is_at, links), default=None) if is_linked else addresses[route.path]
        page = member if is_linked else stranger
        wrong += await looked_at(page, empty_server, route.path, address)
        links |= await links_on(page)
    assert wrong == []
    write_pictures(FOLDER)


async def links_on(page: Page) -> set[str]:
    found = await page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
    return {urlsplit(address).path for address in found}


async def looked_at(page: Page, server: ParleyServer, route: str, address: str | None) -> list[str]:
    """Keep pictures of a page, and return what is wrong with it."""
    if address is None:
        return [f"nothing leads to {route}: tests/browser/furnished.py should make one"]
    answer = await page.goto(f"{server.url}{address}")
    if answer is None or answer.status != 200:
        return [f"{route} was answered by {answer and answer.status}"]
    wrong = []
    for theme in THEMES:
        await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for width, height in SIZES:
            await page.set_viewport_size({"width": width, "height": height})
            await page.evaluate("document.fonts.ready")
            await drawn_until(page.main_frame, SETTLED)  # Colours fade from one theme to the other.
            if await page.evaluate("document.documentElement.scrollWidth") > width:
                wrong.append(f"{route} is wider than {width}")
            await page.screenshot(path=FOLDER / f"{picture_name(route)}-{width}-{theme}.png")
    return wrong
