"""Files reach customers in the real widget, on a page of another origin, and agents send them in the inbox."""

import io

import httpx
import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import FilePayload, Locator, Page, expect

from tests.browser.conftest import NewContext
from tests.parley_server import PASSWORD, ParleyServer, Project

pytestmark = pytest.mark.browser


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(out, "PNG")
    return out.getvalue()


async def test_the_widget_draws_images_and_links_files(new_shop_page, team: httpx.AsyncClient, shop: Project):
    visitor = await (await new_shop_page()).arrive()
    asked = await visitor.say("Where is the button?")
    of_project = f"/api/projects/{shop.project_id}/conversations/"
    sent = [("button.png", picture()), ("manual.txt", b"Press it.")]
    made = [await team.post(of_project + "files/", files={"file": one}) for one in sent]
    reply = {"message": "It is here:", "file_ids": [one.json()["id"] for one in made]}
    answer = await team.post(f"{of_project}tickets/{asked['ticket_id']}/reply/", json=reply)
    assert answer.status_code == 201
    await visitor.sees("It is here:")
    image = visitor.chat.get_by_role("img", name="button.png")
    await expect(image).to_be_visible()
    assert await image.evaluate("one => one.naturalWidth") == 60
    link = visitor.chat.get_by_role("link", name="manual.txt (9 bytes)")
    await expect(link).to_have_attribute("target", "_blank")
    assert (await team.get(await link.get_attribute("href") or "")).content == b"Press it."


async def test_an_agent_pastes_drops_and_sends_files(
    new_context, server: ParleyServer, team: httpx.AsyncClient, shop: Project
):
    tickets = f"/api/projects/{shop.project_id}/conversations/tickets/"
    made = (await team.post(tickets, json={"distinct_id": "ada", "message": "Hello"})).json()
    page = await (await new_context()).new_page()
    await page.goto(f"{server.url}/login?next=/inbox/{made['ticket_number']}")
    await page.get_by_label("E-mail").fill(shop.email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{server.url}/inbox/{made['ticket_number']}")  # loaded, with its scripts
    await page.locator("#files").set_input_files(
        [{"name": "chosen.png", "mimeType": "image/png", "buffer": picture()}]
    )
    for kind, place, name in (("paste", "#content", "pasted.txt"), ("drop", "#messages", "dropped.txt")):
        await page.evaluate(ARRIVE, [kind, place, name])
    chosen = page.get_by_role("list", name="Files to send").get_by_role("listitem")
    await expect(chosen).to_have_count(3)
    await expect(chosen.filter(has_text="chosen.png").locator("canvas[data-drawn]")).to_be_visible()
    await page.get_by_role("button", name="Remove pasted.txt").click()
    await expect(chosen).to_have_count(2)
    await page.evaluate("document.querySelector('#files').dataset.mostBytes = '1048576'")
    too_large = {"name": "film.bin", "mimeType": "video/mp4", "buffer": bytes(2_000_000)}
    await page.locator("#files").set_input_files([too_large])
    await expect(page.locator("#files-problem")).to_have_text(
        "“film.bin” has 1.9 MB, and a file may have 1 MB at most. It was left out."
    )
    await expect(chosen).to_have_count(2)
    await page.evaluate(ARRIVE, ["drop", "#messages", "more.txt"])
    await expect(page.locator("#files-problem")).to_be_hidden()
    await page.get_by_role("button", name="Send reply").click()
    files = page.get_by_role("list", name="Files of this message")
    await expect(files.get_by_role("img", name="chosen.png")).to_be_visible()
    for name in ("dropped.txt", "more.txt"):
        await expect(files.get_by_role("link", name=name)).to_be_visible()
    await expect(files.get_by_role("listitem")).to_have_count(3)
    await expect(chosen).to_have_count(0)


ARRIVE = """([kind, place, name]) => {
  const files = new DataTransfer();
  files.items.add(new File(["x"], name, {type: "text/plain"}));
  const told = {bubbles: true, cancelable: true, clipboardData: files, dataTransfer: files};
  const event = kind === "paste" ? new ClipboardEvent(kind, told) : new DragEvent(kind, told);
  document.querySelector(place).dispatchEvent(event);
}"""


def row(page: Page, number: int) -> Locator:
    return page.locator(f'#rows .row[href^="/inbox/{number}"]')


@pytest_asyncio.fixture
async def two(team: httpx.AsyncClient, shop: Project) -> list[int]:
    """The numbers of two new conversations."""
    tickets = f"/api/projects/{shop.project_id}/conversations/tickets/"
    opened = [{"distinct_id": who, "message": f"Hello from {who}"} for who in ("ada", "eve")]
    return [(await team.post(tickets, json=one)).json()["ticket_number"] for one in opened]


@pytest_asyncio.fixture
async def chosen(new_context: NewContext, server: ParleyServer, shop: Project, two: list[int]) -> Page:
    """The first of them, opened by an agent who has chosen two files."""
    page = await (await new_context()).new_page()
    await page.goto(f"{server.url}/login?next=/inbox/{two[0]}")
    await page.get_by_label("E-mail").fill(shop.email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{server.url}/inbox/{two[0]}")
    files: list[FilePayload] = [
        {"name": "fern.png", "mimeType": "image/png", "buffer": picture()},
        {"name": "care.txt", "mimeType": "text/plain", "buffer": b"Water it weekly."},
    ]
    await page.locator("#files").set_input_files(files)
    await expect(page.locator("form.composer .file-chip")).to_have_count(2)
    return page


async def test_files_of_a_draft_are_there_after_a_look_elsewhere(
    chosen: Page, team: httpx.AsyncClient, shop: Project, two: list[int]
):
    waiting = chosen.locator("form.composer .file-chip")
    await row(chosen, two[1]).click()  # at once, while they are still being stored
    await expect(chosen.locator("#messages")).to_contain_text("Hello from eve")
    await expect(waiting).to_have_count(0)
    await row(chosen, two[0]).click()
    await expect(chosen.locator("#messages")).to_contain_text("Hello from ada")
    await expect(waiting).to_have_count(2)
    draft = await team.get(f"/api/projects/{shop.project_id}/conversations/tickets/{two[0]}/draft/")
    assert {one["name"] for one in draft.json()["files"]} == {"fern.png", "care.txt"}


async def test_files_of_a_draft_survive_a_reload_and_are_sent_once(
    chosen: Page, team: httpx.AsyncClient, shop: Project, two: list[int]
):
    waiting = chosen.locator("form.composer .file-chip")
    await expect(chosen.locator("#chosen-files [name=file_ids]")).to_have_count(2)
    await chosen.reload()
    await expect(waiting).to_have_count(2)
    async with chosen.expect_response(lambda answer: answer.url.endswith("/draft/")):
        await chosen.get_by_role("button", name="Remove care.txt").click()
    await chosen.reload()
    await expect(waiting).to_have_count(1)
    await chosen.locator("#content").fill("See the picture.")
    await chosen.get_by_role("button", name="Send reply").click()
    sent = chosen.get_by_role("list", name="Files of this message")
    await expect(sent.get_by_role("img", name="fern.png")).to_be_visible()
    await expect(sent.get_by_role("listitem")).to_have_count(1)
    await chosen.reload()
    await expect(sent).to_be_visible()
    await expect(waiting).to_have_count(0)
    draft = await team.get(f"/api/projects/{shop.project_id}/conversations/tickets/{two[0]}/draft/")
    assert draft.status_code == 404
