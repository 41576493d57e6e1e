"""The pages on which addresses are connected."""

import pytest
import pytest_asyncio
from msgspec.structs import replace

from parley.email.channels import actions
from parley.email.channels.tests.channels import cheap_key, domain_of
from parley.kernel.network.dns import DnsResolver
from parley.kernel.services import Services
from tests.cast import Cast
from tests.dns_server import dns_server
from tests.plain_browser import window_of


@pytest.fixture(autouse=True)
def keys_that_are_made_once(monkeypatch):
    monkeypatch.setattr(actions, "new_dkim_key", cheap_key)


@pytest_asyncio.fixture
async def dns(services, monkeypatch):
    async with dns_server() as server:
        monkeypatch.setattr(services, "dns", DnsResolver(server.address))
        yield server


def text_of(window, id):
    return window.page.one("code", id=id).text


LOCAL = {"site_url": "http://127.0.0.1:8000", "smtp_url": None, "inbound_domain": "inbound.localhost"}


async def test_a_page_says_what_the_server_lacks_and_shows_nothing_that_is_of_no_use(
    cast: Cast, services: Services, monkeypatch
):
    monkeypatch.setattr(services, "settings", replace(services.settings, **LOCAL))
    window = await window_of(cast, cast.alice)
    await window.open("/settings/email")
    named = [f"PARLEY_{name}" for name in ("SMTP_URL", "SITE_URL", "INBOUND_DOMAIN", "SPF_MECHANISM")]
    assert [name for name in named if name in window.page.one(role="note").text] == named
    address = f"support@{domain_of(cast.alice)}"
    await window.press("Connect", from_email=address, from_name="Support", kind="support")
    assert not window.page.all(id="value-spf") and not window.page.all(id="forwarding")
    assert window.page.one(id="value-dkim").text.startswith("v=DKIM1")
    ready = {"inbound_domain": "in.shop.example", "smtp_url": "smtp://mail.shop.example"}
    monkeypatch.setattr(services, "settings", replace(services.settings, **ready))
    await window.open(window.path)
    said = window.page.one(role="note").text
    assert [name for name in named if name in said] == ["PARLEY_SITE_URL"]
    assert text_of(window, "value-spf") == "v=spf1 a:mail.shop.example ~all"
    assert text_of(window, "forwarding").endswith("@in.shop.example")


async def test_a_stranger_follows_the_steps(cast: Cast, dns):
    window = await window_of(cast, cast.alice)
    await window.open("/settings/email")
    address = f"support@{domain_of(cast.alice)}"
    await window.press("Connect", from_email=address, from_name="Support", kind="support")
    assert window.page.one(role="status").text == "The address is connected. Now publish the records below."
    await window.press("Check the records")
    assert window.status == 422 and window.page.one(role="alert").text.startswith("Not all records are found")
    for purpose in ("spf", "dkim"):
        dns.publish(text_of(window, f"name-{purpose}"), "TXT", text_of(window, f"value-{purpose}"))
    await window.press("Check the records")
    assert window.page.one(role="status").text == "All records are found. Mail can be sent from this address."
    await window.press("Send me a test")
    assert window.page.one(role="status").text.startswith("The test is written to a file")
    assert "no mail server" in window.page.texts("span")
    said = window.page.one(role="note").text
    assert "PARLEY_SMTP_URL" in said and "PARLEY_SITE_URL" not in said
    await window.press("Save the name", from_name=" ")
    assert window.page.one(role="alert").text == "Say who the mail is from."
    await window.press("Save the name", from_name="Help")
    await window.open("/settings/email")
    await window.press("Connect", from_email=f"second-{address}", from_name="Second", kind="support")
    assert "proved already" in window.page.one(role="status").text
    await window.press("Make it the default")
    assert window.page.one(role="status").text.startswith("Mail goes out from this address")
    await window.open("/settings/email")
    await window.press("Connect", from_email=f"a@third.{address[8:]}", from_name="Third", kind="support")
    await window.press("Make it the default")
    assert "Until its records are found" in window.page.one(role="status").text
    await window.press("Disconnect this address")
    assert window.page.one(role="status").text == "The address is disconnected."


@pytest.mark.parametrize(
    ("given", "id"),
    [
        ({"from_email": "x", "from_name": "A"}, "from_email-help"),
        ({"from_email": "a@localhost", "from_name": "A"}, "from_email-help"),
        ({"from_email": f"a@{'b' * 64}.example", "from_name": "A"}, "from_email-help"),
        ({"from_name": " "}, "from_name-help"),
    ],
)
async def test_a_form_with_a_fault_comes_back_with_it(cast: Cast, given, id):
    window = await window_of(cast, cast.alice)
    await window.open("/settings/email")
    await window.press("Connect", **{"from_email": f"a@{domain_of(cast.alice)}", "kind": "support"} | given)
    assert window.status == 422 and "text-error" in window.page.one(id=id).attributes["class"]


async def test_a_member_looks_at_those_of_the_team_and_connects_their_own(cast: Cast):
    alice, bob = await window_of(cast, cast.alice), await window_of(cast, cast.bob)
    await alice.open("/settings/email")
    await alice.press("Connect", from_email=f"a@{domain_of(cast.alice)}", from_name="A", kind="support")
    await bob.open(alice.path)
    assert "Check the records" not in bob.page.texts("button")
    await bob.open("/settings/email")
    await bob.press("Connect", from_email=f"bob@{domain_of(cast.bob)}", from_name="Bob")
    assert bob.page.one("h3", id="more").text == "This channel"
    mallory = await window_of(cast, cast.mallory)
    await mallory.open(alice.path)
    assert mallory.status == 404


async def test_an_address_of_a_public_provider_is_connected_with_a_hint_at_what_works(cast: Cast):
    window = await window_of(cast, cast.alice)
    await window.open("/settings/email")
    assert "gmail.com" in window.page.one(id="from_email-help").text
    address = f"{domain_of(cast.alice).replace('.', '-')}@gmail.com"
    await window.press("Connect", from_email=address, from_name="A", kind="support")
    assert window.page.one(role="status").text.endswith("none goes out from it.")
    assert not window.page.all("h3", id="test") and "default" not in window.page.texts("span")
    assert "only receives" in window.page.texts("span")
    assert "Make it the default" not in window.page.texts("button")
    hint = window.page.one("p", class_="notice-warning").text
    assert hint.startswith("gmail.com belongs to Gmail.") and "imap.gmail.com" in hint
    assert window.page.one("h3", id="records").text == "1. No mail can be sent from this address"
    await window.follow("Have Parley fetch it from the mailbox")
    assert window.path.endswith("/imap")
    assert window.page.one("input", id="host")["value"] == "imap.gmail.com"
    assert window.page.one("input", id="username")["value"] == address
    assert window.page.one(id="password-help").text.startswith("An app password")
    await window.open("/settings/email")
    own = f"support@{domain_of(cast.alice)}"
    await window.press("Connect", from_email=own, from_name="Support", kind="support")
    assert "default" in window.page.texts("span")
