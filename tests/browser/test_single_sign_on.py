"""Signing in at a real OpenID provider, in a real browser. One server on SQLite: the databases are compared elsewhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.parley_server import ParleyServer
from tests.servers import Server
from tools.node import find_node

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("oidc_provider.mjs")
OWNER = "owner@fern.example"


class OpenidProvider(Server):
    """`oidc-provider` with one client, whose answers may go to one address."""

    def __init__(self, folder: Path, redirect_uri: str) -> None:
        super().__init__(folder)
        self.redirect_uri = redirect_uri

    def command(self) -> list[str]:
        return [find_node().node, str(SCRIPT), str(self.port), self.redirect_uri, "fern.example"]

    def is_ready(self) -> bool:
        return self.log.exists() and "The provider is ready." in self.log.read_text()


@pytest.fixture(scope="module")
def parley(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParleyServer]:
    """A server whose Google is a real OpenID provider on loopback."""
    made = ParleyServer(tmp_path_factory.mktemp("parley"), {})
    provider = OpenidProvider(tmp_path_factory.mktemp("oidc"), f"{made.url}/complete/google-oauth2/")
    made.settings |= {
        "PARLEY_GOOGLE_CLIENT_ID": "parley",
        "PARLEY_GOOGLE_CLIENT_SECRET": "a secret that only the tests have",
        "PARLEY_GOOGLE_URL": f"http://127.0.0.1:{provider.port}",
    }
    provider.start()
    made.start()
    made.bootstrap(OWNER)
    yield made
    made.stop()
    provider.stop()


async def prove_it(page: Page, email: str) -> None:
    """Fill the page of the provider that asks who one is."""
    await page.get_by_placeholder("Enter any login").fill(email)
    await page.get_by_placeholder("and password").fill("any")
    await page.get_by_role("button", name="Sign-in").click()


async def let_in_as(page: Page, email: str) -> None:
    """Fill the pages of the provider: who one is, and that Parley may know it."""
    await prove_it(page, email)
    await page.get_by_role("button", name="Continue").click()


async def test_somebody_signs_in_at_an_openid_provider(parley: ParleyServer, new_context):
    page = await (await new_context()).new_page()
    await page.goto(f"{parley.url}/login?next=/inbox?status=all")
    await page.get_by_role("link", name="Continue with Google").click()
    await let_in_as(page, OWNER)
    await page.wait_for_url(f"{parley.url}/inbox?status=all")
    await page.context.clear_cookies(name="parley_session")
    await page.goto(f"{parley.url}/login")
    await page.get_by_role("link", name="Continue with Google").click()  # the provider knows them still
    await page.wait_for_url(f"{parley.url}/inbox")


async def test_a_stranger_is_told_in_a_sentence_why_they_are_not_let_in(parley: ParleyServer, new_context):
    page = await (await new_context()).new_page()
    await page.goto(f"{parley.url}/login")
    await page.get_by_role("link", name="Continue with Google").click()
    await let_in_as(page, "stranger@nowhere.example")
    await expect(page.get_by_role("alert")).to_have_text(
        "There is no account for you yet. Ask an admin of your organization for an invitation."
    )
    assert page.url.startswith(f"{parley.url}/login?error_code=jit_disabled")


async def test_a_confirmation_counts_once_the_provider_has_asked_again(parley: ParleyServer, new_context):
    page = await (await new_context()).new_page()
    await page.goto(f"{parley.url}/login?next=/settings/account")
    await page.get_by_role("link", name="Continue with Google").click()
    await let_in_as(page, OWNER)
    await page.wait_for_url(f"{parley.url}/settings/account")
    confirm = f"{parley.url}/login/google-oauth2/?confirm=1&next=/settings/keys"
    await page.goto(confirm)
    await prove_it(page, OWNER)  # it knows them, and asks nevertheless
    await page.wait_for_url(f"{parley.url}/settings/keys")

    # Whoever sits at the browser can change what it carries to the provider.
    begun = await page.request.get(confirm, max_redirects=0)
    kept = [
        one for one in begun.headers["location"].split("&") if not one.startswith(("max_age=", "prompt="))
    ]
    await page.goto("&".join(kept))
    await expect(page.get_by_role("alert")).to_contain_text("did not ask you who you are")
