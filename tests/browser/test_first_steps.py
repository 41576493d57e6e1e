"""The first steps of a new project in a real browser."""

import uuid

import httpx
import pytest
from playwright.async_api import expect

from tests.browser.accessibility import check_with_axe
from tests.browser.conftest import NewContext
from tests.browser.test_inbox import listening, only_once, sign_in
from tests.parley_server import ParleyServer

pytestmark = pytest.mark.browser


@only_once
async def test_a_first_step_ticks_itself_and_leaves_the_keyboard_where_it_is(
    new_context: NewContext, server: ParleyServer
):
    new = server.bootstrap("begins@example.com")
    page = await (await new_context()).new_page()
    await sign_in(page, server, new)
    await listening(page)
    steps = page.get_by_role("region", name="First steps")
    invite = steps.get_by_role("link", name="Invite a colleague")
    await invite.focus()
    await expect(steps.get_by_role("link", name="Put the chat widget on your site")).to_be_visible()
    said = {"widget_session_id": str(uuid.uuid4()), "distinct_id": "the first visitor", "message": "Hello?"}
    async with httpx.AsyncClient(base_url=server.url) as visitor:
        sent = await visitor.post(
            "/api/conversations/v1/widget/message",
            json=said,
            headers={"X-Conversations-Token": new.widget_token},
        )
        assert sent.status_code == 200, sent.text
    await expect(steps).to_contain_text("Put the chat widget on your site: done")
    await expect(page.locator("#rows .row")).to_contain_text("Hello?")
    await expect(invite).to_be_focused()
    await check_with_axe(page)
