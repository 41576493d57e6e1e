"""Signing in through an identity provider, from the first click to the session, on both databases."""

import asyncio
import base64
import zlib
from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit
from uuid import uuid4

import httpx
import msgspec
import pytest
import pytest_asyncio
from sqlalchemy import delete, func, select

from parley.accounts.domains.queries import domain_by_id
from parley.accounts.domains.tables import organization_domain
from parley.accounts.saml.actions import answers, requests
from parley.accounts.saml.tables import saml_assertion, saml_request
from parley.accounts.saml.tests.attacks import ATTACKS
from parley.accounts.saml.tests.company import Company, failure_of, made_company, request_id_of
from parley.accounts.saml.tests.identity_provider import SIGN_ON, key, posted, signed
from parley.accounts.saml.tests.test_metadata import is_valid
from tests.limited import limited_app
from tests.plain_browser import PlainBrowser

KEY = {"label": "a", "scopes": ["ticket:read"]}


@pytest_asyncio.fixture
async def company(cast) -> Company:
    return await made_company(cast)


async def me(client):
    return await client.get("/api/users/@me/")


async def test_somebody_new_signs_in_and_comes_back_to_where_they_were(cast, company):
    client = cast.client()
    started = await client.get("/login/saml/", params={"email": company.email.upper(), "next": "/inbox/7"})
    assert started.status_code == 302 and started.headers["location"].startswith(SIGN_ON)
    assert f"RelayState={company.id}" in started.headers["location"]
    said = company.said(in_response_to=request_id_of(started.headers["location"]))
    done = await company.finish(client, posted(signed(said)))
    assert (done.status_code, done.headers["location"]) == (302, "/inbox/7")
    assert (await me(client)).json()["email"] == company.email
    async with cast.services.database.transaction(write=False) as db:
        domain = await domain_by_id(db, company.id)
    assert domain is not None and domain.proven_providers == ["saml"]
    again = cast.client()
    assert (await company.sign_in(again)).headers["location"] == "/inbox"
    assert (await me(again)).json()["uuid"] == (await me(client)).json()["uuid"]


async def test_who_has_no_password_confirms_who_they_are_by_signing_in_once_more(cast, company, clock):
    client = cast.client()
    await company.sign_in(client)
    clock.advance(timedelta(hours=3))
    window = await PlainBrowser(client).open("/login/confirm?next=/settings/security")
    link = next(one["href"] for one in window.page.all("a") if "single sign-on" in one.text)
    started = await client.get(link)
    query = parse_qs(urlsplit(started.headers["location"]).query)
    request = zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), -15)
    assert b'ForceAuthn="true"' in request and is_valid(request, "saml-schema-protocol-2.0.xsd")
    said = company.said(in_response_to=request_id_of(started.headers["location"]))
    # The page of the identity provider is on another site, so the browser keeps the cookie of the session to itself.
    client.cookies.delete("parley_session")
    done = await company.finish(client, posted(signed(said)))
    assert done.headers["location"] == "/settings/security"
    assert len((await client.get("/api/users/@me/sessions/")).json()) == 1, "the session before has ended"
    key_form = {"label": "a", "scopes": ["ticket:read"]}
    headers = {"X-CSRFToken": client.cookies["parley_csrf"]}
    assert (await client.post("/api/personal_api_keys/", json=key_form, headers=headers)).status_code == 201


OLD, AHEAD = timedelta(minutes=-2), timedelta(minutes=2)


@pytest.mark.parametrize("authenticated", [OLD, AHEAD])
async def test_who_was_not_asked_again_has_confirmed_nothing(cast, company, clock, authenticated):
    client = cast.client()
    await company.sign_in(client)
    clock.advance(timedelta(hours=3))
    asked = await company.start(client, confirm="1")
    said = company.said(in_response_to=asked, authenticated=authenticated)
    code, sentence = failure_of(await company.finish(client, posted(signed(said))))
    assert code == "saml_invalid" and "did not ask you who you are" in sentence
    headers = {"X-CSRFToken": client.cookies["parley_csrf"]}
    made = await client.post("/api/personal_api_keys/", json=KEY, headers=headers)
    assert made.json()["code"] == "sensitive_action_required_reauth"
    said = company.said(in_response_to=await company.start(client), authenticated=authenticated)
    assert (await company.finish(client, posted(signed(said)))).headers["location"] == "/inbox"


async def test_signing_in_anew_proves_no_more_than_the_identity_provider_knows(cast, company):
    """Whoever finds a browser open could sign out and in again, and nobody would ask for a password."""
    client = cast.client()
    await company.sign_in(client, authenticated=timedelta(hours=-5))
    headers = {"X-CSRFToken": client.cookies["parley_csrf"]}
    made = await client.post("/api/personal_api_keys/", json=KEY, headers=headers)
    assert made.json()["code"] == "sensitive_action_required_reauth"


