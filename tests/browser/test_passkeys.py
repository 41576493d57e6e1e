"""A passkey of a real browser, whose authenticator Chromium plays itself."""

from collections.abc import Iterator

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import NewContext
from tests.parley_server import PASSWORD, ParleyServer


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParleyServer]:
    """A server that is called localhost: browsers make no passkeys for bare addresses."""
    made = ParleyServer(tmp_path_factory.mktemp("parley"), {})
    made.settings["PARLEY_SITE_URL"] = f"http://localhost:{made.port}"
    made.start()
    yield made
    made.stop()


async def with_authenticator(page: Page) -> None:
    """Give the browser an authenticator that always knows its user."""
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


async def test_somebody_makes_a_passkey_and_signs_in_with_it(site: ParleyServer, new_context: NewContext):
    owner = site.bootstrap("lea@example.com")
    page = await (await new_context()).new_page()
    await with_authenticator(page)
    url = site.settings["PARLEY_SITE_URL"]
    await page.goto(f"{url}/login?next=/settings/security")
    await page.get_by_label("E-mail address").fill(owner.email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.get_by_label("Name of the new passkey").fill("Laptop")
    await page.get_by_role("button", name="Create a passkey").click()
    await expect(page.get_by_role("status")).to_contain_text("Your passkey is ready.")
    await expect(page.get_by_role("region", name="Passkeys")).to_contain_text("Laptop")

    await page.context.clear_cookies()
    await page.goto(f"{url}/login?next=/settings/security")
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await expect(page.get_by_role("region", name="Where you are signed in")).to_contain_text("this browser")

    await page.locator("summary", has_text="Delete … Laptop").click()
    await page.get_by_role("button", name="Delete Laptop").click()
    await expect(page.get_by_role("status")).to_contain_text("The passkey is deleted.")
