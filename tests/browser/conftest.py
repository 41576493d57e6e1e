"""One server per database, one Chromium, and a fresh profile for each visitor."""

import json
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, async_playwright, expect

from tests import servers
from tests.browser.widget import Visitor
from tests.parley_server import ParleyServer, Project, migrated_postgres_url
from tests.s3_server import S3Bucket, s3_bucket

# Without these Chromium calls home at every start, which a closed network refuses one by one.
QUIET = ("background-networking", "component-update", "sync", "gpu", "quic", "dev-shm-usage")
FLAGS = ["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in QUIET)]
CHROMIUM = "/usr/bin/chromium"
# The same engine without windows, menus and notifications around it takes a third of the processor time off these tests.
HEADLESS_SHELL = "/usr/lib/chromium/chromium-headless-shell"
OWN_SITE = "http://localhost:4999/"

# The widget asks for news every five seconds.
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)

NewContext = Callable[[], Coroutine[Any, Any, BrowserContext]]


@pytest.fixture(scope="session")
def bucket() -> Iterator[S3Bucket]:
    """What the server stores in when a module asks for the one with `s3`."""
    with s3_bucket() as made:
        yield made


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ParleyServer]:
    """A running Parley, once on the embedded database and once on PostgreSQL with Redis.

    With the parameter `s3` it is on the embedded database and stores objects in a bucket.
    """
    settings = {}
    if request.param == "s3":
        settings = request.getfixturevalue("bucket").settings
    if request.param == "postgresql":
        settings = {
            "PARLEY_DATABASE_URL": migrated_postgres_url(),
            "PARLEY_REDIS_URL": servers.redis_url(),
        }
    made = ParleyServer(tmp_path_factory.mktemp("parley"), settings)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def shop(server: ParleyServer) -> Project:
    """The project that all browser tests share; each visitor is a stranger to the others."""
    made = server.bootstrap("owner@example.com")
    headers = {"Authorization": f"Bearer {made.personal_api_key}"}
    # Tests that answer need not wait for the seconds in which an answer can be taken back.
    changed = httpx.patch(
        f"{server.url}/api/users/@me/", headers=headers, json={"undo_send_s": 0}, timeout=60
    )
    assert changed.status_code == 200, changed.text
    return made


@pytest_asyncio.fixture
async def team(server: ParleyServer, shop: Project) -> AsyncIterator[httpx.AsyncClient]:
    """The team of the shop, through the API."""
    async with server.client(shop) as client:
        yield client


@asynccontextmanager
async def launched(program: str) -> AsyncIterator[Browser]:
    """Run this browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Chromium's headless shell, or the whole Chromium where it isn't installed."""
    async with launched(HEADLESS_SHELL if Path(HEADLESS_SHELL).exists() else CHROMIUM) as browser:
        yield browser


@pytest_asyncio.fixture
async def new_context(chromium: Browser) -> AsyncIterator[NewContext]:
    """Make browser profiles that share nothing; they are closed at the end of the test."""
    made: list[BrowserContext] = []

    async def make() -> BrowserContext:
        context = await chromium.new_context()
        context.set_default_timeout(PATIENCE_MS)
        made.append(context)
        return context

    yield make
    for context in made:
        await context.close()


@pytest_asyncio.fixture
async def new_visitor(
    new_context: NewContext, server: ParleyServer, shop: Project
) -> Callable[[], Coroutine[Any, Any, Visitor]]:
    """Make visitors of the demo page, each in a browser of their own."""

    async def make() -> Visitor:
        context = await new_context()
        return Visitor(await context.new_page(), f"{server.url}/demo/{shop.project_token}")

    return make


@pytest_asyncio.fixture
async def new_shop_page(
    new_context: NewContext, server: ParleyServer, shop: Project
) -> Callable[..., Coroutine[Any, Any, Visitor]]:
    """Make visitors of a site of its own, whose every call to Parley crosses origins; takes the SDK's options."""

    async def make(**options: Any) -> Visitor:
        start = f"posthog.init({json.dumps(shop.project_token)}, {json.dumps({'api_host': server.url} | options)})"
        html = f'<script src="{server.url}/static/array.js"></script><script>{start}</script>'
        context = await new_context()
        # A page out of nowhere counts as one of the internet, which may not reach this machine by itself.
        await context.grant_permissions(["local-network-access"])
        page = await context.new_page()
        await page.route(f"{OWN_SITE}**", lambda route: route.fulfill(content_type="text/html", body=html))
        return Visitor(page, OWN_SITE)

    return make
