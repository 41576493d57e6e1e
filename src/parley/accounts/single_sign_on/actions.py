"""Letting somebody in whom a provider has proven."""

from uuid import UUID

from msgspec.structs import replace
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from parley.accounts.audit_log.actions import record_for_user
from parley.accounts.domains.actions import note_proven_provider
from parley.accounts.invitations.actions import accept_invites_of
from parley.accounts.members.actions import add_member, remove_member, set_current
from parley.accounts.memberships.queries import joined_at_of
from parley.accounts.password_reset.actions import change_password
from parley.accounts.passwords.hashing import NO_PASSWORD
from parley.accounts.sessions.actions import end_session
from parley.accounts.sign_in.actions import finish_sign_in
from parley.accounts.single_sign_on.errors import CodeBeforeLinking, OwnsAnother, SsoFailed
from parley.accounts.single_sign_on.queries import facts_of
from parley.accounts.single_sign_on.released_addresses import release_address
from parley.accounts.single_sign_on.rules import Account, Entrance, Facts, ProvenIdentity, admission_of
from parley.accounts.single_sign_on.tables import external_identity
from parley.accounts.two_factor.actions.authenticator import forget_factors
from parley.accounts.two_factor.actions.steps import begin_second_step
from parley.accounts.two_factor.errors import TwoFactorRequired
from parley.accounts.users.actions import change_user, create_user
from parley.accounts.users.tables import MAX_NAME_LENGTH
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import MEMBER
from parley.kernel.http.cookies import OpenedSession
from parley.kernel.network.emails import check_email
from parley.kernel.services import Services
from parley.kernel.text.names import check_name

LAST_OWNER = "The account with your address owns another organization alone by now. Try again."
BAD_ADDRESS = "The provider named no e-mail address that Parley can use."


async def admit(
    services: Services, who: ProvenIdentity, *, old_token: str | None = None, old_session: str | None = None
) -> OpenedSession:
    """Sign somebody in whom a provider has proven, and return the session; `old_token` is the one that it replaces.

    `old_session` is the hash of the one that the browser had when it began: some providers send it back without its cookie.

    An unknown person gets an account where the organization of their domain wants it so, or has invited them. Raises
    SsoFailed, and TwoFactorRequired where the account has a second factor: the code opens the session then, as after a
    password. It is CodeBeforeLinking where something is still to be linked or joined: nothing is before the code, and the
    browser that has that session comes by the provider once more. Opens its own transaction; two first sign-ins at the
    same time make one account.
    """
    try:
        who = replace(who, email=check_email(who.email))
    except Invalid as error:
        raise SsoFailed("saml_invalid" if who.is_saml else "oauth_failed", BAD_ADDRESS) from error
    try:
        opened = await _admitted(services, who, old_token)
    except (Invalid, IntegrityError):  # the same account or membership was just made, or the domain deleted
        opened = await _admitted(services, who, old_token)
    if old_session is not None:
        async with services.database.transaction() as db:
            await end_session(db, services, old_session)
    return opened


async def _admitted(services: Services, who: ProvenIdentity, old_token: str | None) -> OpenedSession:
    async with services.database.transaction() as db:
        facts = await facts_of(db, services, who, old_token)
        admission = admission_of(facts)
        if admission.releases_address and facts.account:
            await release_address(db, services, facts.account.id)
        is_new = admission.account == "made"
        user_id = await _made_account(db, services, who) if is_new else _account(facts).id
        if not admission.needs_second_factor:
            await _prepare_account(db, services, user_id, facts, admission)
            await _join(db, services, user_id, facts, admission)
            await _link(db, services, user_id, who, is_new=admission.account != "known")
        # Also before the code: people who all have two-factor sign-in could never enforce a provider otherwise.
        await _note_proof(db, facts)
        if not admission.needs_second_factor:
            at, method = who.authenticated_at, who.provider
            return await finish_sign_in(
                db, services, user_id, method=method, old_token=old_token, authenticated_at=at
            )
        step_token = await begin_second_step(db, services, user_id)
    raise CodeBeforeLinking(step_token) if admission.changes_something else TwoFactorRequired(step_token)


