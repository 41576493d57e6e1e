"""What lies over a page: the command bar and the cheat sheet keep the keyboard, and give it back."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.accessibility import check_with_axe
from tests.browser.conftest import NewContext
from tests.browser.test_inbox import listening, sign_in
from tests.browser.test_search import opened
from tests.parley_server import ParleyServer, Project

pytestmark = pytest.mark.browser
only_once = pytest.mark.parametrize("server", ["sqlite"], indirect=True, scope="session")


@pytest_asyncio.fixture
async def inbox(
    new_context: NewContext, server: ParleyServer, shop: Project, team: httpx.AsyncClient
) -> AsyncIterator[Page]:
    """A tab with the inbox, in which the keyboard is on the first of several conversations."""
    for n in range(6):
        await opened(team, shop, distinct_id="dia", message=f"Under the dialog {n}")
    page = await (await new_context()).new_page()
    await page.set_viewport_size({"width": 1280, "height": 800})
    await sign_in(page, server, shop)
    await listening(page)
    await page.keyboard.press("1")
    await expect(page.locator("#rows .row").first).to_be_focused()
    yield page


@only_once
async def test_the_keyboard_stays_in_the_command_bar_and_goes_back_to_where_it_was(inbox: Page):
    bar, first = inbox.get_by_role("dialog", name="Command bar"), inbox.locator("#rows .row").first
    field = bar.get_by_role("combobox")
    await inbox.keyboard.press("Control+k")
    await expect(field).to_be_focused()
    for press in ("Tab", "Tab", "Shift+Tab"):
        await inbox.keyboard.press(press)
        await expect(field).to_be_focused()
    await expect(bar).to_have_attribute("aria-modal", "true")
    await inbox.locator("#search").focus()  # as a part of the page does that has just been loaded
    await expect(field).to_be_focused()
    await inbox.keyboard.type("jk")
    await expect(field).to_have_value("jk")
    await inbox.keyboard.press("Escape")
    await expect(bar).to_have_count(0)
    await expect(first).to_be_focused()
    await inbox.locator("#search").focus()
    await inbox.keyboard.press("Control+k")
    await expect(field).to_be_focused()
    await inbox.keyboard.press("Control+k")
    await expect(bar).to_have_count(0)
    await expect(inbox.locator("#search")).to_be_focused()


@only_once
async def test_the_keyboard_goes_back_to_a_row_that_was_loaded_anew_meanwhile(
    inbox: Page, team: httpx.AsyncClient, shop: Project
):
    first = inbox.locator("#rows .row").first
    row_id = await first.get_attribute("id")
    await inbox.keyboard.press("Control+k")
    bar = inbox.get_by_role("dialog", name="Command bar")
    await expect(bar).to_be_visible()
    number = await opened(team, shop, distinct_id="dia", message="While the bar is open")
    await expect(first).to_have_attribute("data-number", str(number))
    await inbox.keyboard.press("Escape")
    await expect(bar).to_have_count(0)
    await expect(inbox.locator(f"#{row_id}")).to_be_focused()


@only_once
async def test_tab_goes_round_in_the_cheat_sheet_and_no_key_acts_behind_it(inbox: Page):
    sheet = inbox.get_by_role("dialog", name="Keys")
    await inbox.keyboard.press("?")
    box, close = sheet.get_by_role("checkbox"), sheet.get_by_role("button", name="Close")
    await expect(sheet.get_by_role("heading", name="Keys")).to_be_focused()
    for press, at in (("Tab", box), ("Tab", close), ("Tab", box), ("Shift+Tab", close), ("Shift+Tab", box)):
        await inbox.keyboard.press(press)
        await expect(at).to_be_focused()
    for key in ("j", "k", "x", "c", "Control+k"):
        await inbox.keyboard.press(key)
    await expect(sheet).to_be_visible()
    await expect(inbox.get_by_role("dialog")).to_have_count(1)
    await expect(inbox.locator("#rows .row[aria-current]")).to_have_count(0)
    await expect(inbox.locator("#rows .row-tick:checked")).to_have_count(0)
    await close.click()
    await expect(sheet).to_have_count(0)
    await expect(inbox.locator("#rows .row").first).to_be_focused()
    await inbox.keyboard.press("x")
    await expect(inbox.locator("#rows .row-tick:checked")).to_have_count(1)


@only_once
async def test_a_press_beside_a_dialog_closes_it_and_presses_nothing_behind(inbox: Page):
    column = await inbox.locator(".inbox-list").bounding_box()
    assert column is not None
    behind = column["x"] + 60, column["y"] + column["height"] / 2
    assert await inbox.evaluate(
        "([x, y]) => document.elementFromPoint(x, y).closest('#rows') !== null", behind
    )
    for key, name in (("Control+k", "Command bar"), ("?", "Keys")):
        await inbox.keyboard.press(key)
        shown = inbox.get_by_role("dialog", name=name)
        await expect(shown).to_be_visible()
        await shown.click(position={"x": 5, "y": 5})
        await expect(shown).to_be_visible()
        await inbox.mouse.click(*behind)
        await expect(shown).to_have_count(0)
        await expect(inbox.locator("#rows .row").first).to_be_focused()
    await expect(inbox.locator("#rows .row[aria-current]")).to_have_count(0)


@only_once
async def test_dialogs_fit_a_phone(inbox: Page):
    await inbox.set_viewport_size({"width": 390, "height": 800})
    for key, name in (("Control+k", "Command bar"), ("?", "Keys")):
        await inbox.keyboard.press(key)
        shown = inbox.get_by_role("dialog", name=name)
        await expect(shown).to_be_in_viewport(ratio=1)
        await check_with_axe(inbox)
        await inbox.keyboard.press("Escape")
        await expect(shown).to_have_count(0)
