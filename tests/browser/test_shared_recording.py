"""From a visitor to a shared replay: PostHog's own recorder and widget, a ticket, the player, a link with a password.

Shop, Parley and the page of a friend are three sites. Objects are in a bucket of an S3 server.
"""

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.async_api import BrowserContext, Page, Response, expect
from sqlalchemy import select

from parley.analytics.recordings.schemas import OBJECT_KIND
from parley.analytics.recordings.tables import recording_block
from parley.commands.command_database import opened_services
from parley.demo.recordings import believable_batches
from parley.kernel.config.settings import Settings
from parley.kernel.storage.keys import object_key
from tests.browser.accessibility import check_with_axe, drawn_until
from tests.browser.conftest import PATIENCE_MS, NewContext
from tests.browser.sites import Site
from tests.browser.test_inbox import sign_in
from tests.browser.test_playback import Recordings, opened, replay
from tests.browser.widget import Visitor
from tests.parley_server import ParleyServer, Project
from tests.s3_server import S3Bucket

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("server", ["s3"], indirect=True, scope="session"),
]
SHOP = """<!doctype html><title>Shop</title><link rel="stylesheet" href="/shop.css">
<h1>Shoes</h1><img src="/shoe.png" alt="A shoe" width="80" height="40"><a href="/basket">Basket</a>
<input id="name" aria-label="Name"><button id="buy">Buy</button>
<script src="SERVER/static/array.js"></script>
<script>
  posthog.init("TOKEN", {api_host: "SERVER", persistence: "memory", opt_out_useragent_filter: true})
  document.getElementById("buy").onclick = () => {
    document.querySelector("h1").textContent = "Out of stock"
    console.error("no shoe is left")
  }
</script>"""
STYLE = """h1 { color: rgb(0, 128, 0); background: url(/leather.png); animation: appear 0.5s both; }
@keyframes appear { from { opacity: 0; } }"""
TYPED = "Ada Lovelace of Marylebone"
SETTINGS = {"session_recording_opt_in": True, "capture_console_log_opt_in": True}


@pytest.fixture
def shop_site(server: ParleyServer, shop: Project) -> Iterator[Site]:
    """A shop with PostHog's script on its page."""
    page = SHOP.replace("SERVER", server.url).replace("TOKEN", shop.project_token)
    with Site({"/": ("text/html", page), "/shop.css": ("text/css", STYLE)}) as site:
        yield site


async def visited(context: BrowserContext, site: Site, shop: Project, team: httpx.AsyncClient) -> str:
    """Be a visitor who types, clicks, and writes by the widget; return the number of the recording, which has arrived."""
    page = await context.new_page()
    visitor = await Visitor(page, site.url).arrive()
    await page.wait_for_function("window.posthog.sessionRecordingStarted()")
    await page.fill("#name", TYPED)
    await page.click("#buy")
    await visitor.say("It is out of stock")
    await page.wait_for_timeout(1500)  # what comes now is later than the message, whatever clocks round
    await page.evaluate("document.querySelector('h1').textContent = 'Gone for good'")
    await page.evaluate("console.error('no shoe will come')")
    found: str = await page.evaluate("posthog.get_session_id()")
    async with asyncio.timeout(PATIENCE_MS / 1000):
        while await errors_recorded(team, shop, found) < 2:
            await asyncio.sleep(0.2)
    return found


async def errors_recorded(team: httpx.AsyncClient, shop: Project, session_id: str) -> int:
    """Return how many errors of a recording have arrived."""
    answer = await team.get(f"/api/projects/{shop.project_id}/session_recordings/{session_id}/")
    return answer.json()["console_error_count"] if answer.is_success else 0


async def moment_of_slider(page: Page) -> float:
    """Return where the player is, in seconds since the beginning."""
    return int(await page.get_by_role("slider", name="Moment").input_value()) / 1000


async def test_a_visit_is_watched_by_the_team_and_by_whoever_has_the_link(
    new_context: NewContext, server: ParleyServer, shop: Project, team: httpx.AsyncClient, shop_site: Site
) -> None:
    (await team.patch(f"/api/projects/{shop.project_id}/", json=SETTINGS)).raise_for_status()
    session_id = await visited(await new_context(), shop_site, shop, team)
    assert {"/", "/shop.css", "/shoe.png"} <= set(shop_site.asked)
    shop_site.asked.clear()
    agents = await (await new_context()).new_page()
    await sign_in(agents, server, shop)
    await watched_by_the_team(agents, session_id)
    link, password = await shared(agents)
    await watched_elsewhere(await new_context(), link, password, session_id)
    await expect_accesses(agents)
    assert shop_site.asked == []
    (await team.patch(f"/api/projects/{shop.project_id}/", json=dict.fromkeys(SETTINGS))).raise_for_status()


