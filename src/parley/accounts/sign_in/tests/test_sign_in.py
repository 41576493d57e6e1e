"""Sign-in by session: cookies, CSRF, the limits on guessing."""

import asyncio
from datetime import timedelta

import pytest

from tests.cast import PASSWORD

LOGIN, ME = "/api/login", "/api/users/@me/"


async def try_password(client, email, password="not the password"):
    return await client.post(LOGIN, json={"email": email, "password": password})


async def test_the_right_password_opens_a_session(cast, alice):
    client = cast.client()
    answer = await try_password(client, alice.email.upper(), PASSWORD)
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert (await client.get(ME)).json()["email"] == alice.email


async def test_the_session_cookie_is_for_the_server_and_the_csrf_cookie_for_scripts(cast, alice):
    answer = await try_password(cast.client(), alice.email, PASSWORD)
    session, csrf = sorted(answer.headers.get_list("set-cookie"), key=lambda one: "parley_csrf" in one)
    assert session.startswith("parley_session=") and csrf.startswith("parley_csrf=")
    assert "httponly" in session.lower() and "httponly" not in csrf.lower()
    for cookie in (session.lower(), csrf.lower()):
        assert "samesite=lax" in cookie and "path=/" in cookie and "max-age=1209600" in cookie
        assert "secure" not in cookie


async def test_cookies_are_secure_on_https(cast, alice):
    client = cast.client()
    client.base_url = "https://parley.test"
    answer = await try_password(client, alice.email, PASSWORD)
    assert all("secure" in one.lower() for one in answer.headers.get_list("set-cookie"))


async def test_a_wrong_password_and_an_unknown_address_look_the_same(cast, alice):
    wrong = await try_password(cast.client(), alice.email)
    unknown = await try_password(cast.client(), "nobody@example.com")
    assert (
        wrong.json()
        == unknown.json()
        == {
            "type": "validation_error",
            "code": "invalid_credentials",
            "detail": "Invalid email or password.",
            "attr": None,
        }
    )
    assert wrong.status_code == unknown.status_code == 400
    assert not wrong.headers.get_list("set-cookie")


@pytest.mark.parametrize(
    ("body", "attr", "code"),
    [
        ({"password": "x"}, "email", "required"),
        ({"email": "a@example.com"}, "password", "required"),
        ({"email": None, "password": "x"}, "email", "null"),
        ({"email": "", "password": "x"}, "email", "blank"),
        ({"email": ["a"], "password": "x"}, "email", "invalid_input"),
        ({"email": "a\0@example.com", "password": "x"}, "email", "null_characters_not_allowed"),
        ({"email": "a@example.com", "password": "x" * 5000}, "password", "max_length"),
    ],
)
async def test_a_bad_login_body_names_the_field(anonymous, body, attr, code):
    answer = await anonymous.post(LOGIN, json=body)
    assert answer.status_code == 400
    assert (answer.json()["attr"], answer.json()["code"]) == (attr, code)


async def test_login_reads_forms(cast, alice):
    client = cast.client()
    answer = await client.post(LOGIN + "/", data={"email": alice.email, "password": PASSWORD})
    assert answer.status_code == 200


async def test_another_sites_page_cannot_sign_anybody_in(cast, alice):
    client = cast.client(**{"Sec-Fetch-Site": "cross-site"})
    assert (await try_password(client, alice.email, PASSWORD)).status_code == 403


async def test_unsafe_requests_with_a_session_must_echo_the_csrf_token(cast, alice):
    client = cast.client()
    await try_password(client, alice.email, PASSWORD)
    change = {"first_name": "Alicia"}
    for headers in ({}, {"X-CSRFToken": ""}, {"X-CSRFToken": "wrong"}):
        refused = await client.patch(ME, json=change, headers=headers)
        assert refused.status_code == 403
        assert refused.json()["code"] == "permission_denied"
    passed = await client.patch(ME, json=change, headers={"X-CSRFToken": client.cookies["parley_csrf"]})
    assert passed.status_code == 200


async def test_the_csrf_token_of_one_session_is_no_good_in_another(cast, alice):
    first, second = await cast.sign_in(alice), await cast.sign_in(alice)
    headers = {"X-CSRFToken": first.headers["X-CSRFToken"]}
    assert (await second.post("/api/logout", headers=headers)).status_code == 403