async def _prepare_account(
    db: Db, services: Services, user_id: int, facts: Facts, admission: Entrance
) -> None:
    """Give the account to the owner of its address, or note that its own holder has proven the address."""
    if admission.account == "taken over":
        await take_over(db, services, user_id, admission.leaves)
    elif admission.account == "linked" and facts.account and not facts.account.is_email_verified:
        await change_user(db, services, user_id, {"is_email_verified": True})


async def _note_proof(db: Db, facts: Facts) -> None:
    """Note that the provider works for people of this domain: only then may one of them enforce it."""
    who, home = facts.who, facts.home
    if home is not None and (who.domain is None or who.domain.id == home.id):
        await note_proven_provider(db, home, who.provider)


async def _made_account(db: Db, services: Services, who: ProvenIdentity) -> int:
    """Make an account that no password opens; its address is proven already."""
    return await create_user(
        db,
        services,
        email=who.email,
        password_hash=NO_PASSWORD,
        first_name=_name(who.first_name),
        last_name=_name(who.last_name),
        is_email_verified=True,
    )


def _name(text: str) -> str:
    """Return what a provider gives as a name, cut; nothing where it is none."""
    try:
        return check_name(text[:MAX_NAME_LENGTH], most=MAX_NAME_LENGTH)
    except Invalid:
        return ""


async def take_over(db: Db, services: Services, user_id: int, leaves: frozenset[UUID] | None = None) -> None:
    """Give an account to the owner of its address: whatever somebody could come in with before ends.

    So do the memberships in `leaves`, or all. Raises OwnsAnother where an organization would be left without an owner: the
    caller has looked, so that another owner has left meanwhile.
    """
    await change_password(db, services, user_id, NO_PASSWORD)
    await forget_factors(db, services, user_id)
    await change_user(db, services, user_id, {"is_email_verified": True})
    await record_for_user(db, services, user_id, "user.credentials_ended")
    for organization_id in sorted(await joined_at_of(db, user_id) if leaves is None else leaves):
        try:
            await remove_member(db, services, organization_id=organization_id, user_id=user_id)
        except Invalid as error:
            raise OwnsAnother(LAST_OWNER) from error


async def _join(db: Db, services: Services, user_id: int, facts: Facts, admission: Entrance) -> None:
    if admission.accepts:
        await accept_invites_of(db, services, user_id, _email(facts), admission.accepts)
    organization_id = admission.joins
    if organization_id is None:
        return
    await add_member(db, services, organization_id=organization_id, user_id=user_id, level=MEMBER)
    await set_current(db, services, user_id=user_id, organization_id=organization_id, project_id=None)


def _account(facts: Facts) -> Account:
    assert facts.account is not None  # the rules make one where there is none
    return facts.account


def _email(facts: Facts) -> str:
    return facts.account.email if facts.account else facts.who.email


async def _link(db: Db, services: Services, user_id: int, who: ProvenIdentity, *, is_new: bool) -> None:
    """Remember the identity. A new one takes the place of the one that the account had at this provider:

    whoever has the address now is its owner, and the one before isn't any more.
    """
    now, identity = services.clock.now(), external_identity.c
    if not is_new:
        mine = (identity.provider == who.provider, identity.subject == who.subject)
        await db.execute(update(external_identity).where(*mine).values(last_used_at=now))
        return
    domain_id = who.domain.id if who.domain else None
    older = (identity.user_id == user_id, identity.provider == who.provider, identity.domain_id == domain_id)
    await db.execute(delete(external_identity).where(*older))
    row = {
        "provider": who.provider,
        "subject": who.subject,
        "user_id": user_id,
        "domain_id": domain_id,
        "created_at": now,
        "last_used_at": now,
    }
    made = insert_for(db.dialect, external_identity).values(**row)
    await db.execute(made.on_conflict_do_nothing(index_elements=["provider", "subject"]))
    await record_for_user(db, services, user_id, "identity.linked", after={"provider": who.provider})
