"""The list of the inbox in a real browser: many ticked at once, and a place that stays while the list is loaded anew."""

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.browser.accessibility import check_with_axe
from tests.browser.test_inbox import inbox, listening, only_once, writer
from tests.parley_server import Project

__all__ = ["inbox", "writer"]
pytestmark = pytest.mark.browser


@only_once
async def test_many_are_ticked_and_stay_ticked_while_the_list_is_loaded_anew(
    inbox: Page, team: httpx.AsyncClient, shop: Project
):
    await listening(inbox)
    tickets = f"/api/projects/{shop.project_id}/conversations/tickets/"
    for number in range(4):
        (
            await team.post(tickets, json={"distinct_id": f"many-{number}", "tags": ["many"]})
        ).raise_for_status()
    await inbox.goto(inbox.url.split("/inbox")[0] + "/inbox?tag=many")
    await listening(inbox)
    ticks = inbox.locator("#rows .row-tick")
    await ticks.nth(0).click()
    await ticks.nth(2).click(modifiers=["Shift"])
    await expect(inbox.locator("#n-ticked")).to_have_text("3 ticked")
    (await team.post(tickets, json={"distinct_id": "one more", "tags": ["many"]})).raise_for_status()
    await expect(ticks).to_have_count(5)
    await expect(inbox.locator("#rows .row-tick:checked")).to_have_count(3)
    await expect(ticks.nth(0)).not_to_be_checked()
    await check_with_axe(inbox)
    await inbox.get_by_role("button", name="Apply status").click()
    told = inbox.locator("#told")
    await expect(told).to_contain_text("3 conversations resolved.")
    await expect(ticks).to_have_count(2)
    await told.get_by_role("button", name="Undo").click()
    await expect(told).to_contain_text("Undone: 3 conversations as before.")
    await expect(ticks).to_have_count(5)
    await expect(inbox.locator("#n-ticked")).to_have_text("3 ticked")
    await check_with_axe(inbox)
    await listening(inbox)
    (await team.post(tickets, json={"distinct_id": "and one more", "tags": ["many"]})).raise_for_status()
    await expect(ticks).to_have_count(6)
    await expect(inbox.locator("#rows .row-tick:checked")).to_have_count(3)
