"""The pages of domains, by what people see."""

from parley.accounts.domains.tests.conftest import SAML
from tests.cast import Cast
from tests.plain_browser import PlainBrowser, window_of

PAGE = "/settings/domains"


async def test_an_admin_follows_the_steps(cast: Cast, dns, name, store):
    window = await window_of(cast, cast.alice)
    await window.open(PAGE)
    await window.press("Add", domain="nothing")
    assert window.status == 422
    assert window.page.one("p", id="domain-help").text == "Please enter a valid domain or subdomain name."
    assert "such as example.com" in window.page.one("p", id="domain-hint").text
    await window.press("Add", domain=f"Bücher.{name}")
    assert window.page.one(role="status").text.startswith("The domain is added.")
    record, value = (window.page.one("code", id=f"record-{part}").text for part in ("name", "value"))
    assert record == f"_posthog-challenge.xn--bcher-kva.{name}"
    assert window.page.texts("h2")[-1] == f"bücher.{name}"
    await window.press("Check the record")
    assert f"There is no TXT record at {record}." in window.page.text
    assert window.page.all("select") == []
    dns.publish(record, "TXT", value)
    await window.press("Check the record")
    assert window.page.one(role="status").text == "The record is found: the domain is verified."
    domain = {"id": window.path.split("?")[0].rpartition("/")[2]}
    assert "set up SAML below" in window.page.one("p", id="sso-help").text
    await store(domain, **SAML)
    await window.open(f"{PAGE}/{domain['id']}")
    await window.press("Save", sso_enforcement="saml", jit_provisioning_enabled="on")
    assert window.page.one(role="status").text == "Saved."
    await window.open(PAGE)
    assert "signs in with SAML only" in window.page.text
    await window.follow(f"bücher.{name}")
    await window.press("Delete this domain")
    assert window.page.one(role="status").text == "The domain is deleted."
    assert "No domain is added yet." in window.page.text


async def test_members_look_and_strangers_find_nothing(cast: Cast, domain):
    window = await window_of(cast, cast.bob)
    await window.open(f"{PAGE}/{domain['id']}")
    assert window.status == 200 and window.page.all("form", action=f"{PAGE}/{domain['id']}/verify") == []
    assert (await window.open(PAGE)).page.all("input", name="domain") == []
    for path in (f"{PAGE}/{domain['id']}", f"{PAGE}/x"):
        assert (await (await window_of(cast, cast.mallory)).open(path)).status == 404


async def test_pages_offer_the_provider_instead_of_a_password(cast: Cast, verified, store, name):
    await store(verified, sso_enforcement="saml", **SAML)
    window = PlainBrowser(cast.client())
    await window.open("/forgotten")
    await window.press("Send the link", email=f"x@{name}")
    assert window.status == 422
    assert window.page.one(role="alert").text.startswith(
        "People with such an address sign in with single sign-on only."
    )
    door = f"/login/saml/?email=x%40{name}"
    assert window.page.one("a", href=door).text == "Sign in with single sign-on"
    admin = await cast.sign_in(cast.mallory)
    made = await admin.post("/api/organizations/@current/invites/", json={"target_email": f"x@{name}"})
    await window.open(made.json()["invite_link"].replace("http://parley.test", ""))
    assert window.page.one("a", href=door).text == "Sign in with single sign-on"
    assert window.page.all("input", name="password") == []


async def test_who_is_signed_in_with_the_invited_address_joins_by_a_button(cast: Cast):
    window, admin = await window_of(cast, cast.bob), await cast.sign_in(cast.mallory)
    invited = {"target_email": cast.bob.email}
    made = await admin.post("/api/organizations/@current/invites/", json=invited)
    await window.open(made.json()["invite_link"].replace("http://parley.test", ""))
    assert window.page.all("input", name="password") == []
    await window.press("Join")
    assert window.path.startswith("/inbox")