async def test_logout_ends_this_session_only(cast, alice):
    first, second = await cast.sign_in(alice), await cast.sign_in(alice)
    answer = await first.post("/api/logout")
    assert answer.status_code == 204
    assert (await first.get(ME)).status_code == 401
    assert (await second.get(ME)).status_code == 200


async def test_the_old_cookie_is_no_good_after_logout(cast, alice):
    client = await cast.sign_in(alice)
    token = client.cookies["parley_session"]
    await client.post("/api/logout")
    other = cast.client()
    other.cookies.set("parley_session", token)
    assert (await other.get(ME)).status_code == 401


async def test_keys_cannot_log_out(alice):
    assert (await alice.client.post("/api/logout")).status_code == 403


async def test_signing_in_again_ends_the_session_before(cast, alice):
    client = cast.client()
    await try_password(client, alice.email, PASSWORD)
    old = client.cookies["parley_session"]
    await try_password(client, alice.email, PASSWORD)
    other = cast.client()
    other.cookies.set("parley_session", old)
    assert (await other.get(ME)).status_code == 401


async def test_a_session_lasts_fourteen_days(cast, alice, clock):
    client = await cast.sign_in(alice)
    clock.advance(timedelta(days=13, hours=23))
    assert (await client.get(ME)).status_code == 200
    clock.advance(timedelta(hours=2))
    await cast.services.live.publish("accounts", "changed")  # otherwise it is remembered for some seconds
    assert (await client.get(ME)).status_code == 401


async def test_a_broken_cookie_is_nobody(cast):
    for value in ("x", "' OR 1=1 --", "%00", "a" * 4000):
        client = cast.client()
        client.cookies.set("parley_session", value)
        assert (await client.get(ME)).status_code == 401


async def test_the_eleventh_try_after_ten_failures_must_wait(cast, alice):
    client = cast.client()
    assert [(await try_password(client, alice.email)).status_code for _ in range(10)] == [400] * 10
    refused = await try_password(client, alice.email, PASSWORD)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.json()["type"] == "throttled_error"
    assert "parley_session" not in client.cookies


async def test_unknown_addresses_are_throttled_alike(cast, alice):
    client, email = cast.client(), f"nobody-{alice.email}"
    codes = [(await try_password(client, email)).status_code for _ in range(11)]
    assert codes == [400] * 10 + [429]


async def test_many_tries_at_once_get_no_further(cast, alice):
    client = cast.client()
    answers = await asyncio.gather(*(try_password(client, alice.email) for _ in range(30)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [400] * 10 + [429] * 20


async def test_the_wait_doubles_and_the_right_password_ends_it(cast, alice, clock):
    client = cast.client()
    for _ in range(10):
        await try_password(client, alice.email)
    waits = []
    for _ in range(3):
        refused = await try_password(client, alice.email)
        assert refused.status_code == 429
        waits.append(int(refused.headers["retry-after"]))
        clock.advance(timedelta(seconds=waits[-1] + 1))
        assert (await try_password(client, alice.email)).status_code == 400
    assert [round(wait / 60) for wait in waits] == [1, 2, 4]
    clock.advance(timedelta(hours=2))
    assert (await try_password(client, alice.email, PASSWORD)).status_code == 200
    assert (await try_password(client, alice.email)).status_code == 400


async def test_successes_do_not_count_and_clear_the_failures(cast, alice):
    client = cast.client()
    for _ in range(12):
        assert (await try_password(client, alice.email, PASSWORD)).status_code == 200
    for _ in range(2):
        for _ in range(9):
            assert (await try_password(client, alice.email)).status_code == 400
        assert (await try_password(client, alice.email, PASSWORD)).status_code == 200


async def test_many_people_can_share_an_account_at_the_same_time(cast, alice):
    clients = [cast.client() for _ in range(15)]
    answers = await asyncio.gather(*(try_password(one, alice.email, PASSWORD) for one in clients))
    assert {answer.status_code for answer in answers} == {200}


async def test_failures_on_one_account_leave_others_alone(cast, alice, bob):
    client = cast.client()
    for _ in range(11):
        await try_password(client, alice.email)
    assert (await try_password(client, bob.email, PASSWORD)).status_code == 200
