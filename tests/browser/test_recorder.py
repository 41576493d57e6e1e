"""posthog-js records a page in a real browser, and what it sends is in the API."""

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page, Response

from tests.browser.conftest import OWN_SITE, PATIENCE_MS, NewContext
from tests.parley_server import ParleyServer, Project

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("server", ["sqlite"], indirect=True, scope="session"),
]

SHOP = """<!doctype html><title>Shop</title>
<h1>Shoes</h1><p class="address">1 Secret Street</p><p class="account">Account 4711</p>
<input id="name" aria-label="Name"><button id="buy">Buy</button>
<script src="SERVER/static/array.js"></script>
<script>
  posthog.init("TOKEN", {api_host: "SERVER", opt_out_useragent_filter: true})
  document.getElementById("buy").onclick = () => {
    document.body.append("Thank you, half of a letter: \\ud83d")
    console.error("no stock")
  }
</script>"""
SETTINGS = {
    "session_recording_opt_in": True,
    "session_recording_sample_rate": "1",
    "session_recording_masking_config": {"maskTextSelector": ".address", "blockSelector": ".account"},
    "capture_console_log_opt_in": True,
}


def is_batch(response: Response) -> bool:
    """Say whether this answers a recorder."""
    return urlsplit(response.url).path == "/s/"


async def recorded(
    team: httpx.AsyncClient, shop: Project, session_id: str
) -> tuple[dict[str, Any], list[Any]]:
    """Return a recording and its events, unpacked."""
    path = f"/api/projects/{shop.project_id}/session_recordings/{session_id}/"
    found = (await team.get(path)).raise_for_status().json()
    sources = (await team.get(f"{path}snapshots/")).raise_for_status().json()["sources"]
    keys = {"start_blob_key": 0, "end_blob_key": len(sources) - 1}
    answer = await team.get(f"{path}snapshots/", params={"source": "blob_v2", "decompress": "true", **keys})
    return found, [json.loads(line)[1] for line in answer.raise_for_status().text.splitlines()]


@pytest_asyncio.fixture
async def page(server: ParleyServer, shop: Project, new_context: NewContext) -> Page:
    """A tab that is about to open the shop."""
    context = await new_context()
    await context.grant_permissions(["local-network-access"])
    made = await context.new_page()
    body = SHOP.replace("SERVER", server.url).replace("TOKEN", shop.project_token)
    await made.route(OWN_SITE, lambda route: route.fulfill(body=body, content_type="text/html"))
    return made


async def test_the_recorder_of_posthog_records_a_page(
    shop: Project, team: httpx.AsyncClient, page: Page
) -> None:
    (await team.patch(f"/api/projects/{shop.project_id}/", json=SETTINGS)).raise_for_status()
    answers: list[Response] = []
    page.on("response", lambda response: answers.append(response) if is_batch(response) else None)
    await page.goto(OWN_SITE)
    await page.wait_for_function("window.posthog.sessionRecordingStarted()", timeout=PATIENCE_MS)
    await page.fill("#name", "Ada Lovelace")
    await page.click("#buy")
    session_id = await page.evaluate("posthog.get_session_id()")
    async with asyncio.timeout(PATIENCE_MS / 1000):
        while not await has_click(team, shop, session_id):
            await asyncio.sleep(0.2)
    assert {answer.status for answer in answers} <= {200}
    found, events = await recorded(team, shop, session_id)
    assert (found["start_url"], found["console_error_count"]) == (OWN_SITE, 1)
    assert found["keypress_count"] > 0
    assert {2, 3, 4, 6} <= {event["type"] for event in events}
    text = json.dumps(events)
    assert "Shoes" in text
    assert "Thank you, half of a letter: \\ufffd" in text
    assert not any(secret in text for secret in ("Ada Lovelace", "Secret Street", "4711"))


async def has_click(team: httpx.AsyncClient, shop: Project, session_id: str) -> bool:
    answer = await team.get(f"/api/projects/{shop.project_id}/session_recordings/{session_id}/")
    return answer.is_success and answer.json()["click_count"] > 0 < answer.json()["console_error_count"]
