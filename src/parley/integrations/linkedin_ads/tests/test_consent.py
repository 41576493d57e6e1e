"""Somebody consents at LinkedIn, and comes back to the project in which they began."""

from datetime import timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from msgspec.structs import replace
from sqlalchemy import func, select

from parley.integrations.connections.actions.consenting import redirect_uri_of
from parley.integrations.connections.jobs import forget_consents
from parley.integrations.connections.tables import integration, integration_request
from parley.integrations.linkedin_ads.tests.fake_linkedin import BASE
from tests.plain_browser import PlainBrowser, window_of
from tests.receiver import answers

SCOPE = "r_ads rw_conversions r_ads_reporting openid profile email"


async def n_connected(world, member):
    answer = await member.client.get(world.path(member))
    return answer.json()["count"]


async def test_the_consent_page_is_asked_for_as_linkedin_wants_it(world):
    alice = world.cast.alice
    answer = await alice.client.get(
        f"{world.path(alice)}authorize", params={"kind": "linkedin-ads", "next": "/x?y=1", "is_sandbox": ""}
    )
    location = urlsplit(answer.headers["location"])
    query = dict(parse_qsl(location.query))
    state = dict(parse_qsl(query.pop("state")))
    assert f"{location.scheme}://{location.netloc}{location.path}" == f"{BASE}/oauth/v2/authorization"
    assert query == {
        "response_type": "code",
        "client_id": "parley at linkedin",
        "redirect_uri": "https://parley.test/integrations/linkedin-ads/callback",
        "scope": SCOPE,
    }
    assert state.pop("next") == "/x?y=1" and len(state["token"]) == 66
    kept = answer.headers["set-cookie"]
    assert kept.startswith(f"ph_oauth_state={state['token']};") and "Max-Age=300" in kept
    async with world.services.database.transaction(write=False) as db:
        stored = str((await db.execute(select(integration_request))).all())
    assert state["token"] not in stored


