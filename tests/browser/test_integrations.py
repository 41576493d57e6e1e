"""LinkedIn, Slack and Twilio are connected, set up and disconnected in a real browser, against the doubles of the tests."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from parley.integrations.linkedin_ads.tests.fake_linkedin import BASE, PORT, SETTINGS, FakeLinkedIn
from parley.integrations.slack.tests.slack_double import (
    CLIENT_ID,
    CLIENT_SECRET,
    GENERAL,
    SECRET,
    TOKEN,
    SlackDouble,
)
from parley.integrations.twilio.tests.double import CUSTOMER, OWN, TwilioDouble
from tests.browser.accessibility import check_with_axe
from tests.browser.conftest import NewContext
from tests.browser.test_inbox import PHONE_WIDTH, sign_in
from tests.parley_server import ParleyServer, Project
from tests.receiver import receiving
from tests.servers import free_port

pytestmark = pytest.mark.browser
SLACK_PORT, TWILIO_PORT = free_port(), free_port()
TWILIO_URL = f"http://127.0.0.1:{TWILIO_PORT}"
SLACK = {
    "PARLEY_SLACK_API_URL": f"http://127.0.0.1:{SLACK_PORT}",
    "PARLEY_SLACK_CLIENT_ID": CLIENT_ID,
    "PARLEY_SLACK_CLIENT_SECRET": CLIENT_SECRET,
    "PARLEY_SLACK_SIGNING_SECRET": SECRET,
}
PICTURES = os.environ.get("INTEGRATION_PICTURES")
"""A folder for pictures of the pages, for people who want to look at them."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParleyServer]:
    """A server on SQLite that is registered with all doubles: the databases are compared elsewhere."""
    settings = {f"PARLEY_{name.upper()}": value for name, value in SETTINGS.items()}
    made = ParleyServer(
        tmp_path_factory.mktemp("parley"), {**settings, **SLACK, "PARLEY_TWILIO_API_URL": TWILIO_URL}
    )
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def shop(server: ParleyServer) -> Project:
    return server.bootstrap("owner@fern.example")


@pytest_asyncio.fixture
async def linkedin() -> AsyncIterator[FakeLinkedIn]:
    fake = FakeLinkedIn()
    async with receiving(port=PORT) as receiver:
        receiver.respond = fake.respond
        yield fake


@pytest_asyncio.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    async with receiving(port=SLACK_PORT) as receiver:
        yield SlackDouble(receiver)


@pytest_asyncio.fixture
async def twilio() -> AsyncIterator[TwilioDouble]:
    made = TwilioDouble()
    async with receiving(port=TWILIO_PORT) as receiver:
        receiver.respond = made.respond
        yield made


async def looked_at(page: Page, name: str) -> None:
    """Check the page at both widths."""
    for width in (PHONE_WIDTH, 1280):
        await page.set_viewport_size({"width": width, "height": 800})
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        if PICTURES:
            height = await page.evaluate("document.getElementById('main').scrollHeight + 80")
            await page.set_viewport_size({"width": width, "height": height})
            await page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png")
    await check_with_axe(page)


async def test_linkedin_is_connected_and_disconnected(
    server: ParleyServer, shop: Project, linkedin: FakeLinkedIn, new_context: NewContext
):
    page = await (await new_context()).new_page()
    await sign_in(page, server, shop)
    await page.goto(f"{server.url}/settings/integrations")
    await looked_at(page, "nothing")
    await page.get_by_role("link", name="Connect LinkedIn Ads").click()
    await expect(page.get_by_role("status")).to_have_text("The account is connected.")
    assert page.url.startswith(f"{server.url}/settings/integrations")
    assert (
        linkedin.received[0].path.startswith("/oauth/v2/authorization?") and BASE not in await page.content()
    )
    row = page.get_by_role("listitem").filter(has_text="LinkedIn Ads: lea@example.com")
    await expect(row).to_contain_text("connected")
    await looked_at(page, "connected")
    await page.get_by_role("link", name="Reconnect lea@example.com").click()
    await expect(page.get_by_role("status")).to_have_text("The account is connected.")
    await expect(row).to_have_count(1)
    await row.get_by_text("Disconnect …").click()
    await looked_at(page, "asked")
    await page.get_by_role("button", name="Disconnect this account").click()
    await expect(page.get_by_role("status")).to_contain_text("The account is disconnected.")
    await expect(row).to_have_count(0)


