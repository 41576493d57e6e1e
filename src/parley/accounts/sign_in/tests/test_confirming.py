"""Recent authentication: what is sensitive asks once more who somebody is, and leads back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from parley.accounts.sessions.tables import session
from tests.cast import PASSWORD, Cast
from tests.plain_browser import window_of

CODE = "sensitive_action_required_reauth"
AGAIN = "/api/users/@me/reauthenticate/"
SENSITIVE = [
    ("POST", "/api/personal_api_keys/", {"label": "a", "scopes": ["ticket:read"]}),
    ("PATCH", "/api/personal_api_keys/nothing/", {"scopes": ["*"]}),
    ("POST", "/api/personal_api_keys/nothing/roll/", None),
    ("PATCH", "/api/organizations/@current/members/@me/", {"level": 1}),
    ("DELETE", "/api/organizations/@current/members/@me/", None),
    ("DELETE", "/api/organizations/@current/", None),
    ("DELETE", "/api/projects/@current/", None),
    ("POST", "/api/organizations/@current/invites/", {"target_email": "accomplice@example.com", "level": 8}),
]


@pytest.mark.parametrize(("method", "path", "body"), SENSITIVE)
async def test_an_old_session_does_nothing_sensitive_until_it_is_confirmed(
    cast: Cast, clock, method, path, body
):
    client = await cast.sign_in(cast.alice)
    clock.advance(timedelta(hours=2, seconds=5))
    refused = await client.request(method, path, json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, CODE)
    assert refused.json()["detail"] == "This action requires you to be recently authenticated."
    assert (await client.post(AGAIN, json={"password": PASSWORD})).json() == {"success": True}
    answer = await client.request(method, path, json=body)
    assert answer.status_code != 403


async def test_a_proof_of_the_future_counts_for_nothing_once_the_clock_is_set_back(cast: Cast, clock):
    client = await cast.sign_in(cast.alice)
    clock.advance(-timedelta(days=1))
    method, path, body = SENSITIVE[0]
    assert (await client.request(method, path, json=body)).json()["code"] == CODE
    assert (await client.post(AGAIN, json={"password": PASSWORD})).status_code == 200
    assert (await client.request(method, path, json=body)).status_code == 201


async def test_a_wrong_password_confirms_nothing_and_is_limited_as_at_signing_in(cast: Cast, clock):
    client = await cast.sign_in(cast.alice)
    clock.advance(timedelta(hours=3))
    for _ in range(10):
        refused = await client.post(AGAIN, json={"password": "wrong"})
        assert (refused.status_code, refused.json()["attr"]) == (400, "password")
    assert (await client.post(AGAIN, json={"password": PASSWORD})).status_code == 429
    assert (await client.delete("/api/organizations/@current/")).json()["code"] == CODE


async def test_keys_need_no_confirmation_and_confirm_nothing(cast: Cast, clock):
    clock.advance(timedelta(hours=3))
    assert (await cast.alice.client.post(AGAIN, json={"password": PASSWORD})).status_code == 403
    path = "/api/organizations/@current/members/@me/"
    assert (await cast.alice.client.patch(path, json={"level": 15})).status_code == 200


async def test_signing_in_once_more_confirms_too(cast: Cast, clock):
    client, key = cast.client(), {"label": "a", "scopes": ["ticket:read"]}
    for status in (201, 403, 201):
        if status == 201:
            body = {"email": cast.alice.email, "password": PASSWORD}
            assert (await client.post("/api/login/", json=body)).status_code == 200
        headers = {"X-CSRFToken": client.cookies["parley_csrf"]}
        made = await client.post("/api/personal_api_keys/", json=key, headers=headers)
        assert made.status_code == status
        clock.advance(timedelta(hours=3))


async def test_a_page_asks_and_leads_back_to_its_form(cast: Cast, clock):
    window = await (await window_of(cast, cast.alice)).open("/settings/keys")
    clock.advance(timedelta(hours=3))
    await window.press("Create key", label="For scripts")
    assert window.path == "/login/confirm?next=/settings/keys"
    await window.press("Confirm", password="wrong")
    assert window.page.one(role="alert").text == "This is not your password."
    await window.press("Confirm", password=PASSWORD)
    assert window.path == "/settings/keys"
    await window.press("Create key", label="For scripts", **{"scope:ticket:read": "on"})
    assert window.status == 200 and "For scripts" in window.page.text


async def test_a_session_notes_that_it_was_used_once_an_hour(cast: Cast, clock):
    client = cast.client(**{"User-Agent": "Netscape " * 99})
    body = {"email": cast.alice.email, "password": PASSWORD}
    assert (await client.post("/api/login/", json=body)).status_code == 200

    async def seen():
        async with cast.services.database.transaction(write=False) as db:
            row = (await db.execute(select(session).where(session.c.user_id == cast.alice.user_id))).one()
        return row.last_seen_at, row

    first, row = await seen()
    assert (row.method, row.address, len(row.user_agent)) == ("password", "127.0.0.1", 300)
    clock.advance(timedelta(minutes=59))
    await client.get("/api/users/@me/")
    assert (await seen())[0] == first
    clock.advance(timedelta(minutes=2))
    await cast.services.live.publish("accounts", "changed")
    await client.get("/api/users/@me/")
    assert (await seen())[0] > first
