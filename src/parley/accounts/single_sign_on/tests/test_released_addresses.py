"""An account that nobody has verified and that owns an organization is in the way of whoever its address belongs to."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, update

from parley.accounts.domains.queries import verified_domain_of
from parley.accounts.memberships.tables import membership
from parley.accounts.password_reset.actions import start_reset
from parley.accounts.single_sign_on.actions import admit
from parley.accounts.single_sign_on.released_addresses import release_address, stand_in_for
from parley.accounts.single_sign_on.rules import ProvenIdentity
from parley.accounts.single_sign_on.tests.test_admission import SAML, add_domain, rows, user_of
from parley.accounts.users.actions import change_user
from parley.accounts.users.tables import user_account
from parley.kernel.network.emails import MAX_EMAIL_LENGTH, check_email, has_mailbox
from tests.cast import PASSWORD, Cast
from tests.plain_browser import PlainBrowser, window_of

FORMER = "/login/former-address"


@pytest_asyncio.fixture
async def who(cast: Cast) -> ProvenIdentity:
    """Whom the identity provider of alice's organization proves: mallory has made an account with their address."""
    name = await add_domain(
        cast, cast.project.organization_id, jit_provisioning_enabled=True, sso_enforcement="saml", **SAML
    )
    squatted = update(user_account).where(user_account.c.id == cast.mallory.user_id)
    async with cast.services.database.transaction() as db:
        await db.execute(squatted.values(email=f"ceo@{name}", is_email_verified=False))
        domain = await verified_domain_of(db, f"x@{name}")
    assert domain is not None
    return ProvenIdentity(provider="saml", subject=f"{domain.id}:ceo", email=f"ceo@{name}", domain=domain)


async def memberships_of(cast: Cast, user_id: int) -> list[Any]:
    mine = select(membership.c.organization_id, membership.c.level).where(membership.c.user_id == user_id)
    return [tuple(one) for one in await rows(cast, mine)]


async def test_the_owner_of_the_address_gets_an_account_and_the_other_loses_nothing_else(cast: Cast, who):
    mallory, theirs = cast.mallory, cast.mallory.organization_id
    me = await user_of(cast, (await admit(cast.services, who)).token)
    assert (me["email"], me["is_email_verified"]) == (who.email, True)
    assert await memberships_of(cast, me["id"]) == [(cast.project.organization_id, 1)], "nothing of mallory's"
    assert await memberships_of(cast, mallory.user_id) == [(theirs, 15)]
    kept = await mallory.client.get("/api/users/@me/")
    assert kept.status_code == 200 and not has_mailbox(kept.json()["email"])
    log = await mallory.client.get("/api/organizations/@current/audit_log/?action=user.address_released")
    [entry] = log.json()["results"]
    assert entry["before"] == {"email": who.email}
    again = await user_of(cast, (await admit(cast.services, who)).token)
    assert again["uuid"] == me["uuid"]


async def test_many_first_sign_ins_at_once_make_one_account(cast: Cast, who):
    opened = await asyncio.gather(*(admit(cast.services, who) for _ in range(5)))
    assert len({(await user_of(cast, one.token))["uuid"] for one in opened}) == 1
    former = select(user_account.c.id).where(user_account.c.former_email == who.email)
    assert await rows(cast, former) == [(cast.mallory.user_id,)]


async def test_no_link_in_the_mailbox_of_the_owner_opens_the_other_account(cast: Cast, who):
    async with cast.services.database.transaction() as db:
        token = await start_reset(db, cast.services.clock, cast.mallory.user_id)
    await admit(cast.services, who)
    body = {"token": token, "password": "another long and lovely passphrase"}
    reset = await cast.client().post(f"/api/reset/{cast.mallory.user_uuid}/", json=body)
    assert (reset.status_code, reset.json()["code"]) == (400, "invalid_token")