@pytest.mark.parametrize(
    ("site", "uri"),
    [
        ("http://parley.test", "https://parley.test"),
        ("https://parley.test:8443", "https://parley.test:8443"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://localhost", "http://localhost"),
        ("http://localhost.evil.example", "https://localhost.evil.example"),
    ],
)
def test_plain_http_is_only_for_this_very_machine(settings, site, uri):
    assert redirect_uri_of(replace(settings, site_url=site), "slack") == f"{uri}/integrations/slack/callback"


async def test_a_browser_without_script_connects_an_account(world):
    window = await window_of(world.cast, world.cast.alice)
    location = await world.begin(
        window.client, world.cast.alice, next="/settings/integrations?notice=connected"
    )
    await window.open(world.fake.back_from(location))
    assert window.path == "/settings/integrations?notice=connected"
    assert window.page.one(role="status").text == "The account is connected."
    assert "LinkedIn Ads: lea@example.com" in window.page.text
    [one] = (await world.cast.alice.client.get(world.path(world.cast.alice))).json()["results"]
    assert (one["kind"], one["display_name"], one["errors"]) == ("linkedin-ads", "lea@example.com", "")
    assert one["config"]["sub"] == world.fake.sub and one["config"]["expires_in"] == 60 * 86_400
    assert not any(token in str(one) for token in world.fake.good_tokens | world.fake.refresh_tokens)
    async with world.services.database.transaction(write=False) as db:
        mine = integration.c.project_id == world.cast.alice.project_id
        stored = (await db.execute(select(integration.c.sensitive_config).where(mine))).scalar_one()
    assert {"access_token", "refresh_token", "id_token"} == set(stored)


async def test_a_program_connects_an_account_and_its_state_is_checked_too(world):
    cast, alice = world.cast, world.cast.alice
    first = await world.connect()
    assert await world.connect() == first  # the same person at LinkedIn again
    location = await world.begin(alice.client, alice)
    state, code = parse_qs(urlsplit(location).query)["state"][0], world.fake.code_for(location)

    async def post(member, **config):
        body = {"kind": "linkedin-ads", "config": {"code": code, "state": state, **config}}
        return await member.client.post(world.path(member), json=body)

    for answer in (
        await post(alice, state="next=%2F&token=" + "0" * 66),
        await post(alice, state=""),
        await post(alice, state="x" * 5000),
        await post(cast.mallory),
    ):
        assert (answer.status_code, answer.json()["attr"]) == (400, "state")
    assert (await post(alice)).status_code == 201
    again = await post(alice)
    assert (again.status_code, again.json()["code"]) == (400, "invalid_state")
    assert await n_connected(world, alice) == 1 and await n_connected(world, cast.mallory) == 0


async def test_only_the_session_in_which_it_began_finishes_it_and_once(world):
    cast = world.cast
    mine, other = await window_of(cast, cast.alice), await window_of(cast, cast.alice)
    foreign = await window_of(cast, cast.mallory)
    back = world.fake.back_from(await world.begin(mine.client, cast.alice))
    for window in (other, foreign):
        await window.open(back)
        assert window.status == 400 and "begun by somebody else or in another browser" in window.page.text
        assert window.heading == "LinkedIn Ads is not connected"
    nobody = PlainBrowser(cast.client())
    await nobody.open(back)
    assert nobody.path.startswith("/login?next=")
    await mine.open(back)
    assert mine.status == 200 and mine.path == "/settings/integrations"
    await mine.open(back)
    assert mine.status == 400 and "finished already" in mine.page.text
    assert await n_connected(world, cast.alice) == 1 and await n_connected(world, cast.mallory) == 0


async def test_no_link_has_a_person_finish_what_a_key_that_may_only_read_has_begun(world):
    alice = world.cast.alice
    reading = await world.cast.make_key(alice, scopes=["integration:read"])
    writing = await world.cast.make_key(alice, scopes=["integration:write"])
    window = await window_of(world.cast, alice)
    location = await world.begin(reading, alice)
    await window.open(world.fake.back_from(location))
    assert window.status == 400 and "begun by somebody else" in window.page.text
    assert await n_connected(world, alice) == 0
    state, code = parse_qs(urlsplit(location).query)["state"][0], world.fake.code_for(location)
    body = {"kind": "linkedin-ads", "config": {"code": code, "state": state}}
    assert (await reading.post(world.path(alice), json=body)).status_code == 403
    assert (await writing.post(world.path(alice), json=body)).status_code == 201
    await window.open(world.fake.back_from(await world.begin(writing, alice)))
    assert window.status == 200


@pytest.mark.parametrize(
    "meanwhile", [timedelta(minutes=10, seconds=1), timedelta(days=-365)], ids=["late", "clock set back"]
)
async def test_what_takes_too_long_is_over(world, clock, meanwhile):
    window = await window_of(world.cast, world.cast.alice)
    back = world.fake.back_from(await world.begin(window.client, world.cast.alice))
    clock.advance(meanwhile)
    await window.open(back)
    assert window.status == 400


async def test_what_is_over_is_forgotten(world, clock):
    window = await window_of(world.cast, world.cast.alice)
    back = world.fake.back_from(await world.begin(window.client, world.cast.alice))
    clock.advance(timedelta(minutes=10, seconds=1))
    await window.open(back)
    assert window.status == 400
    async with world.services.database.transaction() as db:
        assert await forget_consents(db, world.services) >= 1
        assert await forget_consents(db, world.services) == 0
        assert (await db.execute(select(func.count()).select_from(integration_request))).scalar_one() == 0


async def test_a_member_may_begin_and_not_finish(world):
    bob = world.cast.bob
    window = await window_of(world.cast, bob)
    await window.open(world.fake.back_from(await world.begin(window.client, bob)))
    assert window.status == 403 and "sufficient permissions" in window.page.text
    assert await n_connected(world, bob) == 0


@pytest.mark.parametrize(
    "given", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", ""]
)
async def test_it_leads_to_no_other_site(world, given):
    window = await window_of(world.cast, world.cast.alice)
    await window.open(world.fake.back_from(await world.begin(window.client, world.cast.alice, next=given)))
    assert window.path == "/settings/integrations"


async def test_a_refusal_is_told_in_a_sentence(world):
    window = await window_of(world.cast, world.cast.alice)
    state = parse_qs(urlsplit(await world.begin(window.client, world.cast.alice)).query)["state"][0]
    for query in ({"error": "user_cancelled_login", "state": state}, {"state": state}):
        window._show(await window.client.get("/integrations/linkedin-ads/callback", params=query))
        assert window.status == 400 and "permission was not given" in window.page.text
    window._show(await window.client.get("/integrations/<b>/callback", params={"code": "x"}))
    assert window.status == 400 and "Kind not supported" in window.page.text


LIES = {
    "no JSON": answers(200, b"<html>"),
    "a list": answers(200, b"[]"),
    "no token": answers(200, b"{}"),
    "no ID token": answers(200, b'{"access_token": "x"}'),
    "half an ID token": answers(200, b'{"access_token": "x", "id_token": "a.b.c"}'),
    "a token that a header can't hold": answers(200, b'{"access_token": "x\\r\\nHost: y"}'),
    "an error": answers(400, b'{"error": "invalid_grant"}'),
    "a wrong secret": answers(401, b"{}"),
    "a server that is down": answers(503),
    "a redirect": answers(302, Location="http://169.254.169.254/"),
}


@pytest.mark.parametrize("name", LIES)
async def test_nothing_is_connected_when_the_tokens_are_none(world, name):
    alice = world.cast.alice
    world.fake.instead["/oauth/v2/accessToken"] = LIES[name]
    location = await world.begin(alice.client, alice)
    state = parse_qs(urlsplit(location).query)["state"][0]
    config = {"code": world.fake.code_for(location), "state": state}
    answer = await alice.client.post(world.path(alice), json={"kind": "linkedin-ads", "config": config})
    assert answer.status_code in (400, 502) and "LinkedIn" in answer.json()["detail"]
    assert len(world.fake.received) == 1 and await n_connected(world, alice) == 0


async def test_kinds_that_can_not_be_consented_to_are_refused(world, api, project):
    alice = world.cast.alice
    for kind, detail in (
        ("twilio-x", "not supported"),
        ("", "not supported"),
        ("letterbox", "not supported"),
    ):
        answer = await alice.client.get(f"{world.path(alice)}authorize", params={"kind": kind})
        assert (answer.status_code, answer.json()["detail"]) == (400, f"Kind {detail}")
    path = f"/api/projects/{project.id}/integrations/"  # of a server that isn't registered with LinkedIn
    first = await api.get(f"{path}authorize?kind=linkedin-ads")
    second = await api.post(path, json={"kind": "linkedin-ads", "config": {"code": "x", "state": "y"}})
    assert [one.json()["detail"] for one in (first, second)] == ["Kind not configured"] * 2
