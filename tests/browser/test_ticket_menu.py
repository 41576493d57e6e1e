"""The menu of a conversation in a real browser: its link, leaving it unread, and deleting it."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.accessibility import check_with_axe
from tests.browser.conftest import NewContext
from tests.browser.test_inbox import Writer, inbox, listening, only_once, sign_in, writer
from tests.parley_server import ParleyServer, Project

__all__ = ["inbox", "writer"]
pytestmark = pytest.mark.browser


async def opened(inbox: Page, writer: Writer, text: str) -> str:
    """Open a new conversation with its menu, and return its number."""
    await listening(inbox)
    await writer.write(text)
    row = inbox.locator("#rows .row", has_text=writer.name)
    number = await row.get_attribute("data-number")
    await row.click()
    await expect(inbox.get_by_role("log")).to_contain_text(text)
    await expect(row).not_to_contain_text("unread")
    await inbox.locator("#opened summary[title='More actions']").click()
    return number or ""


@only_once
async def test_the_link_of_a_conversation_is_copied(inbox: Page, writer: Writer, server: ParleyServer):
    await inbox.context.grant_permissions(["clipboard-read", "clipboard-write"])
    number = await opened(inbox, writer, "Where is my fern?")
    await check_with_axe(inbox)
    copy = inbox.get_by_role("button", name="Copy link")
    await copy.click()
    await expect(inbox.get_by_role("button", name="Copied")).to_be_visible()
    assert await inbox.evaluate("navigator.clipboard.readText()") == f"{server.url}/inbox/{number}"
    await expect(copy).to_be_visible()


@only_once
async def test_a_conversation_stays_unread_although_a_colleague_has_it_open(
    inbox: Page, writer: Writer, new_context: NewContext, server: ParleyServer, shop: Project
):
    number = await opened(inbox, writer, "Where is my fern?")
    colleague = await (await new_context()).new_page()
    await sign_in(colleague, server, shop)
    await colleague.goto(f"{server.url}/inbox/{number}")
    await listening(colleague)
    await inbox.get_by_role("button", name="Mark as unread").click()
    await expect(inbox.locator("#told")).to_contain_text(f"#{number} is unread again.")
    row = inbox.locator("#rows .row", has_text=writer.name)
    await expect(row).to_contain_text("1 unread")
    theirs = colleague.locator("#rows .row", has_text=writer.name)
    await expect(theirs).to_contain_text("1 unread")
    await colleague.locator("#priority").select_option("high")
    await expect(row).to_contain_text("High")
    await expect(theirs).to_contain_text("1 unread")
    await row.click()
    await expect(row).not_to_contain_text("unread")


@only_once
async def test_deleting_asks_and_a_key_undoes_it(inbox: Page, writer: Writer):
    number = await opened(inbox, writer, "Where is my fern?")
    await inbox.get_by_role("link", name="Delete...").click()
    await expect(inbox.get_by_role("heading", name=f"Delete conversation #{number}?")).to_be_visible()
    await check_with_axe(inbox)
    await inbox.get_by_role("button", name="Delete").click()
    await expect(inbox.locator("#told")).to_contain_text(f"#{number} is deleted.")
    await expect(inbox.locator("#rows .row", has_text=writer.name)).to_have_count(0)
    await listening(inbox)
    await inbox.keyboard.press("z")
    await expect(inbox.get_by_role("log")).to_contain_text("Where is my fern?")
    await expect(inbox.locator("#rows .row", has_text=writer.name)).to_have_count(1)
