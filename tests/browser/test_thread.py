"""The messages of one conversation in real browsers: what is new joins what is there, and colleagues see each other."""

import uuid

import httpx
import pytest_asyncio
from playwright.async_api import Page, expect

from parley.kernel.http.cookies import CSRF_COOKIE
from tests.browser.accessibility import check_with_axe
from tests.browser.conftest import NewContext
from tests.browser.test_inbox import inbox, listening, only_once
from tests.parley_server import PASSWORD, ParleyServer, Project

__all__ = ["inbox"]


@pytest_asyncio.fixture
async def number(team: httpx.AsyncClient, shop: Project) -> int:
    """A new conversation."""
    tickets = f"/api/projects/{shop.project_id}/conversations/tickets/"
    made = await team.post(tickets, json={"distinct_id": uuid.uuid4().hex, "message": "Where is my fern?"})
    found: int = made.json()["ticket_number"]
    return found


@only_once
async def test_what_happens_joins_an_open_thread(
    inbox: Page, team: httpx.AsyncClient, shop: Project, number: int
):
    ticket = f"/api/projects/{shop.project_id}/conversations/tickets/{number}/"
    await inbox.goto(inbox.url.split("/inbox")[0] + f"/inbox/{number}")
    await listening(inbox)
    for priority in ("low", "medium", "high"):
        await team.patch(ticket, json={"priority": priority})
    thread = inbox.locator("#messages")
    await expect(thread.locator("summary")).to_contain_text("3 changes by owner@example.com")
    await thread.locator("summary").click()
    await team.patch(ticket, json={"tags": ["fern"]})
    await expect(thread.get_by_text("added the tag fern")).to_be_visible()
    for text in ("I look it up.", "It left today."):
        await inbox.get_by_role("textbox", name="Message to").fill(text)
        await inbox.get_by_role("button", name="Send reply").click()
        await expect(thread).to_contain_text(text)
    await expect(thread.locator(".thread-day")).to_have_count(1)
    await expect(thread.locator(".message")).to_have_count(3)
    await check_with_axe(inbox)


@only_once
async def test_colleagues_see_who_looks_and_who_writes(
    inbox: Page, new_context: NewContext, server: ParleyServer, number: int
):
    """Whoever goes away is gone at once, without anybody loading anything."""
    [token] = [one["value"] for one in await inbox.context.cookies() if one["name"] == CSRF_COOKIE]
    invites, address = (
        f"{server.url}/api/organizations/@current/invites/",
        f"sam-{uuid.uuid4().hex}@example.com",
    )
    invited = await inbox.request.post(
        invites, data={"target_email": address}, headers={"X-CSRFToken": token}
    )
    link = (await invited.json())["invite_link"]
    sam = await (await new_context()).new_page()
    await sam.goto(server.url + "/" + link.split("/", 3)[3])
    await sam.get_by_label("Your first name").fill("Sam")
    await sam.get_by_label("Password").fill(PASSWORD)
    await sam.get_by_role("button", name="Join").click()
    await expect(sam.get_by_role("heading", name="Inbox")).to_be_attached()
    await inbox.goto(f"{server.url}/inbox/{number}")
    await listening(inbox)
    await sam.goto(f"{server.url}/inbox/{number}")
    seen = inbox.locator("#presence")
    await expect(seen).to_contain_text("Sam is looking at this too")
    await expect(sam.locator("#presence")).to_contain_text("is looking at this too")
    await sam.get_by_role("textbox", name="Message to").press_sequentially("Hi")
    await expect(seen).to_contain_text("Sam is writing")
    await check_with_axe(inbox)
    await inbox.get_by_role("textbox", name="Message to").press_sequentially("Hello")
    await inbox.get_by_role("button", name="Send reply").click()
    await expect(sam.locator("#composer").get_by_text("answered now.")).to_be_visible()
    await check_with_axe(sam)
    await sam.get_by_role("button", name="Send reply").click()
    await expect(sam.get_by_role("alert").filter(has_text="Send it all the same?")).to_be_visible()
    await expect(sam.get_by_role("textbox", name="Message to")).to_have_text("Hi")
    await sam.get_by_role("button", name="Send reply").click()
    await expect(sam.get_by_text("Your reply is sent in")).to_be_visible()
    await sam.goto(f"{server.url}/inbox")
    await expect(seen).to_be_empty()
