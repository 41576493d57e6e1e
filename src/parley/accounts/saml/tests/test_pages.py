"""The page on which SAML of a domain is set up and tested."""

from datetime import timedelta

import httpx
import msgspec
import pytest
import pytest_asyncio
from sqlalchemy import select

from parley.accounts.audit_log.tables import audit_entry
from parley.accounts.domains.queries import Domain, domain_by_id
from parley.accounts.saml.tests.company import Company, made_company, request_id_of
from parley.accounts.saml.tests.identity_provider import ISSUER, SIGN_ON, key, posted, signed
from parley.accounts.saml.tests.test_metadata import metadata
from parley.accounts.two_factor.actions.recovery_codes import replace_recovery_codes
from parley.accounts.users.actions import change_user
from tests.cast import Cast
from tests.plain_browser import PlainBrowser, window_of
from tests.receiver import answers, flood, hang_up, receiving


@pytest_asyncio.fixture
async def company(cast: Cast) -> Company:
    return await made_company(cast)


@pytest_asyncio.fixture
async def window(cast: Cast, company: Company) -> PlainBrowser:
    """The page, open in the browser of an owner."""
    return await (await window_of(cast, cast.alice)).open(page_of(company))


def page_of(company: Company) -> str:
    return f"/settings/domains/{company.id}/saml"


async def stored(company: Company) -> Domain:
    async with company.cast.services.database.transaction(write=False) as db:
        found = await domain_by_id(db, company.id)
    assert found is not None
    return found


async def upload(window: PlainBrowser, company: Company, file: bytes = b"", url: str = "") -> httpx.Response:
    """Send off the form for metadata as a browser does."""
    token = window.page.all("input", name="csrf_token")[0]["value"]
    fields = {"csrf_token": token, "metadata_url": url}
    sent = {"file": ("idp.xml", file, "text/xml")}
    found = await window.client.post(f"{page_of(company)}/import", data=fields, files=sent)
    window._show(found)
    return found


@pytest.mark.parametrize(
    ("site", "is_guess"),
    [("http://127.0.0.1:8000", True), ("http://[::1]:8000", True), ("https://in.test", False)],
)
async def test_values_that_are_only_a_guess_are_said_to_be_one(company, window, monkeypatch, site, is_guess):
    services = company.cast.services
    monkeypatch.setattr(services, "settings", msgspec.structs.replace(services.settings, site_url=site))
    await window.open(page_of(company))
    assert ("PARLEY_SITE_URL isn't set" in window.page.one("main").text) is is_guess


async def test_an_admin_copies_our_values_and_saves_theirs(company, window):
    said = window.page.text
    assert "http://parley.test/complete/saml/" in said and str(company.id) in said and "Valid until" in said
    both = key("next").certificate + key().certificate
    await window.press(
        "Save", saml_entity_id=" urn:other ", saml_acs_url="https://other.test/sso", saml_x509_cert=both,
        saml_allows_idp_initiated="on",
    )  # fmt: skip
    assert "Saved." in window.page.text
    found = await stored(company)
    assert (found.saml_entity_id, found.saml_acs_url) == ("urn:other", "https://other.test/sso")
    assert found.saml_allows_idp_initiated and found.saml_x509_cert == both.strip()
    async with company.cast.services.database.transaction(write=False) as db:
        mine = audit_entry.c.target_id == str(company.id)
        assert (
            "domain.changed" in (await db.execute(select(audit_entry.c.action).where(mine))).scalars().all()
        )
    await window.press("Switch SAML off")
    off = await stored(company)
    assert (off.saml_entity_id, off.saml_x509_cert, off.saml_allows_idp_initiated) == (None, None, False)


async def test_what_would_not_work_is_refused_at_its_field(company, window):
    before = await stored(company)
    for field, value, said in (
        ("saml_entity_id", "", "needed"),
        ("saml_acs_url", "javascript:alert(1)", "https://"),
        ("saml_x509_cert", "hello", "no X.509 certificate"),
        ("saml_entity_id", "x" * 513, "512"),
    ):
        await window.open(page_of(company))
        await window.press("Save", **{field: value})
        assert window.status == 422 and said in window.page.text
        assert [one["name"] for one in window.page.all(aria_invalid="true")] == [field]
    assert await stored(company) == before


async def test_the_form_is_filled_from_a_file_and_nothing_is_saved(company, window):
    await company.set(saml_entity_id="old")
    answer = await upload(window, company, metadata())
    assert answer.status_code == 200 and "asks for signed requests" in window.page.text
    assert window.page.one(id="saml_entity_id")["value"] == ISSUER
    assert window.page.one(id="saml_acs_url")["value"] == SIGN_ON
    assert (await stored(company)).saml_entity_id == "old"
    assert (await upload(window, company)).status_code == 422
    assert (await upload(window, company, b"<html/>")).status_code == 422
    assert "IDPSSODescriptor" in window.page.one(id="file-help").text
    assert (await upload(window, company, b"x" * 600_000)).status_code == 413


