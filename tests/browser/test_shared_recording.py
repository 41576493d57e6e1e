"""From a visitor to a shared replay: PostHog's own recorder and widget, a ticket, the player, a link with a password."""

import re

import httpx
import pytest
from playwright.async_api import BrowserContext, Page, Response, Route, expect

from tests.browser.accessibility import check_with_axe
from tests.browser.conftest import OWN_SITE, NewContext
from tests.browser.test_inbox import sign_in
from tests.browser.test_playback import replay
from tests.browser.widget import Visitor
from tests.parley_server import ParleyServer, Project

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("server", ["sqlite"], indirect=True, scope="session"),
]
SHOP = """<!doctype html><title>Shop</title><style>h1 { color: rgb(0, 128, 0); }</style><h1>Shoes</h1>
<button id="buy" onclick="document.querySelector('h1').textContent = 'Out of stock'">Buy</button>
<script src="SERVER/static/array.js"></script>
<script>posthog.init("TOKEN", {api_host: "SERVER", persistence: "memory", opt_out_useragent_filter: true})</script>"""
FRIENDS_SITE = "http://localhost:4998/"


async def serve_shop(page: Page, server: ParleyServer, shop: Project) -> None:
    body = SHOP.replace("SERVER", server.url).replace("TOKEN", shop.project_token)

    async def serve(route: Route) -> None:
        await route.fulfill(body=body, content_type="text/html")

    await page.route(OWN_SITE, serve)


async def visited(context: BrowserContext, server: ParleyServer, shop: Project) -> str:
    """Be a visitor who clicks, and writes by the widget; return the number of the ticket's recording."""
    await context.grant_permissions(["local-network-access"])
    page = await context.new_page()
    await serve_shop(page, server, shop)
    visitor = await Visitor(page, OWN_SITE).arrive()
    await page.wait_for_function("window.posthog.sessionRecordingStarted()")
    await page.click("#buy")
    await visitor.say("It is out of stock")
    found: str = await page.evaluate("posthog.get_session_id()")
    async with page.expect_response(re.compile("/s/")):
        await page.mouse.move(50, 60)
    return found


async def test_a_visit_is_watched_by_the_team_and_by_whoever_has_the_link(
    new_context: NewContext, server: ParleyServer, shop: Project, team: httpx.AsyncClient
) -> None:
    settings = {"session_recording_opt_in": True}
    (await team.patch(f"/api/projects/{shop.project_id}/", json=settings)).raise_for_status()
    session_id = await visited(await new_context(), server, shop)
    agents = await (await new_context()).new_page()
    await sign_in(agents, server, shop)
    await agents.locator("#rows .row", has_text="It is out of stock").click()
    await agents.get_by_role("link", name="Watch the session").click()
    await agents.wait_for_url(f"**/recordings/{session_id}?at=*")
    await expect(replay(agents).locator("h1")).to_have_css("color", "rgb(0, 128, 0)")
    await expect(agents.get_by_role("link", name="Wrote: It is out of stock")).to_be_visible()
    await agents.get_by_role("slider", name="Moment").press("End")
    await expect(replay(agents).locator("h1")).to_have_text("Out of stock")
    link, password = await shared(agents)
    await watched_elsewhere(await (await new_context()).new_page(), link, password)
    (await team.patch(f"/api/projects/{shop.project_id}/", json=dict.fromkeys(settings))).raise_for_status()


async def shared(agents: Page) -> tuple[str, str]:
    """Share the recording that is shown; return the embedded address and its password."""
    await agents.locator("#share > summary").click()
    await agents.get_by_role("button", name="Share by a link").click()
    await agents.get_by_role("button", name="Ask for a password").click()
    await agents.get_by_label("For whom").fill("Friends")
    await agents.get_by_role("button", name="Add a password").click()
    password = await agents.locator("#new-password").inner_text()
    await check_with_axe(agents, exclude=["iframe"])
    await agents.get_by_role("button", name="Copy for this moment").click()
    link = await agents.locator("#share-link").inner_text()
    assert re.search(r"/shared/[\w-]{30}\?t=\d+$", link)
    return link.replace("/shared/", "/embedded/"), password


async def watched_elsewhere(page: Page, link: str, password: str) -> None:
    """Unlock and play it in a frame of another site, in which no cookie of ours is sent."""
    refused: list[str] = []

    def look(response: Response) -> None:
        if response.status >= 400:
            refused.append(f"{response.status} {response.url}")

    async def serve(route: Route) -> None:
        body = f'<iframe src="{link}" width="1000" height="700"></iframe>'
        await route.fulfill(body=body, content_type="text/html")

    page.on("response", look)
    await page.route(FRIENDS_SITE, serve)
    await page.context.grant_permissions(["local-network-access"])
    await page.goto(FRIENDS_SITE)
    frame = page.frame_locator("iframe")
    await frame.get_by_label("Password").fill(password)
    await frame.get_by_role("button", name="Open").click()
    await expect(frame.locator("#player[data-begun]")).to_be_attached()
    shown = frame.frame_locator(".player-screen").frame_locator("iframe").frame_locator("iframe")
    await expect(shown.locator("h1")).to_be_visible()
    await frame.get_by_role("slider", name="Moment").press("End")
    await expect(shown.locator("h1")).to_have_text("Out of stock")
    await expect(frame.get_by_text("Wrote:")).to_have_count(0)
    assert refused == []
