"""Passwords of shares: adding, deleting, unlocking."""

from datetime import timedelta

import pytest
from sqlalchemy import delete

from parley.accounts.users.tables import user_account
from parley.analytics.sharing.tests.shares import PASSWORD, Share, bearer, is_locked, unlocked


async def test_a_password_is_shown_once(alice):
    share = Share(alice, "one")
    await share.change(enabled=True, password_required=True)
    made = await share.add_password(note=" for  Ada ")
    assert (
        made["password"] == PASSWORD and made["note"] == "for Ada" and made["created_by_email"] == alice.email
    )
    [shown] = (await share.show())["share_passwords"]
    assert shown == {
        "id": made["id"],
        "created_at": made["created_at"],
        "note": "for Ada",
        "created_by_email": alice.email,
        "is_active": True,
    }


async def test_a_password_is_made_up_where_none_is_given(alice, anonymous):
    share = Share(alice, "one")
    token = await share.open(password_required=True)
    ids: list[int] = []
    for given in (None, "", "  "):
        made = await share.add_password(given)
        ids.insert(0, made["id"])
        assert len(made["password"]) == 22
        await unlocked(anonymous, token, made["password"])
    assert [one["id"] for one in (await share.show())["share_passwords"]] == ids


@pytest.mark.parametrize(
    ("body", "status", "attr"),
    [
        ({"raw_password": "seven77"}, 400, "raw_password"),
        ({"raw_password": " seven77 "}, 400, "raw_password"),
        ({"raw_password": "x" * 4097}, 400, "raw_password"),
        ({"raw_password": "eight888", "note": "n" * 101}, 400, "note"),
        ({"raw_password": ["eight888"]}, 400, "raw_password"),
    ],
)
async def test_what_is_no_password_is_refused(alice, body, status, attr):
    share = Share(alice, "one")
    await share.change(password_required=True)
    answer = await alice.client.post(f"{share.path}/passwords/", json=body)
    assert (answer.status_code, answer.json()["attr"]) == (status, attr)
    assert (await share.show())["share_passwords"] == []


async def test_passwords_need_protection_to_be_on_before_anything_else_is_looked_at(alice):
    share = Share(alice, "one")
    for _ in range(2):
        answer = await alice.client.post(f"{share.path}/passwords", json={"raw_password": "short"})
        assert answer.status_code == 400
        assert answer.json() == {"error": "Password protection must be enabled before creating passwords"}
        await share.change(enabled=True)


async def test_passwords_survive_the_switch(alice, anonymous):
    share = Share(alice, "one")
    token = await share.lock()
    await share.change(password_required=False)
    assert await is_locked(anonymous, token) is False
    await share.change(password_required=True)
    assert await is_locked(anonymous, token) is True
    await unlocked(anonymous, token)


async def test_passwords_survive_a_refresh_while_they_are_off(alice, anonymous):
    share = Share(alice, "one")
    await share.lock(note="for Ada")
    await share.change(password_required=False)
    token = (await share.refresh())["access_token"]
    await share.change(password_required=True)
    assert [one["note"] for one in (await share.show())["share_passwords"]] == ["for Ada"]
    await unlocked(anonymous, token)


async def test_a_password_is_deleted_by_the_id_it_had_before_a_refresh(alice, anonymous, clock):
    share = Share(alice, "one")
    old = await share.lock()
    [before] = (await share.show())["share_passwords"]
    new = (await share.refresh())["access_token"]
    other = Share(alice, "two")
    await other.lock()
    path = f"passwords/{before['id']}/"
    assert (await alice.client.delete(f"{other.path}/{path}")).status_code == 404
    proofs = [(token, await unlocked(anonymous, token)) for token in (old, new)]
    assert (await alice.client.delete(f"{share.path}/{path}")).status_code == 204
    assert (await alice.client.delete(f"{share.path}/{path}")).status_code == 404
    assert [await is_locked(anonymous, token, proof) for token, proof in proofs] == [True, True]
    [last] = [await share.add_password("another password")]
    await share.refresh()
    clock.advance(timedelta(seconds=301))
    assert (await alice.client.delete(f"{share.path}/passwords/{last['id']}")).status_code == 404


