"""The list of the inbox in a real browser: many ticked at once, and a place that stays while the list is loaded anew."""

from uuid import UUID

import httpx
import msgspec
import pytest
from playwright.async_api import Page, expect

from parley.accounts.members.actions import add_member
from parley.accounts.users.actions import create_user
from parley.commands.command_database import opened_services
from parley.kernel.config.settings import Settings
from parley.kernel.http.authorization import MEMBER
from tests.browser.accessibility import check_with_axe
from tests.browser.conftest import NewContext
from tests.browser.test_inbox import Writer, inbox, listening, only_once, sign_in, writer
from tests.cast import PASSWORD_HASH
from tests.parley_server import ParleyServer, Project

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
    await inbox.get_by_label("Status for the ticked conversations").select_option("resolved")
    told = inbox.locator("#told")
    await expect(told).to_contain_text("3 conversations resolved.")
    await expect(inbox.get_by_label("Status for the ticked conversations")).to_have_value("nothing chosen")
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


@only_once
async def test_arrow_keys_open_the_choices_for_ticked_ones_and_enter_chooses(
    inbox: Page, team: httpx.AsyncClient, shop: Project
):
    tickets = f"/api/projects/{shop.project_id}/conversations/tickets/"
    made = await team.post(tickets, json={"distinct_id": "by-keys", "tags": ["by-keys"]})
    await inbox.goto(inbox.url.split("/inbox")[0] + "/inbox?tag=by-keys")
    await listening(inbox)
    await inbox.locator("#rows .row-tick").click()
    await inbox.get_by_label("Priority for the ticked conversations").focus()
    await inbox.keyboard.press("ArrowDown")  # opens the choices
    await inbox.keyboard.press("ArrowDown")
    await inbox.keyboard.press("ArrowDown")
    await inbox.keyboard.press("Enter")
    told = inbox.locator("#told")
    await expect(told).to_contain_text("1 conversation given the priority “Medium”.")
    assert (await team.get(f"{tickets}{made.json()['id']}/")).json()["priority"] == "medium"
    # One choice, one change: no other of its kind is there to be undone.
    await told.get_by_role("button", name="Undo").click()
    await expect(told).to_contain_text("Undone: 1 conversation as before.")
    await expect(told).not_to_contain_text("1 conversation given the priority")


@only_once
async def test_who_may_only_look_ticks_nothing_and_keeps_the_rows_that_were_loaded(
    new_context: NewContext, server: ParleyServer, team: httpx.AsyncClient, shop: Project
):
    viewer = msgspec.structs.replace(shop, email="viewer@example.com")
    async with (
        opened_services(Settings.from_env(server.settings)) as services,
        services.database.transaction() as db,
    ):
        made = await create_user(
            db, services, email=viewer.email, password_hash=PASSWORD_HASH, first_name="Vi"
        )
        organization_id = UUID(shop.organization_id)
        await add_member(db, services, organization_id=organization_id, user_id=made, level=MEMBER)
    levels = f"/api/projects/{shop.project_id}/resource_access_controls/"
    tickets = f"/api/projects/{shop.project_id}/conversations/tickets/"
    (await team.put(levels, json={"resource": "ticket", "access_level": "viewer"})).raise_for_status()
    for number in range(55):
        (
            await team.post(tickets, json={"distinct_id": f"seen-{number}", "tags": ["seen"]})
        ).raise_for_status()
    page = await (await new_context()).new_page()
    await sign_in(page, server, viewer)
    await page.goto(f"{server.url}/inbox?tag=seen")
    await listening(page)
    rows = page.locator("#rows .row")
    await expect(rows).to_have_count(50)
    await page.locator("#rows").evaluate("list => list.scrollTo(0, list.scrollHeight)")
    await expect(rows).to_have_count(55)
    await page.keyboard.press("j")
    await expect(page.locator("#opened")).to_be_attached()
    await page.keyboard.press("x")
    await expect(page.locator(".row-tick, #bulk, #tick-all")).to_have_count(0)
    (await team.post(tickets, json={"distinct_id": "one more", "tags": ["seen"]})).raise_for_status()
    await expect(rows).to_have_count(56)
    await check_with_axe(page)
    (await team.put(levels, json={"resource": "ticket", "access_level": "editor"})).raise_for_status()


@only_once
async def test_the_channel_of_a_conversation_is_seen_in_the_list_and_above_its_messages(
    inbox: Page, writer: Writer
):
    await listening(inbox)
    await writer.write("By the widget")
    row = inbox.locator("#rows .row", has_text=writer.name)
    picture = row.get_by_title("Chat widget")
    await expect(picture.locator("svg")).to_be_visible()
    await row.click()
    await expect(inbox.locator("#thread-head").get_by_text("Chat widget")).to_be_visible()
    await inbox.set_viewport_size({"width": 390, "height": 844})
    await expect(inbox.locator("#thread-head").get_by_text("Chat widget")).to_be_visible()
    assert await inbox.evaluate("document.documentElement.scrollWidth") <= 390
    await check_with_axe(inbox)


@only_once
async def test_a_view_shows_order_and_statuses_as_chips_and_says_that_it_is_changed(
    inbox: Page, team: httpx.AsyncClient, shop: Project
):
    filters = {"status": ["new", "open"], "sorting": {"columnKey": "sla_due_at", "order": 1}}
    views = f"/api/projects/{shop.project_id}/conversations/views/"
    made = (await team.post(views, json={"name": "Due soon", "filters": filters})).json()
    await inbox.goto(f"{inbox.url.split('/inbox')[0]}/inbox?view={made['short_id']}")
    chips = inbox.get_by_label("Filters that are on").get_by_role("listitem")
    words = [text.split("Remove")[0].strip() for text in await chips.all_inner_texts()]
    assert words == ["New", "Open", "Sorted by: Due first"]
    await expect(inbox.locator("#status-filter")).to_have_value("")
    await expect(inbox.locator("#status-filter option:checked")).to_have_text("New or Open")
    changed = inbox.get_by_role("group", name="This view is changed")
    await expect(changed).to_have_count(0)
    await chips.filter(has_text="Sorted by").get_by_role("link").click()
    await expect(changed).to_be_visible()
    await check_with_axe(inbox)
    await changed.get_by_role("link", name="Back").click()
    await expect(changed).to_have_count(0)
    await inbox.locator("#order").select_option("created_at")
    await expect(chips.last).to_contain_text("Sorted by: Oldest first")
    await changed.get_by_role("button", name="Save").click()
    await expect(changed).to_have_count(0)
    await expect(chips.last).to_contain_text("Sorted by: Oldest first")
    found = (await team.get(f"{views}{made['short_id']}/")).json()
    assert found["filters"]["sorting"] == {"columnKey": "created_at", "order": 1}
