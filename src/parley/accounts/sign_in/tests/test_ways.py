"""The sign-in page for people whose domain has a say in how they sign in."""

from typing import Any

from sqlalchemy import insert

from parley.accounts.domains.tables import organization_domain
from parley.kernel.ids import new_token, new_uuid
from tests.cast import PASSWORD, Cast
from tests.plain_browser import PlainBrowser

SAML = {"saml_entity_id": "idp", "saml_acs_url": "https://idp.example/", "saml_x509_cert": "PEM"}


async def add_domain(cast: Cast, **more: Any) -> str:
    name, now = f"{new_token(length=12).lower()}.example", cast.services.clock.now()
    row = {
        "id": new_uuid(), "organization_id": cast.project.organization_id, "domain": name,
        "verification_challenge": "x", "verified_at": now, "created_at": now, **SAML, **more,
    }  # fmt: skip
    async with cast.services.database.transaction() as db:
        await db.execute(insert(organization_domain).values(**row))
    return name


async def test_an_address_alone_leads_to_the_only_way_of_its_domain(cast: Cast):
    name = await add_domain(cast, sso_enforcement="saml")
    window = await PlainBrowser(cast.client()).open("/login?next=/inbox/7")
    assert "through your company" in window.page.one("p", id="password-help").text
    for password in ("", PASSWORD):
        await window.press("Sign in", email=f"lea@{name}", password=password)
        [link] = [one for one in window.page.all("a") if one.text.startswith("Continue with")]
        assert link.text == "Continue with single sign-on"
        assert link["href"] == f"/login/saml/?email=lea%40{name}&next=%2Finbox%2F7"
        assert window.page.all("input", name="password") == []
        await window.follow("Use another address")
    assert window.page.one("input", name="next")["value"] == "/inbox/7"


async def test_where_there_are_two_ways_the_page_offers_both(cast: Cast):
    name = await add_domain(cast)
    window = await PlainBrowser(cast.client()).open("/login")
    await window.press("Sign in", email=f"lea@{name}", password="")
    assert window.status == 200 and window.page.one("input", name="email")["value"] == f"lea@{name}"
    assert window.page.one("input", name="password").get("required") is not None
    assert "Continue with single sign-on" in window.page.texts("a")
    assert window.page.one(role="status").text.startswith("Enter your password, or go on")


async def test_the_page_tells_nothing_of_who_has_an_account(cast: Cast):
    name = await add_domain(cast)
    window = PlainBrowser(cast.client())
    known = cast.bob.email.partition("@")[0]
    for domain in (name, "example.com", "nowhere.example"):
        seen = set()
        for local_part in (known, "somebody-else"):
            await window.open("/login")
            await window.press("Sign in", email=f"{local_part}@{domain}", password="")
            token = window.page.one("input", name="csrf_token")["value"]
            seen.add(window.answer.text.replace(local_part, "").replace(token, ""))
        assert len(seen) == 1