async def test_a_session_that_the_identity_provider_begins_takes_the_place_of_the_one_before(cast, company):
    await company.set(saml_allows_idp_initiated=True)
    client, other = cast.client(), cast.client()
    await company.sign_in(other)
    await company.sign_in(client)
    before = client.cookies["parley_session"]
    done = await company.finish(client, posted(signed(company.said(in_response_to=None))))
    assert done.headers["location"] == "/inbox" and client.cookies["parley_session"] != before
    assert "parley_arrival" not in client.cookies
    assert len((await client.get("/api/users/@me/sessions/")).json()) == 2, "this one and the other browser"
    assert (await me(other)).status_code == 200
    headers = {"X-CSRFToken": client.cookies["parley_csrf"]}
    assert (await client.post("/api/logout/", headers=headers)).status_code in (200, 204)


@pytest.mark.parametrize("token", ["", "x", "\u2603", "y" * 5000])
async def test_only_a_session_that_was_just_opened_arrives(cast, company, token):
    client = cast.client()
    await company.sign_in(client)
    client.cookies.set("parley_arrival", quote(token))
    answer = await client.get("/complete/saml/arrival")
    assert (answer.status_code, answer.headers["location"]) == (302, "/inbox")
    assert (await me(client)).status_code == 200, "the session that is there stays"


async def test_where_nobody_new_is_taken_nobody_gets_in(cast, company):
    await company.set(jit_provisioning_enabled=False)
    assert failure_of(await company.sign_in(cast.client()))[0] == "jit_disabled"


async def test_without_saml_for_the_address_nothing_begins(cast, company):
    for email in ("", " ", "ada", "ada@nowhere.test", f"ada@sub.{company.name}"):
        answer = await cast.client().get("/login/saml/", params={"email": email})
        wanted = "Authentication failed: SAML not configured for this user."
        said = wanted if email.strip() else "Missing needed parameter email"
        assert failure_of(answer) == ("saml_not_configured", said), email


async def test_a_domain_that_is_not_verified_or_not_set_up_signs_nobody_in(cast, company):
    client = cast.client()
    said = company.said(in_response_to=await company.start(client))
    await company.set(verified_at=None)
    assert (
        failure_of(await client.get("/login/saml/", params={"email": company.email}))[0]
        == "saml_not_configured"
    )
    assert failure_of(await company.finish(client, posted(signed(said))))[0] == "saml_not_configured"
    await company.set(verified_at=cast.services.clock.now(), saml_entity_id="")
    assert failure_of(await company.finish(client, posted(signed(said))))[0] == "saml_invalid"


async def test_only_a_domain_is_a_relay_state(cast, company):
    response = posted(signed(company.said()))
    for relay_state in ("", "x", str(uuid4()), "https://evil.test/", "\u2603" * 400):
        found = failure_of(await company.finish(cast.client(), response, relay_state))
        assert found == ("saml_invalid", "Authentication request is invalid. Invalid RelayState."), (
            relay_state
        )


async def test_a_request_is_answered_once_by_its_own_domain_within_ten_minutes(cast, company, clock):
    client, other = cast.client(), await made_company(cast)
    first = company.said(in_response_to=await company.start(client))
    response = posted(signed(first))
    assert "Invalid RelayState" not in failure_of(await other.finish(client, response))[1]
    assert (await company.finish(client, response)).headers["location"] == "/inbox"
    again = posted(signed(first.but(assertion_id="_another")))
    for used in (response, again):
        assert "Nobody waits" in failure_of(await company.finish(client, used))[1]
    late = await company.start(client)
    clock.advance(timedelta(minutes=10, seconds=1))
    old = posted(signed(company.said(in_response_to=late)))
    assert "Nobody waits" in failure_of(await company.finish(client, old))[1]


async def test_a_clock_that_is_set_back_brings_back_neither_a_request_nor_an_assertion(
    cast, company, clock, queue
):
    client = cast.client()
    early = await company.start(client)
    clock.advance(-timedelta(minutes=3))
    answer = posted(signed(company.said(in_response_to=early)))
    assert "Nobody waits" in failure_of(await company.finish(client, answer))[1]
    await company.set(saml_allows_idp_initiated=True)
    taken = posted(signed(company.said(in_response_to=None)))
    assert (await company.finish(client, taken)).headers["location"] == "/inbox"
    clock.advance(timedelta(minutes=30))
    await queue.run_job("accounts.forget_saml")
    clock.advance(-timedelta(minutes=30))
    assert "was used before" in failure_of(await company.finish(client, taken))[1]


async def test_of_many_who_bring_the_same_answer_at_once_one_gets_in(cast, company):
    client = cast.client()
    response = posted(signed(company.said(in_response_to=await company.start(client))))
    found = await asyncio.gather(*(company.finish(client, response) for _ in range(5)))
    assert sorted(one.headers["location"].partition("?")[0] for one in found) == ["/inbox", *["/login"] * 4]


