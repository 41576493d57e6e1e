"""Resolving and snoozing in a real browser: the next conversation is shown, and it can be undone."""

import re
from urllib.parse import quote

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.browser.test_inbox import Writer, inbox, listening, only_once, writer
from tests.parley_server import Project

__all__ = ["inbox", "writer"]
pytestmark = pytest.mark.browser
PICK_AT_ONCE = """(name) => new MutationObserver((_, observer) => {
  const row = [...document.querySelectorAll("#rows .row")].find((one) => one.textContent.includes(name));
  if (!row) return;
  observer.disconnect();
  row.click();
}).observe(document.querySelector("#list"), { childList: true })"""
"""Picks the conversation with a person in the same moment in which the list with it was loaded."""


@only_once
async def test_resolving_shows_the_next_one_and_can_be_undone(inbox: Page, writer: Writer):
    await listening(inbox)
    await writer.write("The older one")
    await writer.write("The newer one")
    rows = inbox.locator("#rows .row", has_text=writer.name)
    await expect(rows).to_have_count(2)
    newer, older = [await rows.nth(place).get_attribute("data-number") for place in (0, 1)]
    await rows.nth(0).click()
    await expect(inbox.get_by_role("log")).to_contain_text("The newer one")
    await inbox.keyboard.press("e")
    await expect(inbox.locator("#undo-note")).to_contain_text(f"#{newer} is resolved.")
    await inbox.locator("#undo-note").get_by_role("button", name="Undo").click()
    await expect(inbox.get_by_role("log")).to_contain_text("The older one")
    await expect(rows).to_have_count(2)
    await expect(inbox.locator("#thread-head")).to_contain_text(f"#{older}")
    await expect(inbox.locator("#rows .row[aria-current]")).to_have_attribute("data-number", older or "")


@only_once
@pytest.mark.parametrize("key", ["j", "e"])
async def test_next_is_what_stood_below_before_a_change_of_mine_moved_the_row(
    inbox: Page, writer: Writer, key: str
):
    """Whoever takes one by one would never come down the list: each one taken moves to its top."""
    await listening(inbox)
    for text in ("The oldest one", "The middle one", "The newest one"):
        await writer.write(text)
    rows = inbox.locator("#rows .row", has_text=writer.name)
    await expect(rows).to_have_count(3)
    await rows.nth(1).click()
    await expect(inbox.get_by_role("log")).to_contain_text("The middle one")
    await inbox.keyboard.press("a")
    await expect(rows.nth(0)).to_contain_text("The middle one")
    await inbox.keyboard.press(key)
    await expect(inbox.get_by_role("log")).to_contain_text("The oldest one")
    await inbox.keyboard.press("k")
    await expect(inbox.get_by_role("log")).to_contain_text("The newest one")


@only_once
async def test_undo_after_send_and_resolve_takes_back_the_reply(inbox: Page, writer: Writer, team):
    await listening(inbox)
    await writer.write("The older one")
    await writer.write("The newer one")
    rows = inbox.locator("#rows .row", has_text=writer.name)
    await expect(rows).to_have_count(2)
    newer = await rows.nth(0).get_attribute("data-number")
    await team.patch("/api/users/@me/", json={"undo_send_s": 30})
    try:
        await rows.nth(0).click()
        await expect(inbox.get_by_role("log")).to_contain_text("The newer one")
        await inbox.locator("#content").click()
        field = inbox.get_by_role("textbox", name="Message to")
        await expect(field).to_be_focused()
        await inbox.keyboard.type("Too early")
        await inbox.get_by_role("button", name="Send and resolve").click()
        await expect(inbox.get_by_role("log")).to_contain_text("The older one")
        await inbox.locator("#undo-note").get_by_role("button", name="Undo").click()
        await expect(inbox.locator("#thread-head")).to_contain_text(f"#{newer}")
        await expect(field).to_have_text("Too early")
        await expect(inbox.locator("li.message-team")).to_have_count(0)
        await expect(inbox.get_by_text("Your reply is sent in")).to_have_count(0)
    finally:
        await team.patch("/api/users/@me/", json={"undo_send_s": 0})


