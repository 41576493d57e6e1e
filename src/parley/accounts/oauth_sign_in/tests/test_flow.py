"""Signing in at a provider from begin to end, and the attacks on it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import msgspec
import pytest
import pytest_asyncio
from sqlalchemy import select, update

from parley.accounts.expiry.jobs import forget_what_expired
from parley.accounts.oauth_sign_in import calls
from parley.accounts.oauth_sign_in.tables import oauth_request
from parley.accounts.oauth_sign_in.tests.fake_provider import BASE, Visit, failure_of, new_key, visiting
from parley.accounts.single_sign_on.tables import external_identity
from parley.accounts.two_factor.tests.conftest import Phone
from parley.accounts.users.tables import user_account
from tests.cast import PASSWORD, Cast
from tests.plain_browser import PlainBrowser
from tests.receiver import answers, flood, hang, trickle

NAMES = ("google-oauth2", "github", "gitlab")


@pytest_asyncio.fixture
async def visit(settings, cast: Cast, clock) -> AsyncIterator[Visit]:
    """A browser whose owner has bob's address at the providers; bob's address is verified in Parley."""
    async with cast.services.database.transaction() as db:
        bob = update(user_account).where(user_account.c.id == cast.bob.user_id)
        await db.execute(bob.values(is_email_verified=True))
    async with visiting(settings, clock, cast.bob.email) as made:
        yield made


@pytest.mark.parametrize("name", NAMES)
async def test_somebody_signs_in_and_is_where_they_wanted_to_go(visit: Visit, cast: Cast, name):
    answer = await visit.sign_in(name, next="/inbox?status=all", email=cast.bob.email)
    assert (answer.status_code, answer.headers["location"]) == (303, "/inbox?status=all")
    assert (await visit.me())["uuid"] == str(cast.bob.user_uuid)
    again = await visit.sign_in(name, next="//evil.example/")
    assert again.headers["location"] == "/inbox"


async def test_the_sign_in_page_has_a_button_for_each_provider_of_the_server(visit: Visit, cast: Cast):
    window = await PlainBrowser(visit.client).open("/login?next=/inbox/7")
    links = [link["href"] for link in window.page.all("a") if link.text.startswith("Continue with")]
    assert links == [f"/login/{name}/?next=%2Finbox%2F7" for name in NAMES]
    window = await PlainBrowser(cast.client()).open("/login")
    assert not any("Continue with" in text for text in window.page.texts("a"))


async def test_the_provider_gets_state_nonce_and_a_challenge(visit: Visit):
    location = urlsplit(await visit.begin("gitlab", email="lea@example.com"))
    query = {key: value[0] for key, value in parse_qs(location.query).items()}
    assert f"{location.scheme}://{location.netloc}{location.path}" == f"{BASE}/gitlab/authorize"
    assert query["redirect_uri"] == "http://parley.test/complete/gitlab/"
    assert (query["code_challenge_method"], query["login_hint"]) == ("S256", "lea@example.com")
    assert len(query["state"]) == 43 and len(query["nonce"]) == 64 and query["response_type"] == "code"


@pytest.mark.parametrize("name", NAMES)
async def test_for_a_confirmation_the_provider_asks_for_the_password_again(visit: Visit, name):
    asked = parse_qs(urlsplit(await visit.begin(name, confirm="1")).query)
    wanted = (None, None) if name == "github" else (["login"], ["0"])
    assert (asked.get("prompt"), asked.get("max_age")) == wanted
    assert "prompt" not in parse_qs(urlsplit(await visit.begin(name)).query)


PROOFS = [
    ("google-oauth2", 0, True), ("google-oauth2", -50, True), ("google-oauth2", -90, False),
    ("google-oauth2", 90, False), ("google-oauth2", None, False), ("gitlab", None, False), ("github", None, True),
]  # fmt: skip


@pytest.mark.parametrize(("name", "age_s", "is_enough"), PROOFS)
async def test_a_confirmation_counts_where_the_provider_says_that_it_has_asked(
    visit: Visit, clock, name, age_s, is_enough
):
    if age_s is not None:
        visit.fake.claims["auth_time"] = int(clock.now().timestamp()) + age_s
    answer = await visit.sign_in(name, confirm="1", next="/settings/keys")
    if is_enough:
        assert answer.headers["location"] == "/settings/keys"
        return
    code, sentence = failure_of(answer)
    assert code == "oauth_failed" and "did not ask you who you are" in sentence


async def test_signing_in_anew_proves_no_more_than_the_provider_knows(visit: Visit, clock):
    for age_s, status in ((5 * 3600, 403), (0, 201)):
        visit.fake.claims["auth_time"] = int(clock.now().timestamp()) - age_s
        await visit.sign_in()
        headers = {"X-CSRFToken": visit.client.cookies["parley_csrf"]}
        key = {"label": "a", "scopes": ["ticket:read"]}
        made = await visit.client.post("/api/personal_api_keys/", json=key, headers=headers)
        assert made.status_code == status


async def test_signing_in_anew_proves_nothing_where_the_browser_has_left_out_the_question(visit: Visit):
    asked = parse_qs(urlsplit(await visit.begin()).query)
    assert int(asked["max_age"][0]) > 30 * 24 * 3600  # the provider must say when, and need not ask again
    await visit.sign_in()  # without an auth_time in the answer
    headers = {"X-CSRFToken": visit.client.cookies["parley_csrf"]}
    key = {"label": "a", "scopes": ["ticket:read"]}
    made = await visit.client.post("/api/personal_api_keys/", json=key, headers=headers)
    assert (made.status_code, made.json()["code"]) == (403, "sensitive_action_required_reauth")


@pytest.mark.parametrize("auth_time", ["x", -1e300, 1e300, True, [1]])
async def test_a_strange_time_signs_nobody_in(visit: Visit, auth_time):
    visit.fake.claims["auth_time"] = auth_time
    assert failure_of(await visit.sign_in())[0] == "oauth_failed"


async def test_a_state_opens_only_the_browser_in_which_it_began_and_once(visit: Visit):
    callback = visit.callback(await visit.begin())
    stolen = await visit.other.get("/complete/google-oauth2/", params=callback)
    assert failure_of(stolen)[0] == "oauth_failed"
    await visit.other.get("/login/google-oauth2/")  # has a cookie of its own now
    assert failure_of(await visit.other.get("/complete/google-oauth2/", params=callback))[0] == "oauth_failed"
    assert (await visit.complete("google-oauth2", callback)).status_code == 303
    assert "ended already" in failure_of(await visit.complete("google-oauth2", callback))[1]


async def test_no_provider_answers_for_another(visit: Visit):
    callback = visit.callback(await visit.begin("google-oauth2"))
    assert failure_of(await visit.complete("gitlab", callback))[0] == "oauth_failed"
    mixed_up = visit.callback(await visit.begin("gitlab"), iss=f"{BASE}/google")
    assert failure_of(await visit.complete("gitlab", mixed_up))[0] == "oauth_failed"
    right = visit.callback(await visit.begin("gitlab"), iss=f"{BASE}/gitlab")
    assert (await visit.complete("gitlab", right)).status_code == 303


async def test_a_sign_in_that_takes_too_long_is_over_and_forgotten(visit: Visit, cast: Cast, clock):
    callback = visit.callback(await visit.begin())
    clock.advance(timedelta(minutes=10, seconds=1))
    async with cast.services.database.transaction() as db:
        assert await forget_what_expired(db, cast.services) >= 1
        assert await forget_what_expired(db, cast.services) == 0
        assert (await db.execute(select(oauth_request.c.provider))).all() == []
    assert failure_of(await visit.complete("google-oauth2", callback))[0] == "oauth_failed"


async def test_a_sign_in_is_over_when_the_clock_is_set_back(visit: Visit, clock):
    callback = visit.callback(await visit.begin())
    clock.advance(-timedelta(hours=1))
    assert "too old" in failure_of(await visit.complete("google-oauth2", callback))[1]


CALLBACKS: list[dict[str, str]] = [
    {"state": ""}, {"state": "x" * 5000}, {"code": ""}, {"code": "never given"}, {"code": "x" * 3000},
    {"code": "\x00\u2603"}, {"error": "access_denied"}, {"error": "<script>"},
]  # fmt: skip


@pytest.mark.parametrize("changes", CALLBACKS, ids=str)
async def test_what_comes_back_wrong_signs_nobody_in(visit: Visit, changes):
    callback = visit.callback(await visit.begin()) | changes
    code, sentence = failure_of(await visit.complete("google-oauth2", callback))
    assert code == "oauth_failed" and "script" not in sentence


LIES: dict[str, dict[str, Any]] = {
    "an address that isn't verified": {"claims": {"email_verified": False, "sub": "another"}},
    "an address verified in words": {"claims": {"email_verified": "true"}},
    "no address": {"claims": {"email": None}},
    "an address that is none": {"claims": {"email": "bob"}},
    "userinfo of somebody else": {
        "claims": {"email": None},
        "userinfo": {"sub": "x", "email": "a@b.example"},
    },
    "another nonce": {"claims": {"nonce": "x"}},
    "another issuer": {"claims": {"iss": f"{BASE}/gitlab"}},
    "a subject that is a number": {"claims": {"sub": 1}},
    "a list": {"instead": {"/google/token": answers(200, b"[]")}},
    "no JSON": {"instead": {"/google/token": answers(200, b"<html>")}},
    "brackets": {"instead": {"/google/token": answers(200, b"[" * 100_000)}},
    "an error": {"instead": {"/google/token": answers(500)}},
    "a redirect": {"instead": {"/google/token": answers(302, location="http://169.254.169.254/")}},
    "no keys": {"instead": {"/google/keys": answers(200, b'{"keys": []}')}},
    "keys that are none": {
        "instead": {"/google/keys": answers(200, b'{"keys": [{"kty": "EC", "crv": "x"}]}')}
    },
    "letter by letter": {"instead": {"/google/token": trickle}},
    "without end": {"instead": {"/google/keys": flood}},
    "nothing": {"instead": {"/google/token": hang}},
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_provider_that_lies_or_hangs_signs_nobody_in(visit: Visit, monkeypatch, lie):
    monkeypatch.setattr(calls, "CALL_S", 0.4)
    for name, changes in LIES[lie].items():
        getattr(visit.fake, name).update(changes)
    assert failure_of(await visit.sign_in())[0] == "oauth_failed"


async def test_a_provider_may_change_its_keys_at_any_time(visit: Visit):
    assert (await visit.sign_in("gitlab")).status_code == 303
    visit.fake.key = new_key("two")
    assert (await visit.sign_in("gitlab")).status_code == 303


async def test_what_the_id_token_leaves_out_the_userinfo_endpoint_says(visit: Visit, cast: Cast):
    visit.fake.userinfo = dict(visit.fake.claims)
    del visit.fake.claims["email"], visit.fake.claims["email_verified"]
    await visit.sign_in("gitlab")
    assert (await visit.me())["email"] == cast.bob.email


@pytest.mark.parametrize(
    "emails",
    [[], [{"email": "x@example.com", "verified": True}], [{"email": "@BOB", "primary": True, "verified": False}],
     [{"email": "x@example.com", "primary": True, "verified": False}, {"email": "@BOB", "verified": True}]],
)  # fmt: skip
async def test_of_github_only_the_primary_address_counts_once_it_is_verified(
    visit: Visit, cast: Cast, emails
):
    visit.fake.github = [one | {"email": one["email"].replace("@BOB", cast.bob.email)} for one in emails]
    assert failure_of(await visit.sign_in("github"))[0] == "oauth_failed"


@pytest.mark.parametrize("name", ["github", "gitlab"])
async def test_a_mailbox_alone_does_not_get_around_the_second_factor(visit: Visit, cast: Cast, clock, name):
    """The code is asked for each time; once it was given, the browser comes by the provider again, which links it."""
    clock.freeze()
    phone = Phone(cast, cast.bob, clock)
    await phone.enroll()
    clock.advance(timedelta(seconds=30))
    again = f"/login/{name}/?next=%2Finbox%3Fstatus%3Dall"
    for _ in range(2):  # the first time leaves nothing behind that the second could use
        answer = await visit.sign_in(name, next="/inbox?status=all")
        assert answer.headers["location"] == f"/login/two-factor?next={quote(again, safe='/')}"
        assert "parley_session" not in answer.cookies and "parley_step" in answer.cookies
        assert (await visit.client.get("/api/users/@me/")).status_code == 401
    window = await PlainBrowser(visit.client).open(answer.headers["location"])
    await window.press("Sign in", token="000000")
    assert window.status == 422 and await subjects_of(cast) == []
    assert (await visit.client.post("/api/login/token", json={"token": phone.code()})).status_code == 200
    linked = await visit.sign_in(name, next="/inbox?status=all")
    assert (linked.status_code, linked.headers["location"]) == (303, "/inbox?status=all")
    assert (await visit.me())["uuid"] == str(cast.bob.user_uuid) and len(await subjects_of(cast)) == 1
    visit.client.cookies.clear()
    known = await visit.sign_in(name, next="/inbox?status=all")
    assert known.headers["location"] == "/login/two-factor?next=/inbox%3Fstatus%3Dall"


async def subjects_of(cast: Cast) -> list[str]:
    async with cast.services.database.transaction(write=False) as db:
        mine = external_identity.c.user_id == cast.bob.user_id
        return [*(await db.execute(select(external_identity.c.subject).where(mine))).scalars()]


async def test_a_member_whose_address_nobody_verified_signs_in_by_password_first(visit: Visit, cast: Cast):
    """On a server without mail nobody's address is verified; who proves it at a provider may be somebody else."""
    async with cast.services.database.transaction() as db:
        bob = update(user_account).where(user_account.c.id == cast.bob.user_id)
        await db.execute(bob.values(is_email_verified=False))
    for _ in range(2):
        refused = await visit.sign_in("gitlab", next="/inbox/7")
        assert "sign in with its password now" in failure_of(refused)[1]
    window = await PlainBrowser(visit.client).open(refused.headers["location"])
    assert window.page.one("input", name="next")["value"] == "/login/gitlab/?next=%2Finbox%2F7"
    assert (await cast.bob.client.get("/api/users/@me/")).status_code == 200
    body = {"email": cast.bob.email, "password": PASSWORD}
    assert (await visit.client.post("/api/login", json=body)).status_code == 200
    linked = await visit.sign_in("gitlab", next="/inbox/7")
    assert (linked.status_code, linked.headers["location"]) == (303, "/inbox/7")
    me = await visit.me()
    assert (me["uuid"], me["is_email_verified"]) == (str(cast.bob.user_uuid), True)
    assert (await cast.bob.client.get("/api/users/@me/")).status_code == 200, "its keys stay"


@pytest.mark.parametrize("name", NAMES)
async def test_a_provider_that_is_not_configured_says_so(cast: Cast, name):
    for path in (f"/login/{name}/", f"/complete/{name}/?code=a&state=b"):
        code, sentence = failure_of(await cast.anonymous.get(path))
        assert code == "improperly_configured_sso" and "not set up" in sentence


METADATA = {
    "issuer": f"{BASE}/google", "authorization_endpoint": f"{BASE}/a", "token_endpoint": f"{BASE}/t",
    "jwks_uri": f"{BASE}/k",
}  # fmt: skip


@pytest.mark.parametrize(
    "lie",
    [{"issuer": "https://evil.example"}, {"authorization_endpoint": "javascript:alert(1)"}, {"token_endpoint": ""},
     {"jwks_uri": "file:///etc/passwd"}, {"issuer": None}],
)  # fmt: skip
async def test_metadata_of_somebody_else_is_refused(visit: Visit, lie):
    body = msgspec.json.encode(METADATA | lie)
    visit.fake.instead["/google/.well-known/openid-configuration"] = answers(200, body)
    await visit.forget_metadata()
    answer = await visit.client.get("/login/google-oauth2/")
    assert failure_of(answer)[0] == "oauth_failed"