async def test_the_mail_goes_to_the_owner_of_the_address_and_later_ones_to_nobody(
    cast: Cast, who, sent_mail, queue
):
    await admit(cast.services, who)
    await queue.drain()
    [mail] = [one for one in sent_mail if one["To"] == who.email]
    assert "http://parley.test/login/former-address" in mail.get_body().get_content()
    kept = (await cast.mallory.client.get("/api/users/@me/")).json()["email"]
    async with cast.services.database.transaction() as db:
        await release_address(db, cast.services, cast.mallory.user_id)
    await queue.drain()
    assert [one for one in sent_mail if one["To"] == kept] == []


async def test_whoever_had_made_the_account_signs_in_with_its_password_and_sets_another_address(
    cast: Cast, who, clock
):
    browser = await window_of(cast, cast.mallory)
    await admit(cast.services, who)
    await browser.open("/settings/account")
    assert browser.path == "/settings/address", "a browser that was signed in is led there, too"
    window = await PlainBrowser(cast.client()).open(FORMER)
    await window.press("Sign in", email=who.email.upper(), password="wrong")
    assert (window.status, window.page.one(role="alert").text) == (422, "Invalid email or password.")
    await window.press("Sign in", email=who.email.upper(), password=PASSWORD)
    assert window.path == "/settings/address"
    await window.open("/settings/security")
    assert window.path == "/settings/address"
    for taken, said in (
        (who.email, "belongs to an organization"),
        (f"new@{who.email.partition('@')[2]}", "belongs to an organization"),
        (cast.alice.email, "already an account"),
        (stand_in_for("x@y.example"), "Nobody gets mail"),
        ("no address", "valid email"),
    ):
        await window.press("Set the address", email=taken)
        assert window.status == 422 and said in window.page.text, taken
    mine = f"{cast.mallory.user_uuid}@own.example"
    await window.press("Set the address", email=mine)
    assert window.path == "/inbox"
    me = (await cast.mallory.client.get("/api/users/@me/")).json()
    assert (me["email"], me["is_email_verified"]) == (mine, False)
    assert (
        await cast.client().post("/api/login", json={"email": mine, "password": PASSWORD})
    ).status_code == 200
    await window.open(FORMER)
    other = await PlainBrowser(cast.client()).open(FORMER)
    await other.press("Sign in", email=who.email, password=PASSWORD)
    assert other.status == 422, "it has an address again"


async def test_an_address_is_set_only_by_whoever_has_just_proved_who_they_are(cast: Cast, who, clock):
    window = await window_of(cast, cast.mallory)
    await admit(cast.services, who)
    clock.advance(timedelta(hours=3))
    await (await window.open("/inbox")).press("Set the address", email="thief@own.example")
    assert window.path.startswith("/login/confirm")
    await window.press("Confirm", password=PASSWORD)
    assert window.path == "/settings/address"


async def test_whoever_has_an_address_sets_no_other(cast: Cast):
    window = await (await window_of(cast, cast.alice)).open("/settings/address")
    assert window.path == "/inbox"
    token = window.page.all("input", name="csrf_token")[0]["value"]
    given = {"email": "other@own.example", "csrf_token": token}
    assert (await window.client.post("/settings/address", data=given)).status_code == 403


async def test_the_former_address_opens_nothing_once_the_account_has_got_another_one_elsewhere(
    cast: Cast, who
):
    await admit(cast.services, who)
    async with (
        cast.services.database.transaction() as db
    ):  # as SCIM of an organization does that it is a member of
        mine = {"email": f"{cast.mallory.user_uuid}@other.example"}
        await change_user(db, cast.services, cast.mallory.user_id, mine)
    window = await PlainBrowser(cast.client()).open(FORMER)
    await window.press("Sign in", email=who.email, password=PASSWORD)
    assert (window.status, window.page.one(role="alert").text) == (422, "Invalid email or password.")


@pytest.mark.parametrize("email", ["a@b.example", f"{'x' * 240}@b.example", "o.@b.example"])
def test_what_stands_in_for_an_address_is_one_that_nobody_has(email):
    found = stand_in_for(email)
    assert check_email(found) == found and len(found) <= MAX_EMAIL_LENGTH and not has_mailbox(found)
    assert found != stand_in_for(email)
