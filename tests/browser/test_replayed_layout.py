"""What a replay leaves out keeps its room, so that all else lies where the visitor saw it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Page, expect

from parley.demo.recordings import RecordedBatch
from tests.browser.hostile_recording import HostilePage
from tests.browser.test_playback import Recordings, opened, recordings, replay, tab
from tests.parley_server import ParleyServer

__all__ = ["recordings", "tab"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("server", ["sqlite"], indirect=True, scope="session"),
]


def events(at: int) -> list[dict[str, Any]]:
    """Return a page with a picture, a hidden part and a button below them, and a click on the button."""
    page = HostilePage("https://shop.example.com/")
    picture = page.node("img", src=f"{page.url}shoe.png", width="120", height="80", style="display: block")
    inline = page.node(
        "img", src=f"{page.url}shoe.png", style="width: 50px; height: 30px; vertical-align: top"
    )
    hidden = page.node("span", rr_width="200px", rr_height="40px")
    line = page.node("div", inline, hidden, style="height: 40px; line-height: 0")
    button = page.node("button", page.text("Buy"), style="display: block; width: 100px; height: 30px")
    body = page.node("body", picture, line, button, style="margin: 0")
    document = {"type": 0, "id": 1, "childNodes": [page.node("html", page.node("head"), body)]}
    click = {"source": 2, "type": 2, "id": button["id"], "x": 50, "y": 135}
    top = {"top": 0, "left": 0}
    return [
        {"type": 4, "timestamp": at, "data": {"href": page.url, "width": 800, "height": 600}},
        {"type": 2, "timestamp": at + 1, "data": {"node": document, "initialOffset": top}},
        {"type": 3, "timestamp": at + 1000, "data": click},
        {"type": 3, "timestamp": at + 2000, "data": {"source": 3, "id": 1, "x": 0, "y": 0}},
    ]


BOX = "(found) => { const {x, y, width, height} = found.getBoundingClientRect(); return [x, y, width, height]; }"


async def test_pictures_and_hidden_parts_keep_their_room(
    tab: Page, server: ParleyServer, recordings: Recordings
):
    start_at = datetime.now(UTC) - timedelta(minutes=1)
    batch = RecordedBatch(window_id="window-1", events=events(round(start_at.timestamp() * 1000)))
    session_id = await recordings.put([batch], start_at)
    await opened(tab, server, session_id, "?t=1.5")
    button = replay(tab).get_by_text("Buy")
    await expect(button).to_be_attached()
    assert await replay(tab).locator("img").first.evaluate(BOX) == [0, 0, 120, 80]
    assert await replay(tab).locator("img").last.evaluate(BOX) == [0, 80, 50, 30]
    assert await replay(tab).locator("span").evaluate(BOX) == [50, 80, 200, 40]
    assert await button.evaluate(BOX) == [0, 120, 100, 30]
    stage = next(frame for frame in tab.frames if frame.url.startswith("data:"))
    mark = await stage.locator(".replayer-mouse").evaluate("(mouse) => [mouse.style.left, mouse.style.top]")
    assert mark == ["50px", "135px"]
