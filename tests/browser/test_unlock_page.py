"""The page that asks for the password of a link, in a real browser: with scripts, without them, and on a phone."""

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.accessibility import check_with_axe
from tests.browser.conftest import NewContext
from tests.browser.test_inbox import PHONE_WIDTH
from tests.parley_server import ParleyServer, Project

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("server", ["sqlite"], indirect=True, scope="session"),
]
PASSWORD = "correct horse battery"


async def locked_link(server: ParleyServer, shop: Project, team: httpx.AsyncClient, recording: str) -> str:
    """Share something with a password, and return the address."""
    sharing = f"/api/projects/{shop.project_id}/session_recordings/{recording}/sharing"
    wanted = {"enabled": True, "password_required": True}
    made = (await team.patch(sharing, json=wanted)).raise_for_status().json()
    (await team.post(f"{sharing}/passwords", json={"raw_password": PASSWORD})).raise_for_status()
    return f"{server.url}/shared/{made['access_token']}"


async def type_password(page: Page, password: str) -> None:
    await page.get_by_label("Password").fill(password)
    await page.keyboard.press("Enter")


async def test_a_link_is_unlocked_by_keyboard_on_a_phone(
    new_context: NewContext, server: ParleyServer, shop: Project, team: httpx.AsyncClient
) -> None:
    page = await (await new_context()).new_page()
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    await page.set_viewport_size({"width": PHONE_WIDTH, "height": 800})
    await page.goto(await locked_link(server, shop, team, "unlocked-on-a-phone"))
    await expect(page.get_by_label("Password")).to_be_focused()
    await check_with_axe(page)
    await type_password(page, "not this one")
    await expect(page.get_by_role("alert")).to_have_text("This password is not right.")
    await expect(page.get_by_label("Password")).to_be_focused()
    await check_with_axe(page)
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE_WIDTH
    await type_password(page, PASSWORD)
    await expect(page.get_by_role("heading", name="Shared recording")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("heading", name="Shared recording")).to_be_visible()
    assert faults == []


async def test_a_link_is_unlocked_without_scripts(
    chromium: Browser, server: ParleyServer, shop: Project, team: httpx.AsyncClient
) -> None:
    context = await chromium.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(await locked_link(server, shop, team, "unlocked-without-scripts"))
    await type_password(page, "not this one")
    await expect(page.get_by_role("alert")).to_have_text("This password is not right.")
    await type_password(page, PASSWORD)
    await expect(page.get_by_role("heading", name="Shared recording")).to_be_visible()
    await page.goto(f"{server.url}/shared/unknown")
    await expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    await context.close()
