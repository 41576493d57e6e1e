"""Letting people in whom a provider has proven, on real databases."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace
from sqlalchemy import delete, insert, select, update

from parley.accounts.audit_log.tables import audit_entry
from parley.accounts.domains.queries import verified_domain_of
from parley.accounts.domains.tables import organization_domain
from parley.accounts.invitations.actions import create_invite
from parley.accounts.invitations.schemas import NewInvite
from parley.accounts.members.actions import add_member
from parley.accounts.memberships.tables import membership
from parley.accounts.passwords.hashing import NO_PASSWORD, is_right_password
from parley.accounts.sessions.actions import open_session
from parley.accounts.single_sign_on.actions import admit
from parley.accounts.single_sign_on.errors import CodeBeforeLinking, PasswordFirst, SsoFailed
from parley.accounts.single_sign_on.rules import ProvenIdentity
from parley.accounts.single_sign_on.tables import external_identity
from parley.accounts.two_factor.errors import TwoFactorRequired
from parley.accounts.users.actions import change_user
from parley.accounts.users.tables import user_account
from parley.kernel.ids import new_token, new_uuid
from tests.cast import PASSWORD, Cast, Member

SAML = {"saml_entity_id": "idp", "saml_acs_url": "https://idp.example/", "saml_x509_cert": "PEM"}


def google(email: str, subject: str | None = None, **more: Any) -> ProvenIdentity:
    given = {"subject": subject or new_token(), "vouches_for_domain": True, **more}
    return ProvenIdentity(provider="google-oauth2", email=email, **given)


async def add_domain(cast: Cast, organization_id: UUID, **more: Any) -> str:
    name, now = f"{new_token(length=12).lower()}.example", cast.services.clock.now()
    row = {
        "id": new_uuid(), "organization_id": organization_id, "domain": name, "verification_challenge": "x",
        "verified_at": now, "created_at": now, **more,
    }  # fmt: skip
    async with cast.services.database.transaction() as db:
        await db.execute(insert(organization_domain).values(**row))
    return name


async def rows(cast: Cast, statement: Any) -> Sequence[Any]:
    async with cast.services.database.transaction(write=False) as db:
        return (await db.execute(statement)).all()


async def user_of(cast: Cast, token: str) -> dict[str, Any]:
    """Return who the session belongs to."""
    client = cast.client()
    client.cookies.set("parley_session", token)
    found: dict[str, Any] = (await client.get("/api/users/@me/")).json()
    return found


async def verify(cast: Cast, member: Member) -> None:
    async with cast.services.database.transaction() as db:
        known = update(user_account).where(user_account.c.id == member.user_id)
        await db.execute(known.values(is_email_verified=True))


async def test_a_new_person_becomes_a_member_of_the_organization_of_their_domain(cast: Cast):
    name = await add_domain(cast, cast.project.organization_id, jit_provisioning_enabled=True)
    who = google(f"Lea@{name.upper()}", first_name="Lea", last_name="B" * 400)
    first = await user_of(cast, (await admit(cast.services, who)).token)
    assert (first["email"], first["first_name"], first["is_email_verified"]) == (f"lea@{name}", "Lea", True)
    assert first["organization"]["id"] == str(cast.project.organization_id)
    again = await user_of(cast, (await admit(cast.services, replace(who, email="else@where.example"))).token)
    assert again["uuid"] == first["uuid"]
    [level] = await rows(cast, select(membership.c.level).where(membership.c.user_id == first["id"]))
    assert level == (1,)
    [stored] = await rows(cast, select(user_account.c.password_hash).where(user_account.c.id == first["id"]))
    assert stored == (NO_PASSWORD,)
    assert not await is_right_password(NO_PASSWORD, NO_PASSWORD, address="")
    entries = await rows(cast, select(audit_entry.c.action).where(audit_entry.c.user_id == first["id"]))
    assert {"member.joined", "identity.linked", "sign_in.succeeded"} <= {one.action for one in entries}


async def test_a_domain_learns_which_providers_work_for_its_people(cast: Cast):
    name = await add_domain(cast, cast.project.organization_id, jit_provisioning_enabled=True)
    for _ in range(2):
        await admit(cast.services, google(f"lea@{name}", "lea"))
    mine = organization_domain.c.domain == name
    assert await rows(cast, select(organization_domain.c.proven_providers).where(mine)) == [
        (["google-oauth2"],)
    ]


async def test_a_stranger_gets_no_account_and_no_organization(cast: Cast):
    with pytest.raises(SsoFailed) as failed:
        await admit(cast.services, google("nobody@nowhere.example"))
    assert failed.value.code == "jit_disabled"
    found = select(user_account.c.id).where(user_account.c.email == "nobody@nowhere.example")
    assert await rows(cast, found) == []


async def test_many_first_sign_ins_at_once_make_one_account(cast: Cast):
    name = await add_domain(cast, cast.project.organization_id, jit_provisioning_enabled=True)
    who = google(f"lea@{name}")
    opened = await asyncio.gather(*(admit(cast.services, who) for _ in range(5)))
    assert len({(await user_of(cast, one.token))["uuid"] for one in opened}) == 1


async def at_company(cast: Cast, *, also_in_mine: bool) -> ProvenIdentity:
    """Return whom the identity provider of alice's organization proves: bob's or mallory's address, moved to its domain.

    Each of them is in both organizations then, and mallory owns hers alone.
    """
    name = await add_domain(cast, cast.project.organization_id, **SAML)
    member = cast.bob if also_in_mine else cast.mallory
    joins = cast.mallory.project if also_in_mine else cast.project
    async with cast.services.database.transaction() as db:
        moved = update(user_account).where(user_account.c.id == member.user_id)
        await db.execute(moved.values(email=f"lea@{name}"))
        await add_member(
            db, cast.services, organization_id=joins.organization_id, user_id=member.user_id, level=1
        )
        domain = await verified_domain_of(db, f"x@{name}")
    assert domain is not None
    return ProvenIdentity(provider="saml", subject=f"{domain.id}:lea", email=f"lea@{name}", domain=domain)


async def test_who_had_made_the_account_before_its_owner_comes_in_no_more(cast: Cast):
    bob, who = cast.bob, await at_company(cast, also_in_mine=True)
    session = await cast.sign_in(bob)
    opened = await admit(cast.services, who)
    assert (await user_of(cast, opened.token))["uuid"] == str(bob.user_uuid)
    assert (await session.get("/api/users/@me/")).status_code == 401
    assert (await bob.client.get("/api/users/@me/")).status_code == 401
    body = {"email": who.email, "password": PASSWORD}
    assert (await cast.client().post("/api/login", json=body)).json()["code"] == "invalid_credentials"
    mine = select(membership.c.organization_id).where(membership.c.user_id == bob.user_id)
    assert await rows(cast, mine) == [(cast.project.organization_id,)], (
        "nothing of other organizations is handed on"
    )


async def test_a_member_that_owns_another_organization_alone_is_removed_by_an_admin_first(cast: Cast):
    who = await at_company(cast, also_in_mine=False)
    with pytest.raises(SsoFailed, match="owns another one alone"):
        await admit(cast.services, who)
    assert (await cast.mallory.client.get("/api/users/@me/")).status_code == 200
    mine = select(membership.c.organization_id).where(membership.c.user_id == cast.mallory.user_id)
    assert len(await rows(cast, mine)) == 2
    path = f"/api/organizations/{cast.project.organization_id}/members/{cast.mallory.user_uuid}/"
    assert (await cast.alice.client.delete(path)).status_code == 204
    assert who.domain is not None
    async with cast.services.database.transaction() as db:
        home = organization_domain.c.id == who.domain.id
        await db.execute(update(organization_domain).where(home).values(jit_provisioning_enabled=True))
    me = await user_of(cast, (await admit(cast.services, who)).token)
    assert me["email"] == who.email and me["uuid"] != str(cast.mallory.user_uuid)


async def test_only_its_password_opens_an_unverified_account_of_a_member_to_a_provider(cast: Cast):
    who, mallory = google(cast.bob.email), await cast.sign_in(cast.mallory)
    bob = await cast.sign_in(cast.bob)
    for client in (None, mallory):
        token = client.cookies["parley_session"] if client else None
        with pytest.raises(PasswordFirst):
            await admit(cast.services, who, old_token=token)
    cast.services.clock.advance(timedelta(minutes=11))  # type: ignore[attr-defined]
    with pytest.raises(PasswordFirst):  # somebody may have found the browser open
        await admit(cast.services, who, old_token=bob.cookies["parley_session"])
    assert (await cast.bob.client.get("/api/users/@me/")).status_code == 200


async def test_after_the_code_somebody_joins_the_organization_of_their_domain(cast: Cast):
    """Mallory is in another organization; a password from before two-factor sign-in was on is no code."""
    services, mallory = cast.services, cast.mallory
    name = await add_domain(cast, cast.project.organization_id, jit_provisioning_enabled=True)
    async with services.database.transaction() as db:
        values = {
            "email": f"mallory@{name}",
            "two_factor_at": services.clock.now(),
            "is_email_verified": True,
        }
        await change_user(db, services, mallory.user_id, values)
        opened = {
            one: await open_session(db, services, mallory.user_id, method=one) for one in ("password", "totp")
        }
    mine = select(membership.c.organization_id).where(membership.c.user_id == mallory.user_id)
    linked = select(external_identity.c.provider).where(external_identity.c.user_id == mallory.user_id)
    who = google(f"mallory@{name}")
    for token in (None, opened["password"].token):
        with pytest.raises(CodeBeforeLinking):
            await admit(services, who, old_token=token)
        assert await rows(cast, mine) == [(mallory.organization_id,)] and await rows(cast, linked) == []
    await admit(services, who, old_token=opened["totp"].token)
    assert set(await rows(cast, mine)) == {(mallory.organization_id,), (cast.project.organization_id,)}
    assert await rows(cast, linked) == [("google-oauth2",)]
    with pytest.raises(TwoFactorRequired) as asked:
        await admit(services, who)
    assert not isinstance(asked.value, CodeBeforeLinking)


async def test_an_account_whose_address_is_proven_keeps_its_password_and_keys(cast: Cast):
    await verify(cast, cast.bob)
    await admit(cast.services, google(cast.bob.email))
    assert (await cast.bob.client.get("/api/users/@me/")).status_code == 200


async def test_whoever_has_the_address_now_takes_the_place_of_who_had_it(cast: Cast):
    await verify(cast, cast.bob)
    before, now = google(cast.bob.email), google(cast.bob.email)
    await admit(cast.services, before)
    await admit(cast.services, now)
    with pytest.raises(SsoFailed):
        await admit(cast.services, replace(before, email="moved@nowhere.example"))
    mine = external_identity.c.user_id == cast.bob.user_id
    assert await rows(cast, select(external_identity.c.subject).where(mine)) == [(now.subject,)]


async def test_an_invited_person_needs_no_password(cast: Cast):
    email = f"{new_token(length=10).lower()}@nowhere.example"
    async with cast.services.database.transaction() as db:
        new = NewInvite(target_email=email, level=8)
        organization_id = cast.project.organization_id
        await create_invite(
            db, cast.services, new, organization_id=organization_id, created_by=cast.alice.user_id
        )
    me = await user_of(cast, (await admit(cast.services, google(email))).token)
    [found] = await rows(cast, select(membership.c.level).where(membership.c.user_id == me["id"]))
    assert found == (8,)


async def test_a_session_that_is_replaced_ends(cast: Cast):
    await verify(cast, cast.bob)
    who = google(cast.bob.email)
    first = await admit(cast.services, who)
    second = await admit(cast.services, who, old_token=first.token)
    assert (await user_of(cast, first.token))["code"] == "not_authenticated"
    assert (await user_of(cast, second.token))["email"] == cast.bob.email


async def test_saml_lets_in_members_of_its_organization_alone(cast: Cast):
    name = await add_domain(cast, cast.project.organization_id, **SAML)
    async with cast.services.database.transaction() as db:
        domain = await verified_domain_of(db, f"x@{name}")
        members = await cast.make_member(db, cast.project, level=1, name="lea")
        others = await cast.make_member(db, cast.mallory.project, level=1, name="eve")
        for one, local_part in ((members, "lea"), (others, "eve")):
            moved = update(user_account).where(user_account.c.id == one.user_id)
            await db.execute(moved.values(email=f"{local_part}@{name}"))
    assert domain is not None
    lea = ProvenIdentity(provider="saml", subject=f"{domain.id}:lea", email=f"lea@{name}", domain=domain)
    me = await user_of(cast, (await admit(cast.services, lea)).token)
    assert me["uuid"] == str(members.user_uuid)
    with pytest.raises(SsoFailed, match="no account"):
        await admit(cast.services, replace(lea, subject=f"{domain.id}:eve", email=f"eve@{name}"))
    async with cast.services.database.transaction() as db:
        await db.execute(delete(organization_domain).where(organization_domain.c.id == domain.id))
    mine = external_identity.c.user_id == members.user_id
    assert await rows(cast, select(external_identity.c.subject).where(mine)) == []
    with pytest.raises(SsoFailed, match="not set up"):
        await admit(cast.services, lea)