async def test_metadata_is_fetched_from_public_addresses_only(company, window):
    async with receiving() as receiver:
        answer = await upload(window, company, url=receiver.url)
        assert answer.status_code == 422 and "choose the metadata as a file" in window.page.text
        assert window.page.one(id="metadata_url")["value"] == receiver.url
        assert receiver.received == []


async def test_what_an_address_answers_fills_the_form_or_is_said_to_be_wrong(
    company, window, services, monkeypatch
):
    async with receiving() as receiver:
        allowed = msgspec.structs.replace(
            services.settings, allowed_hosts_out=frozenset({(receiver.host, receiver.port)})
        )
        monkeypatch.setattr(services, "settings", allowed)
        receiver.respond = answers(200, metadata())
        assert (await upload(window, company, url=receiver.url)).status_code == 200
        assert window.page.one(id="saml_entity_id")["value"] == ISSUER
        for respond, said in (
            (answers(404), "status 404"),
            (answers(302, location="http://169.254.169.254/"), "status 302"),
            (flood, "too large"),
            (hang_up, "connection"),
            (answers(200, b"<html/>"), "IDPSSODescriptor"),
        ):
            receiver.respond = respond
            assert (await upload(window, company, url=receiver.url)).status_code == 422
            assert said in window.page.text


async def test_a_form_of_another_site_is_refused(company, window):
    for name in ("", "/import"):
        parts = {"metadata_url": (None, "x"), "csrf_token": (None, "wrong")}
        answer = await window.client.post(page_of(company) + name, files=parts)
        assert answer.status_code == 403


async def test_a_test_shows_what_came_back_and_signs_nobody_in(cast, company, window):
    async def answer_of(**changes):
        begun = await window.client.get(f"{page_of(company)}/test")
        assert begun.status_code == 302
        said = company.said(in_response_to=request_id_of(begun.headers["location"]), **changes)
        return await company.finish(cast.client(), posted(signed(said)))

    await company.set(verified_at=None)
    done = await answer_of()
    assert done.headers["location"].startswith(page_of(company)) and not done.cookies
    await window.open(done.headers["location"])
    assert "The sign-in works." in window.page.text and company.email in window.page.text
    await window.open((await answer_of(email="ada@other.test")).headers["location"])
    assert "ada@other.test" in window.page.one(role="alert").text
    await window.open((await answer_of(audience="urn:other")).headers["location"])
    assert "another audience" in window.page.one(role="alert").text
    others = await (await window_of(cast, cast.mallory)).open(done.headers["location"])
    assert others.status == 404 and company.email not in others.page.text


async def test_a_test_by_which_one_comes_back_as_oneself_proves_that_one_is_not_locked_out(
    cast, company, window
):
    async def test(email):
        begun = await window.client.get(f"{page_of(company)}/test")
        said = company.said(in_response_to=request_id_of(begun.headers["location"]), email=email)
        done = await company.finish(window.client, posted(signed(said)))
        await window.open(done.headers["location"])
        return (await stored(company)).proven_providers

    mine = f"alice@{company.name}"
    async with cast.services.database.transaction() as db:
        await change_user(db, cast.services, cast.alice.user_id, {"email": mine})
        await replace_recovery_codes(db, cast.services, cast.alice.user_id)
    assert await test(f"somebody@{company.name}") == []
    assert "The sign-in works." in window.page.text and "only way in" not in window.page.text
    policy = f"/api/organizations/@current/domains/{company.id}/"
    blocked = await cast.alice.client.patch(policy, json={"sso_enforcement": "saml"})
    assert blocked.json()["code"] == "would_block_self"
    assert await test(mine) == ["saml"]
    assert "SAML may now be the only way in" in window.page.text
    done = await cast.alice.client.patch(policy, json={"sso_enforcement": "saml"})
    assert done.status_code == 200


async def test_members_look_and_admins_change_with_their_password_fresh_in_mind(cast, company, window, clock):
    bob = await (await window_of(cast, cast.bob)).open(page_of(company))
    assert bob.status == 200 and not bob.page.all("button", class_="btn-primary")
    assert (await bob.client.get(f"{page_of(company)}/test")).status_code == 403
    token = bob.page.all("input", name="csrf_token")[0]["value"]
    refused = await bob.client.post(page_of(company), data={"csrf_token": token})
    assert refused.status_code == 403
    assert (await (await window_of(cast, cast.mallory)).open(page_of(company))).status == 404
    before = await stored(company)
    clock.advance(timedelta(hours=3))
    await window.press("Save", saml_entity_id="urn:other")
    assert window.path == f"/login/confirm?next={page_of(company)}"
    assert await stored(company) == before
