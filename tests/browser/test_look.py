"""What only a browser shows of the look: nothing is cut or covered, and the same things look the same."""

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.test_inbox import PHONE_WIDTH, Writer, inbox, listening, only_once, writer
from tests.parley_server import Project

__all__ = ["inbox", "writer"]
pytestmark = pytest.mark.browser

LONG = "When a parcel is late and nobody knows where it went"
FILTERED = (
    "/events",
    "/persons",
    "/recordings",
    "/reports",
    "/insights",
    "/subscriptions",
    "/settings/audit-log",
)
LOOK = (
    "(one) => { const look = getComputedStyle(one); return [look.backgroundColor, look.color, look.height]; }"
)
IS_CUT = "(one) => one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1"


async def box_of(place: Locator) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom."""
    found = await place.bounding_box()
    assert found is not None
    return found["x"], found["y"], found["x"] + found["width"], found["y"] + found["height"]


@only_once
async def test_names_are_whole_on_a_phone(inbox: Page, team: httpx.AsyncClient, shop: Project):
    root, project = inbox.url.split("/inbox")[0], f"/api/projects/{shop.project_id}"
    things = (
        ("articles", {"title": LONG, "content": "Words", "tags": ["parcel", "late"], "state": "published"}),
        ("quick_actions", {"name": LONG, "content": "Words", "description": "Parcels", "actions": {"status": "pending"}}),
    )  # fmt: skip
    for kind, fields in things:
        answer = await team.post(f"{project}/conversations/{kind}/", json=fields)
        assert answer.is_success, answer.text
    await inbox.set_viewport_size({"width": PHONE_WIDTH, "height": 844})
    for path in ("articles", "quick-actions"):
        await inbox.goto(f"{root}/settings/{path}")
        name = inbox.get_by_role("link", name=LONG)
        await expect(name).to_be_visible()
        assert not await name.evaluate(IS_CUT), path
        assert await inbox.evaluate("document.documentElement.scrollWidth") <= PHONE_WIDTH, path


async def check_that_no_button_moves_without_the_cursor(inbox: Page) -> None:
    """A finger on one takes the cursor out of the field."""
    resolve = inbox.get_by_role("button", name="Resolve", exact=True)
    before = await box_of(resolve)
    await inbox.get_by_role("textbox", name="Message to").blur()
    await expect(inbox.locator(".thread-facts")).to_be_visible()
    assert await box_of(resolve) == before


@only_once
async def test_the_conversation_is_in_sight_while_the_keyboard_of_a_phone_is_open(
    inbox: Page, team: httpx.AsyncClient, shop: Project
):
    """The keyboard leaves 500 of 844 points. The reply goes to a long address, with a subject and a file."""
    tickets = f"/api/projects/{shop.project_id}/conversations/tickets/"
    ticket = {
        "distinct_id": "phone",
        "message": "Where is my parcel?",
        "email": f"{'long.name.' * 4}x@example.com",
        "subject": LONG,
    }
    made = (await team.post(tickets, json={**ticket, "anonymous_traits": {"name": LONG}})).json()
    await inbox.set_viewport_size({"width": PHONE_WIDTH, "height": 844})
    await inbox.goto(f"{inbox.url.split('/inbox')[0]}/inbox/{made['ticket_number']}")
    await inbox.locator("#content").click()
    await expect(inbox.get_by_role("toolbar", name="Formatting")).to_be_visible()
    await inbox.locator("#files").set_input_files(
        {"name": "fern.txt", "mimeType": "text/plain", "buffer": b"fern"}
    )
    field = inbox.get_by_role("textbox", name="Message to")
    await field.press_sequentially("One\nTwo\nThree\nFour\nFive\nSix")
    await inbox.set_viewport_size({"width": PHONE_WIDTH, "height": 500})
    await expect(field).to_be_focused()
    _, _, _, bottom = await box_of(inbox.get_by_role("button", name="Send reply"))
    assert bottom <= 500
    line = float(
        (
            await inbox.locator(".message-text, .message-rich").last.evaluate(
                "(one) => getComputedStyle(one).lineHeight"
            )
        )[:-2]
    )
    _, top, _, under = await box_of(inbox.locator(".thread-head"))
    assert under - top <= 44
    _, top, _, under = await box_of(inbox.locator(".thread-scroll"))
    assert under - top >= 2 * line
    await expect(inbox.get_by_text("Where is my parcel?").last).to_be_in_viewport()
    await check_that_no_button_moves_without_the_cursor(inbox)


@only_once
async def test_the_button_that_filters_looks_the_same_on_each_page(inbox: Page):
    root = inbox.url.split("/inbox")[0]
    looks = {}
    for path in FILTERED:
        await inbox.goto(f"{root}{path}")
        button = inbox.get_by_role("button", name="Apply", exact=True)
        if await button.count():
            looks[path] = tuple(await button.first.evaluate(LOOK))
    assert len(looks) > 4 and len(set(looks.values())) == 1, looks


@only_once
async def test_all_keys_fit_a_small_laptop_and_begin_at_one_height(inbox: Page):
    await inbox.set_viewport_size({"width": 1280, "height": 800})
    await inbox.keyboard.press("?")
    sheet = inbox.locator("#keys")
    await expect(sheet.get_by_role("button", name="Close")).to_be_in_viewport(ratio=1)
    assert await sheet.evaluate("(one) => one.scrollHeight <= one.clientHeight")
    heights = {
        (await box_of(sheet.get_by_role("heading", name=name, exact=True)))[1]
        for name in ("Everywhere", "Move to")
    }
    assert len(heights) == 1


@only_once
async def test_letters_of_tags_are_whole(inbox: Page, writer: Writer, team: httpx.AsyncClient, shop: Project):
    id = await writer.write("Where is my fern?")
    path = f"/api/projects/{shop.project_id}/conversations/tickets/{id}/"
    number = (await team.patch(path, json={"tags": ["shipping", "gypsy"]})).json()["ticket_number"]
    await inbox.set_viewport_size({"width": 1440, "height": 900})
    await inbox.goto(f"{inbox.url.split('/inbox')[0]}/inbox/{number}")
    await expect(inbox.locator("#details .tag bdi")).to_have_count(2)
    # In one step: the details may be loaded anew in between.
    tall = await inbox.locator("#details .tag bdi").evaluate_all(
        "(tags) => tags.map((one) => one.clientHeight / parseFloat(getComputedStyle(one).fontSize))"
    )
    assert len(tall) == 2 and min(tall) > 1.3, "what is below the line would be cut"


@only_once
async def test_what_failed_covers_neither_the_bar_of_the_line_nor_the_form(inbox: Page, writer: Writer):
    await listening(inbox)
    await writer.write("Where is my fern?")
    await inbox.locator("#rows .row", has_text=writer.name).click()
    await expect(inbox.get_by_role("log")).to_contain_text("Where is my fern?")
    await inbox.evaluate(
        """() => {
          const bar = document.querySelector("#offline");
          bar.textContent = "The server can't be reached.";
          bar.hidden = false;
          complain("The server can't be reached. What you typed is kept.");
        }"""
    )
    toast, bar = inbox.locator("#trouble"), inbox.locator("#offline")
    for width, height in ((1280, 800), (PHONE_WIDTH, 844)):
        await inbox.set_viewport_size({"width": width, "height": height})
        _, top, _, bottom = await box_of(toast)
        assert top >= (await box_of(bar))[3], "it stands below the bar"
        assert bottom <= (await box_of(inbox.get_by_role("button", name="Send and resolve")))[1]
