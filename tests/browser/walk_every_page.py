"""Pictures of every page of a project that has something to show, in three sizes and both themes.

`make screenshots` runs it, since it takes minutes: no run of the suite collects a file of this name. The pictures are kept
in `build/screenshots/`, and some of them become those of `docs/images/`.
"""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page

from parley.accounts.setup.rules import setup_token
from parley.kernel.config.settings import Settings
from parley.kernel.secrets import Vault
from tests.browser.accessibility import SETTLED, THEMES, drawn_until
from tests.browser.conftest import NewContext
from tests.browser.docs_pictures import picture_name, write_pictures
from tests.browser.furnished import furnish
from tests.browser.page_routes import OF_SOME_THINGS, PAGES, PAGES_OF_ONE, WITHOUT_LINK
from tests.browser.test_inbox import PHONE_WIDTH, sign_in
from tests.parley_server import ParleyServer

pytestmark = pytest.mark.browser
FOLDER = Path(__file__).parents[2] / "build" / "screenshots"
SIZES = ((1280, 800), (1920, 1080), (PHONE_WIDTH, 844))
SIGNED_OUT = {"/login", "/forgotten", "/login/recovery", *WITHOUT_LINK}
SETUP = "/setup/{token:str}"


@pytest.fixture
def empty_server(tmp_path: Path) -> Iterator[ParleyServer]:
    made = ParleyServer(tmp_path, {"PARLEY_SMTP_URL": "smtp://127.0.0.1:9"})
    made.start()
    yield made
    made.stop()


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
        is_linked = route.path not in WITHOUT_LINK | OF_SOME_THINGS
        address = min(filter(route.is_at, links), default=None) if is_linked else addresses[route.path]
        page = stranger if route.path in WITHOUT_LINK else member
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
