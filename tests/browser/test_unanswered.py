"""Requests that the server has not answered, in a real browser: nothing that somebody wrote is lost or sent twice."""

import asyncio
import re

import pytest
from playwright.async_api import Dialog, Page, Route, expect

from tests.browser.conftest import NewContext
from tests.browser.test_composer import open_ticket
from tests.browser.test_inbox import Writer, listening, only_once, sign_in, writer
from tests.parley_server import PASSWORD, ParleyServer, Project

__all__ = ["writer"]
pytestmark = pytest.mark.browser


async def new_ticket(team, shop: Project) -> int:
    tickets = f"/api/projects/{shop.project_id}/conversations/tickets/"
    made = await team.post(tickets, json={"distinct_id": "ada", "message": "Hello"})
    number: int = made.json()["ticket_number"]
    return number


async def signed_in(new_context: NewContext, server: ParleyServer, shop: Project) -> Page:
    page = await (await new_context()).new_page()
    await sign_in(page, server, shop)
    return page


async def sign_in_again(page: Page, shop: Project, path: str) -> None:
    await page.wait_for_url(re.compile(rf"/login\?next={path}"))
    await page.get_by_label("E-mail address").fill(shop.email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.get_by_text("is here again")).to_be_visible()


@only_once
async def test_an_answer_survives_a_session_that_has_ended(
    server: ParleyServer, team, shop: Project, new_context: NewContext
):
    page = await signed_in(new_context, server, shop)
    await open_ticket(page, await new_ticket(team, shop))
    async with page.expect_response(lambda answer: answer.url.endswith("/draft/")):
        await page.keyboard.type("Sent ")
    await page.context.clear_cookies()
    await page.keyboard.type("too late")
    await page.keyboard.press("Control+Enter")
    await page.wait_for_url(re.compile(r"/login\?next="))
    await page.get_by_label("E-mail address").fill(shop.email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.locator("#content")).to_have_value("Sent too late")
    await page.locator("#content").click()
    await page.get_by_role("button", name="Send reply").click()
    await expect(page.locator("li.message-team")).to_contain_text("Sent too late")
    await page.reload()
    await expect(page.locator("#content")).to_have_value("")


@only_once
@pytest.mark.parametrize("arrives", [False, True], ids=["no request", "no answer"])
async def test_an_answer_to_a_server_that_can_not_be_reached_is_kept_and_sent_once(
    server: ParleyServer, team, shop: Project, new_context: NewContext, *, arrives: bool
):
    page = await signed_in(new_context, server, shop)
    await open_ticket(page, await new_ticket(team, shop))

    async def break_off(route: Route) -> None:
        if arrives:
            await route.fetch()
        await route.abort()

    await page.route("**/messages*", break_off, times=1)
    await page.route("**/draft/", lambda route: route.abort())
    await page.keyboard.type("Is anybody there?")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#trouble")).to_contain_text("can't be reached")
    await expect(page.get_by_role("textbox", name="Message to")).to_have_text("Is anybody there?")
    await page.unroute_all()
    await page.reload()
    await page.locator("#content").click()
    await expect(page.get_by_role("textbox", name="Message to")).to_have_text("Is anybody there?")
    await page.get_by_role("button", name="Send reply").click()
    await expect(page.get_by_role("textbox", name="Message to")).to_have_text("")
    await page.reload()
    await expect(page.locator("li.message-team")).to_have_count(1)
    await expect(page.locator("#content")).to_have_value("")


@only_once
async def test_what_was_sent_while_another_conversation_was_opened_is_no_draft(
    server: ParleyServer, team, shop: Project, new_context: NewContext, writer: Writer
):
    page = await signed_in(new_context, server, shop)
    await writer.write("Look at me")
    number, opened = await new_ticket(team, shop), asyncio.Event()
    await open_ticket(page, number)

    async def wait(route: Route) -> None:
        await opened.wait()
        await route.continue_()

    await page.route("**/messages", wait, times=1)
    await page.keyboard.type("On its way")
    async with page.expect_request("**/messages"):
        await page.keyboard.press("Control+Enter")
    await page.locator("#rows .row", has_text=writer.name).click()
    await expect(page.get_by_role("log")).to_contain_text("Look at me")
    async with page.expect_response(
        lambda answer: answer.request.method == "POST" and "/messages" in answer.url
    ):
        opened.set()
    await page.locator(f"#row-{number}").click()
    await expect(page.locator("li.message-team")).to_contain_text("On its way")
    await expect(page.get_by_role("textbox", name="Message to")).to_have_text("")