async def test_the_right_password_gives_a_proof_and_a_cookie(alice, anonymous):
    token = await Share(alice, "one").lock()
    answer = await anonymous.post(f"/shared/{token}.json", json={"password": PASSWORD})
    assert answer.status_code == 200 and set(answer.json()) == {"shareToken"}
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"posthog_sharing_token={answer.json()['shareToken']};")
    for part in (f"Path=/shared/{token};", "Max-Age=86400", "HttpOnly", "SameSite=lax"):
        assert part in cookie + ";"
    assert "Secure" not in cookie
    page = await anonymous.get(f"/shared/{token}", headers={"Accept": "application/json"})
    assert page.json()["recording"]["id"] == "one"
    anonymous.cookies.clear()
    proof = answer.json()["shareToken"]
    assert await is_locked(anonymous, token, proof) is False
    embedded = await anonymous.get(f"/embedded/{token}.json", headers=bearer(proof))
    assert embedded.json()["type"] == "embed" and embedded.json()["shareToken"] == proof


@pytest.mark.parametrize(
    "body", [{"password": "wrong one"}, {}, {"password": None}, {"password": 12345678}, []]
)
async def test_anything_else_is_incorrect(alice, anonymous, body):
    token = await Share(alice, "one").lock()
    answer = await anonymous.post(f"/shared/{token}", json=body)
    assert answer.status_code == 401 and answer.json() == {"error": "Incorrect password"}
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("pa\u0308ssword", "p\u00e4ssword"),
        ("ＰＡＳＳＷＯＲＤ", "PASSWORD"),
        ("ﬁne words", "fine words"),
        ("  pass word  ", "pass word"),
        ("pass word", " pass word "),
        ("pass\u00a0word", "pass word"),
        ("' OR 1=1 --", "' OR 1=1 --"),
        ("\U0001f994" * 8, "\U0001f994" * 8),
    ],
)
async def test_the_same_password_may_be_typed_on_another_keyboard(alice, anonymous, stored, typed):
    await unlocked(anonymous, await Share(alice, "one").lock(stored), typed)


async def test_a_deleted_password_puts_exactly_those_out_who_came_by_it(alice, anonymous):
    share = Share(alice, "one")
    token = await share.lock()
    other = await share.add_password("a second password")
    first, second = await unlocked(anonymous, token), await unlocked(anonymous, token, "a second password")
    path = f"{share.path}/passwords/{other['id']}/"
    assert (await alice.client.delete(path)).status_code == 204
    assert await is_locked(anonymous, token, first) is False
    assert await is_locked(anonymous, token, second) is True
    answer = await alice.client.delete(path)
    assert answer.status_code == 404 and answer.json()["detail"] == "Password not found"
    wrong = await anonymous.post(f"/shared/{token}", json={"password": "a second password"})
    assert wrong.status_code == 401


@pytest.mark.parametrize("id", ["x", "0", "-1", "1.0", "99999999999999999999", "٣"])
async def test_an_id_that_is_none_is_not_found(alice, id):
    share = Share(alice, "one")
    await share.lock()
    answer = await alice.client.delete(f"{share.path}/passwords/{id}")
    assert answer.status_code == 404


async def test_what_is_open_needs_no_password(alice, anonymous):
    token = await Share(alice, "one").open()
    answer = await anonymous.post(f"/shared/{token}", json={"password": PASSWORD})
    assert answer.status_code == 400 and answer.json() == {"error": "This link needs no password"}
    assert (await anonymous.post("/shared/unknown", json={"password": PASSWORD})).status_code == 404


async def test_a_password_outlives_the_account_of_its_author(cast, alice, anonymous, database):
    async with database.transaction() as db:
        carol = await cast.make_member(db, alice.project, level=1, name="carol")
    token = await Share(carol, "one").lock()
    async with database.transaction() as db:
        await db.execute(delete(user_account).where(user_account.c.id == carol.user_id))
    [shown] = (await Share(alice, "one").show())["share_passwords"]
    assert shown["created_by_email"] == "deleted user"
    await unlocked(anonymous, token)