@only_once
async def test_one_whose_answer_still_waits_is_not_shown_as_the_next_one(inbox: Page, writer: Writer, team):
    """It would turn resolved under the eyes of whoever reads it, and the next key would reopen it."""
    for text in ("The oldest one", "The middle one", "The newest one"):
        await writer.write(text)
    await inbox.goto(f"{inbox.url.split('/inbox')[0]}/inbox?search={quote(writer.name)}")
    await listening(inbox)
    rows, log = inbox.locator("#rows .row", has_text=writer.name), inbox.get_by_role("log")
    await expect(rows).to_have_count(3)
    await team.patch("/api/users/@me/", json={"undo_send_s": 30})
    try:
        await rows.nth(1).click()
        await expect(log).to_contain_text("The middle one")
        await inbox.locator("#content").click()
        await expect(inbox.get_by_role("textbox", name="Message to")).to_be_focused()
        await inbox.keyboard.type("Done")
        await inbox.get_by_role("button", name="Send and resolve").click()
        await expect(log).to_contain_text("The oldest one")
        await expect(rows).to_have_count(3)
        await inbox.keyboard.press("e")
        await expect(log).to_contain_text("The newest one")
    finally:
        await team.patch("/api/users/@me/", json={"undo_send_s": 0})


@only_once
async def test_a_row_that_was_loaded_just_now_is_shown_without_loading_the_page(inbox: Page, writer: Writer):
    await listening(inbox)
    await inbox.evaluate("() => { window.isSamePage = true; }")
    await inbox.evaluate(PICK_AT_ONCE, writer.name)
    await writer.write("Quicker than the page")
    await expect(inbox.get_by_role("log")).to_contain_text("Quicker than the page")
    assert await inbox.evaluate("() => window.isSamePage") is True


@only_once
async def test_snoozing_shows_the_next_one_says_until_when_and_can_be_undone(
    inbox: Page, writer: Writer, team: httpx.AsyncClient, shop: Project
):
    await listening(inbox)
    await writer.write("The older one")
    id = await writer.write("The newer one")
    rows = inbox.locator("#rows .row", has_text=writer.name)
    await expect(rows).to_have_count(2)
    newer = await rows.nth(0).get_attribute("data-number")
    await rows.nth(0).click()
    await expect(inbox.get_by_role("log")).to_contain_text("The newer one")
    await inbox.keyboard.press("s")
    await expect(inbox.get_by_role("dialog")).to_be_visible()
    await inbox.keyboard.type("week")
    await inbox.keyboard.press("Enter")
    said = inbox.locator("#undo-note")
    await expect(said).to_contain_text(
        re.compile(rf"#{newer} is snoozed until \w+ \d+ \w+, \d\d:\d\d\.|\d{{4}}, \d\d:\d\d\.")
    )
    await expect(inbox.get_by_role("log")).to_contain_text("The older one")
    await expect(rows).to_have_count(1)
    await inbox.keyboard.press("z")
    await expect(rows).to_have_count(2)
    await expect(said).to_be_hidden()
    path = f"/api/projects/{shop.project_id}/conversations/tickets/{id}/"
    found = (await team.get(path)).json()
    assert (found["snoozed_until"], found["status"]) == (None, "new")


@only_once
async def test_a_snooze_that_is_moved_goes_back_to_what_it_was(
    inbox: Page, writer: Writer, team: httpx.AsyncClient, shop: Project
):
    id = await writer.write("Later, please")
    path = f"/api/projects/{shop.project_id}/conversations/tickets/{id}/"
    number = (await team.patch(path, json={"snoozed_until": "2030-12-25T14:05:00Z"})).json()["ticket_number"]
    await inbox.goto(f"{inbox.url.split('/inbox')[0]}/inbox/{number}?snoozed=true")
    await listening(inbox)
    await inbox.locator("#snooze").select_option("tomorrow")
    said = inbox.locator("#undo-note")
    await expect(said).to_contain_text(f"#{number} is snoozed until")
    await expect(said).not_to_contain_text("25 Dec 2030")
    await said.get_by_role("button", name="Undo").click()
    await expect(inbox.locator("#rows .row", has_text=writer.name)).to_have_count(1)
    await expect(inbox.locator("#thread-head")).to_contain_text("wakes up Wed 25 Dec 2030")
    found = (await team.get(path)).json()
    assert (found["snoozed_until"], found["status"]) == ("2030-12-25T14:05:00Z", "on_hold")
