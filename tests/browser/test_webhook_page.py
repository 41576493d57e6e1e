"""The page of a webhook shows by itself what became of a message."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.test_inbox import inbox, only_once

__all__ = ["inbox"]
pytestmark = pytest.mark.browser


@only_once
async def test_the_outcome_of_a_test_message_appears_by_itself(inbox: Page):
    await inbox.goto(f"{inbox.url.split('/inbox')[0]}/settings/webhooks")
    # Nobody has this name.
    await inbox.get_by_label("URL").fill("https://receiver.invalid/parley")
    await inbox.get_by_role("button", name="Add webhook").click()
    await inbox.get_by_role("button", name="Send a test message").click()
    log = inbox.get_by_role("region", name="Deliveries")
    await expect(log.get_by_text("1 attempt")).to_be_visible()
    await expect(log.get_by_text("webhook.test", exact=True)).to_be_in_viewport()
