"""Recordings in a real browser: they play, by mouse and keyboard, and can neither run nor load anything."""

import asyncio
import json
import re
import time
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import FrameLocator, Page, expect

from parley.commands.command_database import opened_services
from parley.demo.recordings import RecordedBatch, Visit, believable_batches, store_recording
from parley.kernel.config.settings import Settings
from tests.browser.accessibility import check_with_axe
from tests.browser.conftest import NewContext
from tests.browser.hostile_recording import HostilePage
from tests.browser.test_inbox import PHONE_WIDTH, sign_in
from tests.parley_server import ParleyServer, Project

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("server", ["sqlite"], indirect=True, scope="session"),
]


class Recordings:
    """Puts recordings into the database of the server."""

    def __init__(self, server: ParleyServer, shop: Project) -> None:
        self.server = server
        self.shop = shop

    async def put(self, batches: list[RecordedBatch], start_at: datetime, distinct_id: str = "ada") -> str:
        """Store a recording and return its session id."""
        visit = Visit(session_id=str(uuid.uuid4()), distinct_id=distinct_id, start_at=start_at)
        async with opened_services(Settings.from_env(self.server.settings)) as services:
            await store_recording(services, self.shop.project_id, visit, batches)
        return visit.session_id


@pytest.fixture
def recordings(server: ParleyServer, shop: Project) -> Recordings:
    return Recordings(server, shop)


@pytest_asyncio.fixture
async def tab(new_context: NewContext, server: ParleyServer, shop: Project) -> AsyncIterator[Page]:
    """A tab that is signed in. It fails the test when it asks another server for anything."""
    context = await new_context()
    page = await context.new_page()
    asked: list[str] = []
    context.on("requestfinished", lambda request: asked.append(request.url))
    context.on(
        "requestfailed", lambda request: asked.append(request.url) if request.failure != "csp" else None
    )
    page.on("pageerror", lambda error: asked.append(str(error)))
    await sign_in(page, server, shop)
    yield page
    elsewhere = [
        url for url in asked if not url.startswith((server.url, "data:text/html;charset=utf-8,", "about:"))
    ]
    assert elsewhere == []


def replay(page: Page) -> FrameLocator:
    """Return the page that is replayed, through the frames around it."""
    return page.frame_locator(".player-screen").frame_locator("iframe").frame_locator("iframe")


async def opened(page: Page, server: ParleyServer, session_id: str, query: str = "") -> None:
    await page.goto(f"{server.url}/recordings/{session_id}{query}")
    await expect(page.locator("#player[data-begun]")).to_be_attached()


def long_ago(minutes: float) -> datetime:
    return datetime.now(UTC) - timedelta(minutes=minutes)


async def test_a_recording_is_watched(
    tab: Page, server: ParleyServer, shop: Project, recordings: Recordings, team: httpx.AsyncClient
):
    start_at = long_ago(3)
    session_id = await recordings.put(list(believable_batches(start_at, 3)), start_at)
    await opened(tab, server, session_id)
    await expect(replay(tab).locator("h2")).to_have_text("Boards")
    await check_with_axe(tab, exclude=[".player-screen"])
    time = tab.locator(".player-time")
    await expect(time).to_contain_text("0:00 / 2:5")
    await tab.get_by_label("Skip inactivity").uncheck()
    await tab.get_by_label("Speed").select_option("8")
    await tab.get_by_role("button", name="Play").click()
    await expect(time).not_to_contain_text("0:00 /")
    stage = next(frame for frame in tab.frames if frame.url.startswith("data:"))
    assert await stage.evaluate("[replayer.config.speed, replayer.config.skipInactive]") == [8, False]
    await tab.get_by_role("button", name="Pause").click()
    await tab.get_by_role("slider", name="Moment").focus()
    await tab.keyboard.press("End")
    await expect(replay(tab).locator("h2")).to_have_text("Team")
    await tab.get_by_role("button", name="Go to 1:00, Page").click()
    await expect(replay(tab).locator("h2")).to_have_text("Calendar")
    await tab.get_by_role("button", name="Copy link to this moment").click()
    link = f"{server.url}/recordings/{session_id}?t=60"
    await expect(tab.get_by_label("Link to this moment")).to_have_value(link)
    await tab.set_viewport_size({"width": PHONE_WIDTH, "height": 800})
    await opened(tab, server, session_id, "?t=2:10")
    await expect(time).to_contain_text("2:10 /")
    await expect(replay(tab).locator("h2")).to_have_text("Team")
    await tab.locator("#share").scroll_into_view_if_needed()
    await tab.get_by_role("button", name="Go to 2:00, Page").click()
    await expect(tab.locator(".player-box")).to_be_in_viewport(ratio=0.9)
    await tab.goto(f"{server.url}/recordings")
    await expect(tab.locator(f"a[href$='{session_id}']")).to_contain_text("Watched")
    await check_with_axe(tab)
    assert await tab.evaluate("document.documentElement.scrollWidth") <= PHONE_WIDTH