async def test_slack_is_connected_set_up_tried_and_disconnected(
    server: ParleyServer, shop: Project, slack: SlackDouble, new_context: NewContext
):
    page = await (await new_context()).new_page()
    await sign_in(page, server, shop)
    await page.goto(f"{server.url}/settings/integrations")
    await page.get_by_role("link", name="Connect Slack").click()
    await expect(page.get_by_role("status")).to_have_text("The account is connected.")
    row = page.get_by_role("listitem").filter(has_text="Slack: Hedgehogs")
    await expect(row).to_contain_text("connected")
    assert TOKEN not in await page.content()
    await row.get_by_role("link", name="Channel and notices").click()
    await page.get_by_label("Take messages from Slack").check()
    await page.get_by_label("Support channel", exact=True).select_option(label="#general")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status")).to_have_text("Saved.")
    await page.get_by_role("button", name="Post a test in the channel").click()
    await expect(page.get_by_role("status")).to_contain_text("The test is posted.")
    assert len(slack.posts(GENERAL)) == 1
    await looked_at(page, "slack")
    await page.get_by_role("link", name="All integrations").click()
    await row.get_by_text("Disconnect …").click()
    await page.get_by_role("button", name="Disconnect this account").click()
    await expect(page.get_by_role("status")).to_contain_text("The account is disconnected.")
    await expect(row).to_have_count(0)
    await page.get_by_label("Bot token").fill(TOKEN)
    await page.get_by_label("Bot token").press("Enter")
    await expect(row).to_contain_text("connected")


async def test_twilio_is_connected_with_a_number_and_disconnected(
    server: ParleyServer, shop: Project, twilio: TwilioDouble, new_context: NewContext
):
    page = await (await new_context()).new_page()
    await page.set_viewport_size({"width": 1280, "height": 800})
    await sign_in(page, server, shop)
    await page.goto(f"{server.url}/settings/integrations")
    connect = page.get_by_role("button", name="Connect Twilio")
    for token, said in (
        (twilio.token[::-1], page.get_by_role("alert")),
        (twilio.token, page.get_by_role("status")),
    ):
        await page.get_by_label("Account SID").fill(twilio.account_sid)
        await page.get_by_label("Auth token").fill(token)
        await connect.click()
        await expect(said).to_be_in_viewport()
        assert token not in await page.content()
    row = page.get_by_role("listitem").filter(has_text=f"Twilio: ID: {twilio.account_sid}")
    await expect(row).to_contain_text("connected")
    await row.get_by_role("link", name="Choose the phone numbers").click()
    await page.get_by_label("Number", exact=True).select_option(value=OWN)
    await page.get_by_role("button", name="Connect", exact=True).click()
    await expect(page.get_by_role("status")).to_contain_text("The number is connected.")
    await looked_at(page, "twilio")
    await says_where_a_text_message_goes(page, server, shop)
    await page.goto(f"{server.url}/settings/integrations")
    await row.get_by_text("Disconnect …").click()
    await page.get_by_role("button", name="Disconnect this account").click()
    await expect(page.get_by_role("status")).to_contain_text("The account is disconnected.")
    await expect(row).to_have_count(0)


async def says_where_a_text_message_goes(page: Page, server: ParleyServer, shop: Project) -> None:
    """A person with a number is picked, and the page says how the message goes before it is sent."""
    told = {"$set": {"name": "Nina Texts", "phone": CUSTOMER}}
    event = {"event": "x", "distinct_id": "nina", "properties": told, "token": shop.project_token}
    async with server.client(shop) as team:
        (await team.post("/e/", json=event)).raise_for_status()
    await page.goto(f"{server.url}/compose")
    route, to = page.locator("#text-route"), page.get_by_label("To", exact=True)
    await expect(page.get_by_label("Subject")).to_be_disabled()
    await to.press_sequentially("nina te")
    await page.get_by_role("option", name="Nina Texts").click()
    await expect(to).to_have_value(CUSTOMER)
    await expect(route).to_have_text(f"Text message to {CUSTOMER}, from +1 500-555-0006")
    await page.get_by_label("From", exact=True).select_option("widget")
    await expect(to).to_have_value("Nina Texts")
    await expect(route).to_be_hidden()
    await expect(page.get_by_label("Subject")).to_be_enabled()
    await page.get_by_label("From", exact=True).select_option(label="Text message from +1 500-555-0006")
    await looked_at(page, "compose-text")
    await page.get_by_role("textbox", name="Message").fill("Your order has left.")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator("#messages")).to_contain_text("Your order has left.")