@only_once
async def test_a_draft_that_is_kept_after_its_message_was_sent_is_dropped(
    server: ParleyServer, team, shop: Project, new_context: NewContext
):
    page = await signed_in(new_context, server, shop)
    await open_ticket(page, await new_ticket(team, shop))
    sent, drafts = asyncio.Event(), "**/draft/"

    async def wait(route: Route) -> None:
        await sent.wait()
        await route.continue_()

    await page.route(drafts, wait, times=1)
    async with page.expect_request(drafts):
        await page.keyboard.type("Quicker than its draft")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("li.message-team")).to_contain_text("Quicker than its draft")
    async with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        sent.set()
    await page.reload()
    await expect(page.locator("#content")).to_have_value("")


@only_once
async def test_details_go_on_after_a_change_that_was_answered_in_another_conversation(
    server: ParleyServer, team, shop: Project, new_context: NewContext, writer: Writer
):
    page = await signed_in(new_context, server, shop)
    ticket_id, opened = await writer.write("Look at me"), asyncio.Event()
    await open_ticket(page, await new_ticket(team, shop))
    await listening(page)

    async def wait(route: Route) -> None:
        if route.request.method == "POST":
            await opened.wait()
        await route.continue_()

    await page.route("**/inbox/*", wait)
    async with page.expect_request(lambda asked: asked.method == "POST"):
        await page.locator("#status").select_option("pending")
    await page.locator("#rows .row", has_text=writer.name).click()
    await expect(page.get_by_role("log")).to_contain_text("Look at me")
    async with page.expect_response(lambda answer: answer.request.method == "POST"):
        opened.set()
    ticket = f"/api/projects/{shop.project_id}/conversations/tickets/{ticket_id}/"
    await team.patch(ticket, json={"priority": "high"})
    await expect(page.locator("#priority")).to_have_value("high")


@only_once
async def test_a_form_that_was_sent_when_the_session_had_ended_is_filled_again_once(
    server: ParleyServer, shop: Project, new_context: NewContext
):
    page = await signed_in(new_context, server, shop)
    await page.goto(f"{server.url}/settings/account")
    field = page.locator("input[name=first_name]")
    await field.fill("Half a name")
    await page.context.clear_cookies()
    await field.press("Enter")
    await sign_in_again(page, shop, "/settings/account")
    await expect(field).to_have_value("Half a name")
    await page.reload()
    await expect(field).not_to_have_value("Half a name")
    await expect(page.get_by_text("is here again")).to_have_count(0)


@only_once
async def test_a_form_is_filled_again_where_a_request_beside_it_finds_the_session_ended(
    server: ParleyServer, shop: Project, new_context: NewContext
):
    page = await signed_in(new_context, server, shop)
    await page.goto(f"{server.url}/compose")
    await page.locator("#content").fill("Nobody types this twice")
    await page.context.clear_cookies()
    await page.locator("#recipient_email").press_sequentially("ada")
    await sign_in_again(page, shop, "/compose")
    await expect(page.locator("#content")).to_have_value("Nobody types this twice")
    await expect(page.locator("#recipient_email")).to_have_value("ada")


@only_once
async def test_an_edited_note_comes_back_with_its_formats(
    server: ParleyServer, team, shop: Project, new_context: NewContext
):
    number = await new_ticket(team, shop)
    page = await signed_in(new_context, server, shop)
    await open_ticket(page, number)
    await page.locator("label.kind", has_text="Private note").click()
    editor = page.get_by_role("textbox", name="Message to")
    await editor.click()
    await page.keyboard.type("First")
    await page.keyboard.press("Control+Enter")
    note = page.locator("li.message-note")
    await expect(note).to_contain_text("First")
    await note.hover()
    await note.get_by_role("link", name="Edit").click()
    await expect(page.get_by_text("Edit your note")).to_be_visible()
    await editor.click()
    await page.keyboard.press("End")
    await page.keyboard.type(" and ")
    await page.keyboard.press("Control+b")
    await page.keyboard.type("second")
    await expect(editor.locator("strong")).to_have_text("second")
    await page.context.clear_cookies()
    await page.keyboard.press("Control+Enter")
    await sign_in_again(page, shop, f"/inbox/{number}")
    await expect(page).to_have_url(re.compile(f"/inbox/{number}/notes/"))
    await editor.click()
    await expect(editor.locator("strong")).to_have_text("second")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("li.message-note")).to_contain_text("First and second")
    await expect(page.locator("li.message-note")).to_contain_text("edited")


