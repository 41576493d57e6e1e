"""Insights and dashboards in a real browser: the answer follows the form, tiles come by themselves, on a phone, too."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.accessibility import check_with_axe
from tests.browser.conftest import NewContext
from tests.browser.test_inbox import PHONE_WIDTH, sign_in
from tests.parley_server import ParleyServer, Project

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("server", ["sqlite"], indirect=True, scope="session"),
]


@pytest_asyncio.fixture
async def tab(new_context: NewContext, server: ParleyServer, shop: Project) -> AsyncIterator[Page]:
    """A tab that is signed in. It fails the test when a script fails, or breaks the policy of pages."""
    page, wrong = await (await new_context()).new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Policy" in said.text else None)
    async with server.client(shop) as client:
        steps = ("shelf seen", "shelf seen", "basket filled")
        batch = [{"event": step, "distinct_id": f"walker-{n}"} for n, step in enumerate(steps)]
        batch.append({"event": "basket filled", "distinct_id": "walker-0"})
        answer = await client.post("/batch", json={"api_key": shop.project_token, "batch": batch})
        assert answer.status_code == 200
    await sign_in(page, server, shop)
    yield page
    assert wrong == []


async def check_both_widths(page: Page) -> None:
    for width in (PHONE_WIDTH, 1280):
        await page.set_viewport_size({"width": width, "height": 800})
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await check_with_axe(page)


async def test_an_insight_is_put_together_by_keyboard_and_shown_on_a_dashboard(
    tab: Page, server: ParleyServer
) -> None:
    answer, cell = tab.locator("#answer"), tab.locator("#answer").get_by_role("rowheader")
    await tab.goto(f"{server.url}/insights/new?kind=EventsQuery")
    await tab.get_by_label("Event", exact=True).select_option("shelf seen")
    columns = tab.get_by_label("Columns")
    await columns.fill("event, distinct_id")
    await columns.press("Enter")
    await expect(cell).to_have_text(["shelf seen", "shelf seen"])
    await columns.fill("nothing")
    await columns.press("Tab")
    await expect(tab.locator("#columns-problem")).to_contain_text("Possible are")
    await columns.fill("event")
    await columns.press("Enter")
    await expect(tab.locator("#columns-problem")).to_have_count(0)
    await expect(cell).to_have_count(2)
    await tab.get_by_label("Kind").select_option("FunnelsQuery")
    await tab.get_by_label("Step 1", exact=True).select_option("basket filled")
    await tab.get_by_label("Step 2", exact=True).select_option("shelf seen")
    await tab.get_by_role("button", name="Move step 2 up").press("Enter")
    await expect(tab.get_by_label("Step 1", exact=True)).to_have_value("shelf seen")
    await expect(answer.locator("[data-chart-picture] svg")).to_contain_text("1. shelf seen")
    await check_both_widths(tab)
    await tab.get_by_label("Name (optional)").fill("From shelf to basket")
    await tab.get_by_role("button", name="Save the insight").press("Enter")
    await expect(tab.get_by_role("heading", level=1)).to_have_text("From shelf to basket")

    await tab.goto(f"{server.url}/dashboards")
    await tab.get_by_label("Name").fill("Walks")
    await tab.get_by_role("button", name="Create dashboard").press("Enter")
    await tab.locator("main summary").filter(has_text="Add").press("Enter")
    await tab.get_by_label("Insight", exact=True).select_option(label="From shelf to basket")
    await tab.get_by_role("button", name="Add the insight").press("Enter")
    tile = tab.get_by_role("region", name="From shelf to basket", exact=True)
    await expect(tile.locator("[data-chart-picture] svg")).to_contain_text("1. shelf seen")
    await check_both_widths(tab)


async def test_a_new_insight_of_a_dashboard_is_put_on_it(
    tab: Page, server: ParleyServer, team: httpx.AsyncClient
) -> None:
    made = (await team.post("/api/projects/@current/dashboards/", json={"name": "Shelves"})).json()
    await tab.goto(f"{server.url}/dashboards/{made['id']}")
    await tab.locator("summary", has_text="Add").click()
    await tab.get_by_role("link", name="Make a new insight").click()
    await expect(tab.get_by_text("Once you save it")).to_contain_text("Shelves")
    await check_both_widths(tab)
    await tab.get_by_label("Name (optional)").fill("Seen")
    await tab.get_by_role("button", name="Save the insight").click()
    await expect(tab.get_by_role("status").first).to_contain_text("It is on the dashboard now.")
    await tab.get_by_role("link", name="Shelves").click()
    await expect(tab.get_by_role("region", name="Seen")).to_be_visible()


async def test_reports_are_drawn_and_lead_to_their_conversations(
    tab: Page, server: ParleyServer, team: httpx.AsyncClient, shop: Project
) -> None:
    tickets = f"/api/projects/{shop.project_id}/conversations/tickets/"
    for tag in ("reported", "<b>bold"):
        made = await team.post(tickets, json={"email": "ada@example.com", "message": "Help", "tags": [tag]})
        assert made.status_code == 201
    await tab.goto(f"{server.url}/inbox")
    await tab.get_by_role("navigation", name="Main").get_by_role("link", name="Reports").press("Enter")
    await expect(tab.locator("[data-chart-picture] svg")).to_contain_text("Opened")
    await tab.get_by_role("link", name="7 days").press("Enter")
    await expect(tab.locator("[data-chart-picture] svg")).to_contain_text("Resolved")
    await check_both_widths(tab)
    row = tab.get_by_role("region", name="By tag").get_by_role("row", name="reported")
    await row.get_by_role("link").press("Enter")
    await expect(tab.locator("#rows > li")).to_have_count(1)
    await check_with_axe(tab)