async def test_a_hostile_recording_runs_and_loads_nothing(
    tab: Page, server: ParleyServer, recordings: Recordings
):
    calls: list[str] = []

    def call(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.append(str(writer.get_extra_info("peername")))
        writer.close()

    listener = await asyncio.start_server(call, "127.0.0.1", 0)
    heard: list[str] = []
    tab.on("console", lambda message: heard.append(message.text))
    async with listener:
        url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/"
        start_at = long_ago(1)
        session_id = await recordings.put(list(believable_batches(start_at, 0.1)), start_at)
        lines = HostilePage(url).lines(round(start_at.timestamp() * 1000))
        await tab.route("**/snapshots?source=*", lambda route: route.fulfill(body=lines))
        await opened(tab, server, session_id)
        await expect(replay(tab).locator("h1")).to_have_text("A page")
        await tab.get_by_role("button", name="Play").click()
        await expect(replay(tab).locator("h1")).to_have_text("It goes on")
        await expect(tab.locator(".player-time")).to_contain_text("0:04 /")
        await expect(tab.get_by_text("could not be read")).to_be_visible()
        await check_isolated(tab, url)
    assert calls == [] and not [text for text in heard if "HACKED" in text]
    assert "HACKED" not in await tab.title()


@pytest.mark.parametrize("number", [20_000, 200_000])
async def test_a_style_sheet_that_is_nested_too_deep_is_left_out(
    tab: Page, server: ParleyServer, recordings: Recordings, number: int
):
    start_at = long_ago(1)
    at, text = round(start_at.timestamp() * 1000), {"type": 3, "id": 7, "textContent": "Still here"}
    deep = (f"@media {'(' * number}{{", f"a{{b:{'(' * number}", f"@media x{'{' * number}", '(")"' * number)
    styles = [
        element(10 + n, "style", {"media": "(" * number}, text | {"id": 50 + n, "textContent": css})
        for n, css in enumerate(deep)
    ]
    linked = element(30, "link", {"_cssText": deep[0], "rel": "stylesheet"})
    heading = element(6, "h1", {"style": f"width:{deep[1]}"}, text)
    document = {"type": 0, "id": 1, "childNodes": [element(2, "html", {}, *styles, linked, heading)]}
    whole = {"node": document, "initialOffset": {"top": 0, "left": 0}}
    events = [
        {"type": 4, "timestamp": at, "data": {"href": "https://a.example", "width": 800, "height": 600}},
        {"type": 2, "timestamp": at + 1, "data": whole},
        {"type": 3, "timestamp": at + 9, "data": {"source": 8, "id": 10, "adds": [{"rule": deep[0]}]}},
        {"type": 3, "timestamp": at + 5000, "data": {"source": 3, "id": 1, "x": 0, "y": 1}},
    ]
    session_id = await recordings.put([RecordedBatch("w", events)], start_at)
    crashed: list[Page] = []
    tab.on("crash", lambda page: crashed.append(page))
    started = time.monotonic()
    await opened(tab, server, session_id)
    await expect(replay(tab).locator("h1")).to_have_text("Still here")
    await tab.get_by_role("button", name="Play").click()
    await expect(tab.locator(".player-time")).not_to_contain_text("0:00 /")
    assert not crashed and time.monotonic() - started < 60


def element(id: int, tag: str, attributes: dict[str, str], *children: dict[str, Any]) -> dict[str, Any]:
    """Return an element of a page as a recorder describes it."""
    return {"type": 2, "id": id, "tagName": tag, "attributes": attributes, "childNodes": list(children)}


async def test_tabs_of_a_visit_go_on_one_after_the_other(
    tab: Page, server: ParleyServer, recordings: Recordings
) -> None:
    start_at = long_ago(2)
    second = list(believable_batches(start_at + timedelta(seconds=20), 0.2, seed=2))
    session_id = await recordings.put([*believable_batches(start_at, 0.2), *second], start_at)
    await opened(tab, server, session_id)
    tabs = tab.get_by_label("Browser tab")
    await expect(tabs.locator("option")).to_have_text(["1, from 0:00", "2, from 0:20"])
    await tab.get_by_label("Speed").select_option("8")
    await tab.get_by_role("button", name="Play").click()
    await expect(tabs).to_have_value("window-2")
    await expect(tab.get_by_role("button", name="Play")).to_be_visible()
    await expect(tab.locator(".player-time")).to_have_text(re.compile(r"^0:3\d / 0:3\d$"))
    await tab.get_by_role("button", name="Go to 0:00, Page").click()
    await expect(tabs).to_have_value("window-1")


async def check_isolated(page: Page, url: str) -> None:
    """Fail unless the stage is of no origin: without cookies, and unable to read the page around it."""
    stage = next(frame for frame in page.frames if frame.url.startswith("data:"))
    reached = """async () => {
        const socket = () => new Promise((yes, no) => {
            Object.assign(new WebSocket(URL.replace("http", "ws")), {onopen: yes, onerror: no});
        });
        const attempts = [() => document.cookie, () => localStorage, () => top.document, () => parent.document,
            () => fetch(URL), socket];
        const got = [];
        for (const attempt of attempts) try { await attempt(); got.push(String(attempt)); } catch {}
        return [origin, got];
    }"""
    assert await stage.evaluate(reached.replace("URL", json.dumps(url))) == ["null", []]


async def test_what_does_not_come_is_asked_for_again(
    tab: Page, server: ParleyServer, shop: Project, recordings: Recordings, team: httpx.AsyncClient
):
    start_at = long_ago(30)
    session_id = await recordings.put(list(believable_batches(start_at, 20)), start_at)
    await opened(tab, server, session_id)
    slider = tab.get_by_role("slider", name="Moment")
    await tab.route("**/snapshots?source=*", lambda route: route.fulfill(status=503))
    await slider.press("End")
    again = tab.get_by_role("button", name="Try again")
    await expect(tab.get_by_text("The recording does not come at the moment.")).to_be_visible()
    await tab.unroute("**/snapshots?source=*")
    await again.click()
    await expect(again).to_be_hidden()
    await expect(tab.get_by_text("Loading …")).to_be_hidden()
    await expect(replay(tab).locator("h2")).to_be_attached()
    await opened(tab, server, session_id)
    path = f"/api/projects/{shop.project_id}/session_recordings/{session_id}/"
    (await team.delete(path)).raise_for_status()
    await slider.press("End")
    await expect(tab.get_by_text("it was deleted, or its time is over")).to_be_visible()
    await opened_past_its_end(tab, server, recordings)


async def opened_past_its_end(tab: Page, server: ParleyServer, recordings: Recordings) -> None:
    """Open a recording by a link to a moment that it doesn't have."""
    start_at = long_ago(3)
    session_id = await recordings.put(list(believable_batches(start_at, 0.5)), start_at)
    await opened(tab, server, session_id, "?t=99999999")
    await expect(tab.locator(".player-time")).to_have_text(re.compile(r"^0:(\d\d) / 0:\1$"))


@pytest.mark.parametrize("year", [1970, 2100])
async def test_a_recording_of_a_wrong_clock_plays(
    tab: Page, server: ParleyServer, shop: Project, team: httpx.AsyncClient, year: int
):
    await switched(team, shop, is_on=True)
    session_id = str(uuid.uuid4())
    for batch in believable_batches(datetime(year, 2, 3, tzinfo=UTC), 2):
        odd = {"type": 5, "timestamp": 0, "data": {"tag": "of no time", "payload": {}}}
        properties = {
            "token": shop.project_token,
            "distinct_id": "ada",
            "$session_id": session_id,
            "$window_id": batch.window_id,
            "$snapshot_data": [odd, *batch.events],
        }
        sent = await team.post("/s/", json={"event": "$snapshot", "properties": properties})
        assert sent.json() == {"status": 1}
    await switched(team, shop, is_on=None)
    await opened(tab, server, session_id)
    await expect(replay(tab).locator("h2")).to_have_text("Boards")
    await expect(tab.locator(".player-time")).to_contain_text(re.compile("/ 1:5"))
    await tab.get_by_role("slider", name="Moment").press("End")
    await expect(replay(tab).locator("h2")).to_have_text("Calendar")


async def switched(team: httpx.AsyncClient, shop: Project, *, is_on: bool | None) -> None:
    changes = {"session_recording_opt_in": is_on}
    (await team.patch(f"/api/projects/{shop.project_id}/", json=changes)).raise_for_status()


async def test_what_is_broken_is_left_out_and_said(tab: Page, server: ParleyServer, recordings: Recordings):
    start_at = long_ago(2)
    batches = list(believable_batches(start_at, 1))
    notice = {"tag": "parley_block_unreadable", "payload": {"blob_key": "0"}}  # forged: not counted
    forged = {"type": 5, "timestamp": round(start_at.timestamp() * 1000) + 100, "data": notice}
    batches[0].events.append(forged)
    session_id = await recordings.put(batches, start_at)

    async def broken(route: Any) -> None:
        answer = await route.fetch()
        text = await answer.text()
        if "start_blob_key" in route.request.url and "start_blob_key=0" not in route.request.url:
            await route.abort()
        elif "blob_key=2" in route.request.url:
            await route.fulfill(status=500)
        elif "blob_key=3" in route.request.url:
            await route.fulfill(body=text[: len(text) // 2])
        else:
            await route.fulfill(body=text)

    await tab.route("**/snapshots?source=*", broken)
    await opened(tab, server, session_id)
    note = tab.get_by_text("They were left out, so the replay may differ")
    await expect(note).to_contain_text(
        "1 of 6 blocks could not be fetched or are broken. 1 event could not be read."
    )
    await tab.keyboard.press("ArrowRight")
    await expect(tab.locator(".player-time")).to_contain_text("0:05 /")