@only_once
async def test_files_that_were_picked_are_named_to_be_picked_again(
    server: ParleyServer, team, shop: Project, new_context: NewContext
):
    number = await new_ticket(team, shop)
    page = await signed_in(new_context, server, shop)
    await open_ticket(page, number)
    await page.keyboard.type("Here it is")

    async def hold(_: Route) -> None:
        """Leave it unanswered: a file that is stored already is kept with the draft."""

    await page.route("**/conversations/files/", hold)
    await page.locator("#files").set_input_files(
        {"name": "plan.txt", "mimeType": "text/plain", "buffer": b"x"}
    )
    await expect(page.locator("#chosen-files")).to_contain_text("plan.txt")
    await page.context.clear_cookies()
    await page.keyboard.press("Control+Enter")
    await page.wait_for_url(re.compile(r"/login\?next="))
    await page.get_by_label("E-mail address").fill(shop.email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.get_by_role("status").filter(has_text="Pick them again")).to_contain_text("“plan.txt”")
    await expect(page.locator("#content")).to_have_value("Here it is")
    await page.reload()
    await expect(page.get_by_text("Pick them again")).to_have_count(0)


@only_once
async def test_whoever_leaves_a_form_with_a_text_is_asked(
    server: ParleyServer, shop: Project, new_context: NewContext
):
    page = await signed_in(new_context, server, shop)
    asked: list[str] = []

    async def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    page.on("dialog", stay)
    await page.goto(f"{server.url}/settings/articles/new")
    await page.get_by_label("Title").fill("Kept")
    await page.get_by_label("Text").fill("A long text")
    async with page.expect_event("dialog"):
        await page.get_by_role("link", name="All articles").click(no_wait_after=True)
    await expect(page.get_by_label("Text")).to_have_value("A long text")
    await page.get_by_role("button", name="Save draft").click()
    await expect(page.get_by_role("heading", name="How it reads")).to_be_visible()
    await page.get_by_role("link", name="All articles").click()
    await page.wait_for_url("**/settings/articles")
    assert asked == ["beforeunload"]


@only_once
async def test_ticks_that_are_put_back_are_those_of_the_same_conversations(
    server: ParleyServer, team, shop: Project, new_context: NewContext
):
    older, newer = await new_ticket(team, shop), await new_ticket(team, shop)
    page = await signed_in(new_context, server, shop)
    await page.locator(f"li:has(#row-{newer}) .row-tick").check()
    await page.locator("#bulk input[name=tag]").fill("parcel")
    await page.context.clear_cookies()
    await page.get_by_label("Status for the ticked conversations").select_option("resolved")
    await page.wait_for_url(re.compile("/login"))
    # Before they have signed in again, the other one is changed, and stands at the top.
    ticket = f"/api/projects/{shop.project_id}/conversations/tickets/{older}/"
    assert (await team.patch(ticket, json={"priority": "high"})).status_code == 200
    await sign_in_again(page, shop, "/inbox")
    await expect(page.locator(f"li:has(#row-{newer}) .row-tick")).to_be_checked()
    await expect(page.locator(f"li:has(#row-{older}) .row-tick")).not_to_be_checked()


@only_once
async def test_what_was_exported_is_not_kept_behind_the_sign_out(
    server: ParleyServer, team, shop: Project, new_context: NewContext
):
    page = await signed_in(new_context, server, shop)
    await page.goto(f"{server.url}/settings/personal-data")
    await page.locator("#who").fill("ada@customer.example")
    await page.get_by_role("button", name="Export as a file").click()
    kept = "sessionStorage.getItem('parley-unsent')"
    await page.evaluate("document.querySelector('form[action=\"/logout\"]').requestSubmit()")
    await page.wait_for_url(re.compile("/login"))
    assert await page.evaluate(kept) is None