@pytest.mark.parametrize(("module", "name"), [(requests, "_begun"), (answers, "_taken")])
async def test_a_domain_that_is_deleted_meanwhile_signs_nobody_in(cast, company, monkeypatch, module, name):
    await company.set(saml_allows_idp_initiated=True)
    go_on = getattr(module, name)

    async def deleted(*given, **more):
        async with cast.services.database.transaction() as db:
            await db.execute(delete(organization_domain).where(organization_domain.c.id == company.id))
        return await go_on(*given, **more)

    monkeypatch.setattr(module, name, deleted)
    if module is requests:
        answer = await cast.client().get("/login/saml/", params={"email": company.email})
    else:
        answer = await company.finish(cast.client(), posted(signed(company.said(in_response_to=None))))
    assert failure_of(answer)[0] == "saml_not_configured"


async def test_the_identity_provider_begins_only_where_that_is_allowed_and_each_assertion_works_once(
    cast, company
):
    response = posted(signed(company.said(in_response_to=None)))
    assert "must begin at Parley" in failure_of(await company.finish(cast.client(), response))[1]
    await company.set(saml_allows_idp_initiated=True)
    assert (await company.finish(cast.client(), response)).headers["location"] == "/inbox"
    assert "used before" in failure_of(await company.finish(cast.client(), response))[1]


async def test_an_answer_counts_in_the_browser_that_asked(cast, company):
    mine, others = cast.client(), cast.client()
    response = posted(signed(company.said(in_response_to=await company.start(mine))))
    await company.start(others)
    assert "another browser" in failure_of(await company.finish(others, response))[1]
    assert (await company.finish(mine, response)).headers["location"] == "/inbox"


async def test_two_tabs_of_a_browser_sign_in_side_by_side(cast, company):
    client = cast.client()
    requests = [await company.start(client), await company.start(client)]
    for one in requests:
        done = await company.finish(client, posted(signed(company.said(in_response_to=one))))
        assert done.headers["location"] == "/inbox"


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True, scope="session")
async def test_over_https_the_cookie_has_to_come_along(settings, cast, company):
    secure = msgspec.structs.replace(settings, site_url="https://parley.test")
    async with limited_app(secure) as made:
        transport = httpx.ASGITransport(made)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="https://parley.test") as client:
            here = {"audience": "https://parley.test", "recipient": "https://parley.test/complete/saml/"}
            here["destination"] = here["recipient"]
            request = await company.start(client)
            cookie = next(one for one in client.cookies.jar if "saml" in one.name)
            assert (cookie.name, cookie.secure, cookie.get_nonstandard_attr("SameSite")) == (
                "__Host-parley_saml", True, "none",
            )  # fmt: skip
            response = posted(signed(company.said(in_response_to=request, **here)))
            client.cookies.clear()
            assert "another browser" in failure_of(await company.finish(client, response))[1]
            client.cookies.set(cookie.name, cookie.value or "", domain="parley.test")
            assert (await company.finish(client, response)).headers["location"] == "/inbox"


async def test_the_key_of_each_certificate_that_is_listed_signs_in(cast, company):
    await company.set(saml_x509_cert=key("next").certificate + key().certificate)
    for name in ("idp", "next"):
        client = cast.client()
        said = company.said(in_response_to=await company.start(client))
        done = await company.finish(client, posted(signed(said, with_key=key(name))))
        assert done.headers["location"] == "/inbox"
    await company.set(saml_x509_cert="this is no certificate")
    assert failure_of(await company.sign_in(cast.client()))[0] == "saml_invalid"


async def test_an_attack_ends_on_the_sign_in_page(cast, company):
    client = cast.client()
    said = company.said(in_response_to=await company.start(client))
    for name in ("xsw3", "unsigned", "billion_laughs", "much_base64", "not_base64", "foreign domain"):
        answer = await company.finish(client, ATTACKS[name](said))
        assert failure_of(answer)[0] == "saml_invalid", name
    assert (await me(client)).status_code == 401


async def test_what_is_no_form_of_an_identity_provider_is_refused(cast):
    form = "application/x-www-form-urlencoded"
    for body, kind, status in (
        (b"", form, 302),
        (b"SAMLResponse=%00&RelayState=x", form, 400),
        (b"SAMLResponse=%ff", form, 400),
        (b"[]", "application/json", 400),
        (b"SAMLResponse=" + b"A" * 300_000, form, 413),
    ):
        answer = await cast.client().post("/complete/saml/", content=body, headers={"content-type": kind})
        assert answer.status_code == status, (body[:40], answer.text)


async def test_what_is_over_is_forgotten(cast, company, clock, queue):
    client = cast.client()
    await company.sign_in(client)
    await company.start(client)

    async def n_left():
        async with cast.services.database.transaction(write=False) as db:
            return [
                (await db.execute(select(func.count()).where(table.c.domain_id == company.id))).scalar_one()
                for table in (saml_request, saml_assertion)
            ]

    assert await n_left() == [1, 1]
    for days, left in (
        (0, [0, 1]),
        (1, [0, 0]),
    ):  # an assertion would be believed again where a clock is set back
        clock.advance(timedelta(days=days, hours=1))
        for _ in range(2):
            await queue.run_job("accounts.forget_saml")
        assert await n_left() == left
