"""Files reach customers in the real widget, on a page of another origin, and agents send them in the inbox."""

import io

import httpx
import pytest
from PIL import Image
from playwright.async_api import expect

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
    await expect(chosen).to_have_count(0)
    await page.locator("#files").set_input_files([{**too_large, "name": "chosen.png", "buffer": picture()}])
    await page.evaluate(ARRIVE, ["drop", "#messages", "dropped.txt"])
    await expect(page.locator("#files-problem")).to_be_hidden()
    await page.get_by_role("button", name="Send reply").click()
    files = page.get_by_role("list", name="Files of this message")
    await expect(files.get_by_role("img", name="chosen.png")).to_be_visible()
    await expect(files.get_by_role("link", name="dropped.txt")).to_be_visible()
    await expect(chosen).to_have_count(0)


ARRIVE = """([kind, place, name]) => {
  const files = new DataTransfer();
  files.items.add(new File(["x"], name, {type: "text/plain"}));
  const told = {bubbles: true, cancelable: true, clipboardData: files, dataTransfer: files};
  const event = kind === "paste" ? new ClipboardEvent(kind, told) : new DragEvent(kind, told);
  document.querySelector(place).dispatchEvent(event);
}"""
