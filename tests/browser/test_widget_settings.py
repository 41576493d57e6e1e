"""The settings of the chat widget in a real browser: the preview follows what is entered."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.test_inbox import inbox, only_once
from tests.parley_server import ParleyServer

__all__ = ["inbox"]
pytestmark = pytest.mark.browser


@only_once
async def test_the_preview_of_the_widget_follows_its_settings(inbox: Page, server: ParleyServer):
    await inbox.goto(f"{server.url}/settings")
    widget = inbox.frame_locator("#widget-preview").locator("#ph-conversations-widget-container")
    greeting = inbox.get_by_role("textbox", name="Greeting")
    await greeting.fill("Ahoy, landlubber")
    await expect(widget.get_by_text("Ahoy, landlubber")).to_be_visible()
    # The widget takes the keyboard when it opens. Who types a greeting goes on typing it.
    await expect(greeting).to_be_focused()
    await inbox.keyboard.type("!")
    await expect(widget.get_by_text("Ahoy, landlubber!")).to_be_visible()
    await inbox.get_by_label("Pick the color").fill("#aa3300")
    await expect(inbox.locator("#widget_color")).to_have_value("#aa3300")
    await inbox.get_by_role("checkbox", name="Ask for a name").check()
    await inbox.get_by_role("checkbox", name="Ask for an e-mail address").check()
    start = widget.get_by_role("button", name="Start Chat")
    await expect(start).to_have_css("background-color", "rgb(170, 51, 0)")


@only_once
async def test_a_form_with_a_fault_opens_at_it_and_the_preview_has_what_was_entered(
    inbox: Page, server: ParleyServer
):
    page = await inbox.context.new_page()  # browsers complain about an answer 422
    await page.goto(f"{server.url}/settings")
    await page.get_by_role("textbox", name="Greeting").fill("Ahoy, landlubber")
    domains = page.get_by_role("textbox", name="Domains")
    await domains.fill("no host!")
    await page.get_by_role("button", name="Save").click()
    await expect(domains).to_have_attribute("aria-invalid", "true")
    await expect(domains).to_be_focused()
    await expect(domains).to_be_in_viewport()
    await expect(page.frame_locator("#widget-preview").get_by_text("Ahoy, landlubber")).to_be_visible()
