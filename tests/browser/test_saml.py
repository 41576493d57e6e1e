"""SAML against identity providers of others, in a real browser: set up by an admin, tested, and used by somebody new."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import FilePayload, expect
from sqlalchemy import insert

from parley.accounts.domains.tables import organization_domain
from parley.commands.command_database import opened_services
from parley.kernel.config.settings import Settings
from parley.kernel.ids import new_uuid
from tests.browser.accessibility import check_with_axe
from tests.browser.conftest import NewContext
from tests.browser.saml_providers import Samlp, SamlProvider, SimpleSamlPhp
from tests.browser.test_inbox import PHONE_WIDTH, sign_in
from tests.parley_server import ParleyServer, Project

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("server", ["sqlite"], indirect=True, scope="session"),
]


@pytest.fixture(params=[Samlp, SimpleSamlPhp])
def provider(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, server: ParleyServer
) -> Iterator[SamlProvider]:
    kind: type[Samlp] | type[SimpleSamlPhp] = request.param
    if kind is SimpleSamlPhp and not kind.is_installed():
        pytest.skip("SimpleSAMLphp comes from Debian, which `make services` installs as root only.")
    folder: Path = tmp_path_factory.mktemp(kind.__name__)
    made = kind(folder, server.url, f"{server.url}/complete/saml/", f"ada@{kind.__name__.lower()}.test")
    made.start()
    yield made
    made.stop()


async def verified_domain(server: ParleyServer, shop: Project, name: str) -> UUID:
    """Make a domain as it is once the DNS has proven it, which takes everybody new."""
    domain_id = new_uuid()
    async with opened_services(Settings.from_env(server.settings)) as services:
        now = services.clock.now()
        async with services.database.transaction() as db:
            await db.execute(
                insert(organization_domain).values(
                    id=domain_id, organization_id=UUID(shop.organization_id), domain=name, created_at=now,
                    verification_challenge="x", verified_at=now, jit_provisioning_enabled=True,
                )
            )  # fmt: skip
    return domain_id


async def test_an_admin_sets_it_up_and_somebody_new_signs_in(
    provider: SamlProvider, new_context: NewContext, server: ParleyServer, shop: Project
) -> None:
    domain_id = await verified_domain(server, shop, provider.email.partition("@")[2])
    page = await (await new_context()).new_page()
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
    await sign_in(page, server, shop)
    await page.goto(f"{server.url}/settings/domains/{domain_id}/saml")
    file = FilePayload(name="metadata.xml", mimeType="text/xml", buffer=provider.metadata())
    await page.get_by_label("Or a file").set_input_files(file)
    await page.get_by_role("button", name="Read the metadata").click()
    await expect(page.get_by_label("Its entity ID")).to_have_value(f"{provider.url}/idp")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Valid until")).to_be_visible()
    await check_with_axe(page)
    await page.get_by_role("link", name="Test the sign-in").click()
    await provider.sign_in(page)
    await expect(page.get_by_text("The sign-in works.")).to_be_visible()
    await page.set_viewport_size({"width": PHONE_WIDTH, "height": 800})
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE_WIDTH
    assert faults == []

    page = await (await new_context()).new_page()
    await page.goto(f"{server.url}/settings/account")
    await page.get_by_label("E-mail address").fill(provider.email)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.get_by_role("link", name="Continue with single sign-on").click()
    await provider.sign_in(page)
    await expect(page.get_by_text(f"You sign in as {provider.email}.")).to_be_visible()
    assert page.url == f"{server.url}/settings/account"