async def watched_by_the_team(agents: Page, session_id: str) -> None:
    """Go from the ticket to the moment before the message, play on to the end, and see what was hidden."""
    await agents.locator("#rows .row", has_text="It is out of stock").click()
    await agents.get_by_role("link", name="Watch the session").click()
    await agents.wait_for_url(f"**/recordings/{session_id}?at=*")
    shown = replay(agents)
    await expect(shown.locator("h1")).to_have_css("color", "rgb(0, 128, 0)")
    await expect(agents.get_by_role("link", name="Wrote: It is out of stock")).to_be_visible()
    await expect(agents.get_by_text("Console error: no shoe is left")).to_be_visible()
    asked = datetime.fromisoformat(parse_qs(urlsplit(agents.url).query)["at"][0])
    began = datetime.fromisoformat(await agents.locator("h1 ~ p time").get_attribute("datetime") or "")
    expected = max(0, (asked - began).total_seconds())
    assert abs(await moment_of_slider(agents) - expected) < 0.5
    await agents.get_by_role("button", name=re.compile(r"^Go to .*, Wrote: It is out")).click()
    await expect(shown.locator("h1")).to_have_text("Out of stock")
    await expect(shown.locator("#name")).to_have_value("*" * len(TYPED))
    await agents.get_by_role("button", name="Play").click()
    await expect(shown.locator("h1")).to_have_text("Gone for good")
    await expect(agents.get_by_role("button", name="Play")).to_be_visible()
    slider = agents.get_by_role("slider", name="Moment")
    await slider.press("Home")
    await slider.press("End")
    await expect(shown.locator("h1")).to_have_css("opacity", "1")  # it fades in
    await expect(shown.get_by_text("It is out of stock")).to_have_count(0)  # the chat is left out


async def shared(agents: Page) -> tuple[str, str]:
    """Share the recording that is shown; return the embedded address and its password."""
    await agents.locator("#share > summary").click()
    await agents.get_by_role("button", name="Share by a link").click()
    await agents.get_by_role("button", name="Ask for a password").click()
    await agents.get_by_label("For whom").fill("Friends")
    await agents.get_by_role("button", name="Add a password").click()
    password = await agents.locator("#new-password").inner_text()
    await check_with_axe(agents, exclude=["iframe"])
    await agents.get_by_role("slider", name="Moment").press("Home")
    await agents.get_by_role("button", name="Copy for this moment").click()
    link = await agents.locator("#share-link").inner_text()
    assert re.search(r"/shared/[\w-]{30}\?t=0$", link)
    return link.replace("/shared/", "/embedded/"), password


class Watcher:
    """Notes all that a friend's browser gets."""

    def __init__(self, context: BrowserContext) -> None:
        self.answers: list[Response] = []
        context.on("response", lambda answer: self.answers.append(answer))

    async def texts(self) -> str:
        """Return all that has come so far, with the addresses."""
        return "\n".join([f"{answer.url} {await answer.text()}" for answer in self.answers])

    def refused(self) -> list[str]:
        return [f"{answer.status} {answer.url}" for answer in self.answers if answer.status >= 400]


async def watched_elsewhere(context: BrowserContext, link: str, password: str, session_id: str) -> None:
    """Unlock and play it in a frame of another site, where nothing is known and no cookie is kept before or after."""
    watcher, page = Watcher(context), await context.new_page()
    embedding = (
        f'<!doctype html><title>Friends</title><iframe src="{link}" width="1000" height="700"></iframe>'
    )
    with Site({"/": ("text/html", embedding)}) as friends:
        await block_third_party_cookies(page)
        await page.goto(friends.url)
        frame = page.frame_locator("iframe")
        await frame.get_by_label("Password").fill("not this one")
        await frame.get_by_role("button", name="Open").click()
        await expect(frame.get_by_role("alert")).to_have_text("This password is not right.")
        known = await watcher.texts()
        assert not [word for word in (session_id, "Shoes", "stock", "Fern") if word in known]
        assert [line.split()[0] for line in watcher.refused() if "favicon" not in line] == ["401"]
        watcher.answers.clear()
        await frame.get_by_label("Password").fill(password)
        await frame.get_by_role("button", name="Open").click()
        await played_in_the_frame(page)
        seen = await watcher.texts()
        assert TYPED not in seen and "It is out of stock" not in seen
        assert watcher.refused() == []
        assert await context.cookies() == []
        assert set(friends.asked) <= {"/", "/favicon.ico"}


