"""Accounts that somebody else made in advance: a new password, or another organization, shuts that person out."""

import re
from datetime import timedelta

import pytest

from parley.accounts.two_factor.actions.recovery_codes import replace_recovery_codes
from parley.accounts.users.actions import change_user
from tests.cast import PASSWORD
from tests.plain_browser import window_of

KEYS, ME = "/api/personal_api_keys/", "/api/users/@me/"
NEW = "another fine passphrase"


@pytest.fixture(autouse=True)
async def fresh_counters(services):
    """All tests come from one address, whose requests are counted for an hour."""
    await services.cache.delete("brake:reset-from:127.0.0.1")


async def reset(member, anonymous, queue, sent_mail):
    await anonymous.post("/api/reset/", json={"email": member.email})
    await queue.drain()
    found = re.search(r"/reset/(\S+)/(\S+)", sent_mail[-1].get_body(("plain",)).get_content())
    assert found is not None
    body = {"token": found.group(2), "password": NEW}
    return await anonymous.post(f"/api/reset/{found.group(1)}/", json=body)


async def change(session, **fields):
    return await session.patch(ME, json={"current_password": PASSWORD, "password": NEW, **fields})


async def join(cast, member, organization_id):
    """Make the member one of another organization, too, as an accepted invitation does."""
    from parley.accounts.members.actions import add_member, set_current

    async with cast.services.database.transaction() as db:
        services, user_id = cast.services, member.user_id
        await add_member(db, services, organization_id=organization_id, user_id=user_id, level=8)
        await set_current(db, services, user_id=user_id, organization_id=organization_id, project_id=None)


async def test_a_reset_ends_keys_and_sessions_and_proves_the_address(
    cast, alice, anonymous, queue, sent_mail
):
    session, second = await cast.sign_in(alice), await cast.make_key(alice, ["ticket:read"])
    assert (await session.get(ME)).json()["is_email_verified"] is False
    assert (await reset(alice, anonymous, queue, sent_mail)).status_code == 200
    for client in (alice.client, second, session):
        assert (await client.get(ME)).status_code == 401
    client = cast.client()
    await client.post("/api/login", json={"email": alice.email, "password": NEW})
    assert (await client.get(ME)).json()["is_email_verified"] is True
    assert (await client.get(KEYS)).json()["count"] == 0


async def test_a_mailbox_alone_takes_over_no_account_with_two_factor_sign_in(
    cast, alice, anonymous, queue, sent_mail, services
):
    async with services.database.transaction() as db:
        await change_user(db, services, alice.user_id, {"two_factor_at": services.clock.now()})
        codes = await replace_recovery_codes(db, services, alice.user_id)
    assert (await reset(alice, anonymous, queue, sent_mail)).status_code == 200
    client = cast.client()
    asked = await client.post("/api/login", json={"email": alice.email, "password": NEW})
    assert (asked.status_code, asked.json()["code"]) == (401, "2fa_required")
    assert (await client.post("/api/login/token", json={"token": codes[0]})).status_code == 200
    assert (await client.get(ME)).json()["is_email_verified"] is False


async def test_a_reset_leaves_the_keys_of_others(alice, bob, anonymous, queue, sent_mail):
    await reset(alice, anonymous, queue, sent_mail)
    assert (await bob.client.get(ME)).status_code == 200


@pytest.mark.parametrize(("fields", "status"), [({}, 401), ({"keep_personal_api_keys": False}, 401),
    ({"keep_personal_api_keys": True}, 200)])  # fmt: skip
async def test_a_new_password_ends_keys_unless_they_are_kept(cast, alice, fields, status):
    session, other = await cast.sign_in(alice), await cast.sign_in(alice)
    assert (await change(session, **fields)).status_code == 200
    assert (await alice.client.get(ME)).status_code == status
    assert [(await client.get(ME)).status_code for client in (session, other)] == [200, 401]


async def test_a_wrong_password_ends_nothing(cast, alice):
    session = await cast.sign_in(alice)
    assert (await change(session, current_password="wrong")).status_code == 400
    assert (await alice.client.get(ME)).status_code == 200


@pytest.mark.parametrize(("keep", "status"), [("", 401), ("on", 200)])
async def test_the_form_says_what_ends_and_offers_to_keep_the_keys(cast, alice, keep, status):
    window = await window_of(cast, alice)
    await window.open("/settings/account")
    assert "your API keys stop to work" in window.page.one("section", aria_labelledby="secret").text
    assert "checked" not in window.page.one("input", name="keep_keys").attributes
    fields = {"current_password": PASSWORD, "password": NEW}
    await window.press("Change the password", **fields, **({"keep_keys": keep} if keep else {}))
    assert "Your password is changed." in window.page.one(role="status").text
    assert (await alice.client.get(ME)).status_code == status


async def test_the_reset_page_says_before_what_ends(anonymous, alice):
    page = (await anonymous.get(f"/reset/{alice.user_uuid}/x")).text
    assert "API keys of your account are deleted" in page and "Every browser is signed out" in page


