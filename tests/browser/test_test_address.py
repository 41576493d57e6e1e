"""Mail without a mail server, in a real browser: written to somebody who is typed, read, and answered as the customer."""

import pytest
from playwright.async_api import expect

from parley.commands.command_database import opened_services
from parley.demo.loading import load_demo_data
from parley.kernel.config.settings import Settings
from tests.browser.accessibility import check_with_axe
from tests.browser.conftest import NewContext
from tests.browser.test_inbox import PHONE_WIDTH, listening, only_once, sign_in
from tests.parley_server import ParleyServer

pytestmark = pytest.mark.browser


@only_once
async def test_with_demo_data_a_conversation_begins_by_mail_and_goes_on(
    new_context: NewContext, server: ParleyServer
):
    new = server.bootstrap("mails@example.com")
    async with opened_services(Settings.from_env(server.settings)) as services:
        await load_demo_data(services, new.project_id)
    page = await (await new_context()).new_page()
    await sign_in(page, server, new)
    await page.get_by_role("link", name="New conversation").first.click()
    await page.get_by_label("To", exact=True).fill("ada@customer.example")
    await page.get_by_label("Subject").fill("Your order")
    await page.get_by_role("textbox", name="Message").click()
    await page.keyboard.type("Your fern has left us.")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.get_by_role("log")).to_contain_text("Kept here: test address.")
    banner = page.get_by_role("note")
    await expect(banner).to_contain_text("Nothing leaves this server.")
    await listening(page)
    await page.get_by_role("textbox", name="Message to").click()
    await page.keyboard.type("It comes by post.")
    await page.keyboard.press("Control+Enter")
    second = page.locator("li.message", has_text="It comes by post.")
    await expect(second).to_contain_text("Kept here: test address.", timeout=60_000)
    await banner.get_by_role("link", name="Answer as the customer").click()
    mails = page.get_by_role("article")
    await expect(mails).to_have_count(2)
    await expect(mails.first).to_contain_text("It comes by post.")
    await mails.first.get_by_text("Headers").click()
    await expect(mails.first).to_contain_text("ada@customer.example")
    await check_with_axe(page)
    await page.set_viewport_size({"width": PHONE_WIDTH, "height": 844})
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE_WIDTH
    await page.get_by_label("A mail of ada@customer.example").fill("It has come!")
    await page.get_by_role("button", name="Send as the customer").click()
    await expect(page.get_by_role("log")).to_contain_text("It has come!")