async def block_third_party_cookies(page: Page) -> None:
    """Set what many browsers do by themselves."""
    chrome = await page.context.new_cdp_session(page)
    controls = {"disableThirdPartyCookieMetadata": False, "disableThirdPartyCookieHeuristics": False}
    await chrome.send("Network.enable")
    await chrome.send("Network.setCookieControls", {"enableThirdPartyCookieRestriction": True, **controls})


async def played_in_the_frame(page: Page) -> None:
    """Play a shared recording to its end."""
    frame = page.frame_locator("iframe")
    await expect(frame.locator("#player[data-begun]")).to_be_attached()
    shown = frame.frame_locator(".player-screen").frame_locator("iframe").frame_locator("iframe")
    await expect(shown.locator("h1")).to_have_text("Shoes")
    await frame.get_by_role("button", name="Play").click()
    await expect(shown.locator("h1")).to_have_text("Gone for good")
    await expect(frame.get_by_role("button", name="Play")).to_be_visible()
    await expect(shown.locator("#name")).to_have_value("*" * len(TYPED))
    await expect(frame.locator(".player-dot.mark-error").first).to_be_visible()
    await expect(frame.get_by_text("What happened")).to_have_count(0)
    await expect(frame.locator("#shared-at")).to_contain_text(str(datetime.now(UTC).year))
    for width, height in ((1280, 400), (390, 500)):
        await page.locator("iframe").evaluate(
            f"(frame) => Object.assign(frame, {{width: {width}, height: {height}}})"
        )
        fits = f"innerHeight === {height} && document.documentElement.scrollHeight <= innerHeight"
        await drawn_until(page.frames[1], fits)


async def expect_accesses(agents: Page) -> None:
    """Expect that the team sees who came in, and who didn't."""
    await agents.reload()
    await agents.locator("#share > summary").click()
    entries = agents.locator("#sharing li", has_text="127.0.0.1")
    await expect(entries.filter(has_text="Friends").first).to_be_visible()
    await expect(entries).to_have_count(3)


@pytest.fixture
def recordings(
    server: ParleyServer, shop: Project, bucket: S3Bucket, monkeypatch: pytest.MonkeyPatch
) -> Recordings:
    for name, value in bucket.settings.items():
        monkeypatch.setenv(name, value)
    return Recordings(server, shop)


async def test_blocks_that_are_gone_or_cut_are_said_and_passed_over(
    new_context: NewContext, server: ParleyServer, shop: Project, recordings: Recordings, bucket: S3Bucket
) -> None:
    start_at = datetime.now(UTC) - timedelta(minutes=2)
    session_id = await recordings.put(list(believable_batches(start_at, 1)), start_at)
    keys = await keys_of_blocks(server, shop, session_id)
    bucket.delete(keys[1])
    content = bucket.read(keys[3])
    bucket.write(keys[3], content[: len(content) // 2])
    bucket.write(keys[4], content[: len(content) // 2] + b"x" * (len(content) - len(content) // 2))
    page = await (await new_context()).new_page()
    await sign_in(page, server, shop)
    await opened(page, server, session_id)
    await expect(page.get_by_text("They were left out")).to_contain_text(
        "3 of 6 blocks could not be fetched or are broken."
    )
    await page.get_by_label("Speed").select_option("8")
    await page.get_by_role("button", name="Play").click()
    await expect(page.locator(".player-time")).to_have_text(re.compile("^0:5[89] / 0:5[89]$"))
    await expect(replay(page).locator("h2")).to_have_text("Boards")
    for key in keys:
        bucket.delete(key)
    await page.reload()
    await expect(page.get_by_text("Nothing of this recording could be read.")).to_be_visible()


async def keys_of_blocks(server: ParleyServer, shop: Project, session_id: str) -> list[str]:
    """Return the keys of a recording's objects in the order of its blocks."""
    column = recording_block.c
    found = (
        select(column.object_id)
        .where(column.project_id == shop.project_id, column.session_id == session_id)
        .order_by(column.number)
    )
    async with (
        opened_services(Settings.from_env(server.settings)) as services,
        services.database.transaction() as db,
    ):
        rows = (await db.execute(found)).all()
    return [object_key(shop.project_id, OBJECT_KIND, row[0]) for row in rows]
