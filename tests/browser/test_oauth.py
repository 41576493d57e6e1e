"""The official MCP client signs in: registration, consent in a real browser, tokens, and tools of `/mcp`."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
import pytest_asyncio
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientMetadata
from playwright.async_api import Page, expect

from parley.accounts.oauth_server.tests.kept_tokens import Kept
from tests import servers
from tests.browser.accessibility import check_with_axe
from tests.parley_server import PASSWORD, ParleyServer

pytestmark = pytest.mark.browser
OWNER = "owner@fern.example"


class CallbackServer:
    """What the program runs on loopback while its person decides: it takes one request of the browser."""

    def __init__(self) -> None:
        self.port = servers.free_port()
        self.came: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/callback"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = (await reader.readline()).decode().split(" ")[1]
        while (await reader.readline()).strip():
            pass
        body = b"You can close this window."
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n" + body)
        await writer.drain()
        writer.close()
        if target.startswith("/callback") and not self.came.done():
            self.came.set_result(dict(parse_qsl(urlsplit(target).query)))


@pytest_asyncio.fixture
async def callback() -> AsyncIterator[CallbackServer]:
    made = CallbackServer()
    async with await asyncio.start_server(made.answer, "127.0.0.1", made.port):
        yield made


@pytest.fixture(scope="module")
def parley(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParleyServer]:
    made = ParleyServer(tmp_path_factory.mktemp("parley"), {})
    made.settings["PARLEY_SITE_URL"] = made.url
    made.start()
    made.bootstrap(OWNER)
    yield made
    made.stop()


async def sign_in(page: Page) -> None:
    await page.get_by_label("E-mail address").fill(OWNER)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()


def provider_of(
    parley: ParleyServer, callback: CallbackServer, page: Page, button: str
) -> OAuthClientProvider:
    async def open_browser(url: str) -> None:
        await page.goto(url)
        await sign_in(page)
        await expect(page.get_by_role("heading", name="Connect MCP inspector to Parley?")).to_be_visible()
        await check_with_axe(page)
        await page.get_by_role("button", name=button).click()
        await page.wait_for_url(f"{callback.url}?**")

    async def wait() -> AuthorizationCodeResult:
        query = await callback.came
        return AuthorizationCodeResult(code=query["code"], state=query["state"], iss=query["iss"])

    metadata = OAuthClientMetadata.model_validate(
        {"client_name": "MCP inspector", "redirect_uris": [callback.url]}
    )
    return OAuthClientProvider(f"{parley.url}/mcp", metadata, Kept(), open_browser, wait)


async def test_the_mcp_client_is_let_in_and_uses_tools(parley: ParleyServer, callback, new_context):
    page = await (await new_context()).new_page()
    provider = provider_of(parley, callback, page, "Connect")
    async with (
        httpx2.AsyncClient(auth=provider, timeout=60) as http,
        Client(streamable_http_client(f"{parley.url}/mcp", http_client=http)) as client,
    ):
        names = {tool.name for tool in (await client.list_tools()).tools}
        assert "conversations-tickets-list" in names
        answer = await client.call_tool("conversations-tickets-list", {})
        assert not answer.is_error, answer
    await page.goto(f"{parley.url}/settings/security")
    await expect(page.get_by_role("region", name="Connected applications")).to_contain_text("MCP inspector")
    await page.get_by_role("button", name="Disconnect MCP inspector").click()
    await expect(page.get_by_role("status")).to_have_text("The application is disconnected.")