async def test_an_old_key_never_reads_an_organization_that_its_owner_joins_later(cast, alice, mallory):
    await join(cast, mallory, alice.organization_id)
    theirs = f"/api/projects/{alice.project_id}/"
    tickets = "conversations/tickets/"
    for path in (theirs, f"{theirs}{tickets}", f"/api/organizations/{alice.organization_id}/members/"):
        assert (await mallory.client.get(path)).status_code == 403
    for path in ("/api/projects/", "/api/organizations/", "/api/organizations/@current/members/", ME):
        assert str(alice.organization_id) not in (await mallory.client.get(path)).text
        assert alice.email not in (await mallory.client.get(path)).text
    moving = await mallory.client.patch(ME, json={"set_current_team": alice.project_id})
    assert (moving.status_code, moving.json()["attr"]) == (400, "set_current_team")


async def test_an_old_key_goes_on_where_it_worked(cast, alice, mallory):
    await join(cast, mallory, alice.organization_id)
    here = (await mallory.client.get("/api/projects/@current/")).json()
    assert here["id"] == mallory.project_id
    current = (await mallory.client.get("/api/organizations/@current/")).json()
    assert current["id"] == str(mallory.organization_id)
    session = await cast.sign_in(mallory)
    assert (await session.get("/api/projects/@current/")).json()["id"] == alice.project_id


async def test_a_key_made_in_a_session_covers_what_its_owner_is_in_by_then(cast, alice, mallory):
    session = await cast.sign_in(mallory)

    async def make():
        made = (await session.post(KEYS, json={"label": "x", "scopes": ["*"]})).json()
        return made, cast.client(Authorization=f"Bearer {made['value']}")

    before, old = await make()
    assert before["scoped_organizations"] == []
    await join(cast, mallory, alice.organization_id)
    after, new = await make()
    path = f"/api/projects/{alice.project_id}/"
    assert [(await client.get(path)).status_code for client in (old, new)] == [403, 200]
    # What the old one covers is shown as the limit that it is.
    shown = (await session.get(f"{KEYS}{before['id']}/")).json()
    assert shown["scoped_organizations"] == [str(mallory.organization_id)]
    assert (await session.get(f"{KEYS}{after['id']}/")).json()["scoped_organizations"] == []


@pytest.mark.parametrize("limit", [None, [], "both"])
async def test_its_owner_widens_a_key(cast, alice, mallory, limit):
    session = await cast.sign_in(mallory)
    await join(cast, mallory, alice.organization_id)
    [key] = (await session.get(KEYS)).json()["results"]
    if limit == "both":
        limit = [str(alice.organization_id), str(mallory.organization_id)]
    path = f"/api/projects/{alice.project_id}/"
    assert (
        await session.patch(f"{KEYS}{key['id']}/", json={"label": "other", "scopes": ["*"]})
    ).status_code == 200
    assert (await session.post(f"{KEYS}{key['id']}/roll/")).status_code == 200
    value = (await session.post(f"{KEYS}{key['id']}/roll/")).json()["value"]
    client = cast.client(Authorization=f"Bearer {value}")
    assert (await client.get(path)).status_code == 403
    assert (
        await session.patch(f"{KEYS}{key['id']}/", json={"scoped_organizations": limit})
    ).status_code == 200
    assert (await client.get(path)).status_code == 200


async def test_a_key_is_widened_on_the_page(cast, alice, mallory):
    await join(cast, mallory, alice.organization_id)
    window = await window_of(cast, mallory)
    await window.open("/settings/keys")
    await window.press("Use in all my organizations test")
    assert "all your organizations" in window.page.one(role="status").text
    assert (await mallory.client.get(f"/api/projects/{alice.project_id}/")).status_code == 200


async def test_a_key_covers_the_organization_that_it_makes_and_no_other_new_one(cast, alice, mallory, clock):
    clock.advance(timedelta(minutes=1))
    await join(cast, mallory, alice.organization_id)
    clock.advance(timedelta(minutes=1))
    made = (await mallory.client.post("/api/organizations/", json={"name": "New"})).json()
    assert (await mallory.client.get(f"/api/organizations/{made['id']}/")).status_code == 200
    assert (await mallory.client.get(f"/api/organizations/{alice.organization_id}/")).status_code == 403


async def test_a_session_that_ended_meanwhile_makes_no_key(cast, alice, database):
    """Whoever is making keys while the password is changed ends up with none."""
    from sqlalchemy import delete

    from parley.accounts.sessions.tables import session as sessions

    client = await cast.sign_in(alice)
    assert (await client.get(ME)).status_code == 200  # the session is remembered for some seconds now
    async with database.transaction() as db:
        await db.execute(delete(sessions).where(sessions.c.user_id == alice.user_id))
    assert (await client.post(KEYS, json={"label": "x", "scopes": ["*"]})).status_code == 401
