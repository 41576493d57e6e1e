"""Conversations are merged and split in a real browser, without loading the page anew."""

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.browser.accessibility import check_with_axe
from tests.browser.test_inbox import PHONE_WIDTH, Writer, inbox, listening, only_once, writer
from tests.parley_server import Project

__all__ = ["inbox", "writer"]
pytestmark = pytest.mark.browser


@only_once
async def test_conversations_are_merged_and_split_without_reloading(inbox: Page, writer: Writer):
    await inbox.set_viewport_size({"width": 1440, "height": 900})
    await listening(inbox)
    await writer.write("Where is my fern?")
    await writer.write("Hello? The fern?")
    rows = inbox.locator("#rows .row", has_text=writer.name)
    await expect(rows).to_have_count(2)
    newer, older = [await rows.nth(place).get_attribute("data-number") for place in (0, 1)]
    await rows.nth(0).click()
    more = inbox.locator("#opened summary[title='More actions']")
    await more.click()
    await inbox.get_by_role("link", name="Merge...").click()
    await inbox.get_by_role("searchbox").press_sequentially(f"#{older}")
    await check_with_axe(inbox)
    await inbox.get_by_role("button", name=f"#{older} ").click()
    await inbox.get_by_role("button", name="Merge").click()
    await expect(inbox.get_by_role("log")).to_contain_text("into this one")
    await expect(inbox.locator("li.message")).to_have_count(2)
    await expect(rows).to_have_count(1)
    await more.click()
    await inbox.get_by_text("Split off messages").click()
    await inbox.get_by_role("checkbox", name="Split off this message").nth(1).check()
    await check_with_axe(inbox)
    await inbox.get_by_label("Subject of the new conversation").fill("The fern again")
    await inbox.get_by_role("button", name="Split off", exact=True).click()
    await expect(inbox.locator("li.message")).to_have_count(1)
    await expect(inbox.get_by_role("log")).to_contain_text("Hello? The fern?")
    await expect(rows).to_have_count(2)
    await inbox.get_by_role("log").get_by_role("link", name=f"#{newer}", exact=True).click()
    await more.click()
    await inbox.get_by_role("button", name="Un-merge").click()
    await expect(rows).to_have_count(3)


@only_once
async def test_what_colleagues_merge_moves_on_open_pages(
    inbox: Page, writer: Writer, team: httpx.AsyncClient, shop: Project
):
    first, second = await writer.write("Where is my fern?"), await writer.write("Hello? The fern?")
    tickets = f"/api/projects/{shop.project_id}/conversations/tickets/"
    one, two = [(await team.get(f"{tickets}{id}/")).json()["ticket_number"] for id in (first, second)]
    root = inbox.url.split("/inbox")[0]
    await inbox.goto(f"{root}/inbox/{two}")
    await listening(inbox)
    await inbox.get_by_role("textbox", name="Message to").fill("I am typing")
    await team.post(f"{tickets}{two}/merge/", json={"into": one})
    await expect(inbox.locator(".merged-note")).to_contain_text(
        f"#{two} is merged into this conversation, #{one}."
    )
    await expect(inbox.get_by_role("textbox", name="Message to")).to_have_text("I am typing")
    await expect(inbox.locator("li.message")).to_have_count(2)
    await team.post(f"{tickets}{two}/unmerge/")
    await expect(inbox.locator("li.message")).to_have_count(1)
    await expect(inbox.get_by_role("log")).to_contain_text("Where is my fern?")
    await team.post(f"{tickets}{two}/merge/", json={"into": one})
    await expect(inbox.locator("li.message")).to_have_count(2)


@only_once
async def test_a_phone_can_split_a_conversation(inbox: Page, writer: Writer):
    await inbox.set_viewport_size({"width": PHONE_WIDTH, "height": 844})
    await listening(inbox)
    await writer.write("The second one", await writer.write("The first one"))
    await inbox.locator("#rows .row", has_text=writer.name).click()
    await inbox.locator("#opened summary[title='More actions']").click()
    await inbox.get_by_text("Split off messages").click()
    await inbox.get_by_role("checkbox", name="Split off this message").nth(0).check()
    assert await inbox.evaluate("document.documentElement.scrollWidth") <= PHONE_WIDTH
    await inbox.locator("#split").get_by_text("Cancel").click()
    await expect(inbox.get_by_role("textbox", name="Message to")).to_be_visible()
