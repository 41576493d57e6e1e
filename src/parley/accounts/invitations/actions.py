"""Inviting people into an organization, and joining it."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import structs
from sqlalchemy import delete, insert

from parley.accounts.audit_log.actions import record
from parley.accounts.domains.enforcement import check_password_allowed
from parley.accounts.invitations.queries import IS_BACKED, LASTS, Invite, n_open_invites, open_invite
from parley.accounts.invitations.schemas import NewInvite, Signup
from parley.accounts.invitations.tables import invite
from parley.accounts.members.actions import add_member, set_current
from parley.accounts.memberships.queries import is_member_by_email
from parley.accounts.memberships.rules import level_name
from parley.accounts.passwords.hashing import hash_password
from parley.accounts.passwords.rules import check_password
from parley.accounts.sessions.actions import open_session
from parley.accounts.sign_in.actions import check_credentials, held_account
from parley.accounts.sign_in.login_throttle import link_throttle
from parley.accounts.two_factor.actions.steps import begin_second_step
from parley.accounts.two_factor.errors import TwoFactorRequired
from parley.accounts.users.actions import change_user, create_user
from parley.accounts.users.queries import UserCredentials, user_id_by_email
from parley.accounts.users.tables import MAX_NAME_LENGTH
from parley.kernel.database.columns import is_open
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid, NotFound, PermissionDenied
from parley.kernel.http.authorization import Principal
from parley.kernel.http.cookies import OpenedSession
from parley.kernel.http.origin import request_origin
from parley.kernel.ids import new_token, new_uuid, token_hash
from parley.kernel.jobs import enqueue
from parley.kernel.services import Services
from parley.kernel.text.names import check_name
from parley.kernel.throttle import DAY_S, HOUR_S, Limit

SHOWN = timedelta(days=30)  # for so long a list of invitations shows one that expired
MOST_OPEN = 100
TOO_MANY = f"An organization can have at most {MOST_OPEN} open invitations. Take some back, or wait until they are accepted."
PER_USER = Limit("invites-by-user", 200, HOUR_S)
PER_ORGANIZATION = Limit("invites-of-organization", 300, DAY_S)
PER_TARGET = Limit("invites-to-address", 5, DAY_S)


class CreatedInvite(msgspec.Struct, frozen=True):
    """An invitation just made. Its token is here this once; the mail has another one, that nobody else knows."""

    id: UUID
    token: str


async def create_invite(
    db: Db, services: Services, new: NewInvite, *, organization_id: UUID, created_by: int
) -> CreatedInvite:
    """Invite somebody by mail; an earlier invitation of the same address ends. Its address is checked.

    Raises Invalid when the address belongs to a member, and when too many invitations are open; Throttled after too many,
    since each is a mail to a stranger.
    """
    await services.throttles.hit(
        (PER_USER, str(created_by)),
        (PER_TARGET, f"{organization_id}\n{new.target_email}"),
        (PER_ORGANIZATION, str(organization_id)),
    )
    if await is_member_by_email(db, organization_id, new.target_email):
        raise Invalid(
            "A user with this email address already belongs to the organization.",
            code="unique",
            attr="target_email",
        )
    await db.execute(
        delete(invite).where(
            invite.c.organization_id == organization_id, invite.c.target_email == new.target_email
        )
    )
    now = services.clock.now()
    if await n_open_invites(db, organization_id, now) >= MOST_OPEN:
        raise Invalid(TOO_MANY, code="limit_reached")
    made, mail_token = CreatedInvite(new_uuid(), new_token()), new_token()
    await db.execute(
        insert(invite).values(
            **structs.asdict(new),
            id=made.id,
            organization_id=organization_id,
            token_hash=token_hash(made.token),
            mail_token_hash=token_hash(mail_token),
            created_by=created_by,
            created_at=now,
            expires_at=now + LASTS,
        )
    )
    # Until the mail is sent its token waits in the outbox, where nobody who reads the database may use it.
    payload = {"invite_id": str(made.id), "sealed_token": services.vault.encrypt(mail_token)}
    await enqueue(db, "accounts.mail_invite", payload, project_id=0, queue="mail")
    await _record_made(db, services, organization_id, made.id, new, created_by)
    return made


async def _record_made(
    db: Db, services: Services, organization_id: UUID, id: UUID, new: NewInvite, created_by: int
) -> None:
    await record(
        db,
        services,
        organization_id=organization_id,
        action="invitation.made",
        by=created_by if request_origin() is None else None,
        target=("invitation", str(id), new.target_email),
        after={"level": level_name(new.level)},
    )


async def delete_invite(db: Db, services: Services, *, organization_id: UUID, invite_id: UUID) -> None:
    """Take an invitation back; raises NotFound."""
    ended = delete(invite).where(invite.c.organization_id == organization_id, invite.c.id == invite_id)
    email = (await db.execute(ended.returning(invite.c.target_email))).scalar_one_or_none()
    if email is None:
        raise NotFound
    target = ("invitation", str(invite_id), email)
    await record(db, services, organization_id=organization_id, action="invitation.deleted", target=target)


async def find_invite(db: Db, services: Services, token: str) -> Invite:
    """Return the invitation of a link.

    Raises NotFound when it is unknown, used or expired, and once who has made it may not invite any more.
    """
    found = await open_invite(db, token_hash(token), services.clock.now())
    if found is None:
        raise NotFound("This invitation is no longer valid.")
    return found


async def has_account(db: Db, invitation: Invite) -> bool | None:
    """Say whether the invited address has an account; None for somebody who came by the shown link.

    The person who invites knows that link, and must not learn about strangers.
    """
    if not invitation.is_by_mail:
        return None
    return await user_id_by_email(db, invitation.target_email) is not None


async def accept_invite(services: Services, token: str, given: Signup, *, address: str) -> OpenedSession:
    """Join the organization and sign in: with a new account, or with the one that the invited address has.

    The holder of an account proves it by its password; where they have a second factor, too, they have joined then and
    TwoFactorRequired asks for it. Raises NotFound for a link that is no longer valid, Invalid
    for a bad name or password, and Throttled after too many wrong ones; SsoEnforced where people of this domain use no
    passwords, whether the address has an account or not.
    """
    async with link_throttle(services, address), services.database.transaction(write=False) as db:
        invitation = await find_invite(db, services, token)
        has_account = await user_id_by_email(db, invitation.target_email) is not None
    await check_password_allowed(services, invitation.target_email)
    first_name, password_hash, proved = given.first_name, None, None
    if has_account:
        proved = await _prove_account(services, invitation, given, address)
    else:
        first_name = _checked_name(invitation, given)
        password_hash = await hash_password(given.password, address=address)
    async with services.database.transaction() as db:
        if proved is not None:
            proved = await held_account(db, proved)
        user_id = await _join(db, services, token, first_name, password_hash)
        if proved is None or not proved.has_two_factor:
            return await open_session(db, services, user_id, method="password")
        step_token = await begin_second_step(db, services, user_id)
    raise TwoFactorRequired(step_token)


async def accept_as(services: Services, principal: Principal, token: str, *, address: str) -> None:
    """Let somebody who is signed in with the invited address join, without a password.

    So do people whose organization lets them in by single sign-on only. Raises NotFound for a link that is no longer valid,
    Throttled after too many of these, and PermissionDenied when the invitation is for somebody else.
    """
    async with link_throttle(services, address), services.database.transaction(write=False) as db:
        invitation = await find_invite(db, services, token)
    if invitation.target_email != principal.email:
        raise PermissionDenied(
            "This invitation is for another address than the one that you are signed in with."
        )
    async with services.database.transaction() as db:
        await _join(db, services, token, "", None)


async def _prove_account(
    services: Services, invitation: Invite, given: Signup, address: str
) -> UserCredentials:
    """Return whose account it is; raises Invalid for a wrong password.

    Somebody who came by the shown link gets the same answer as for a stranger.
    """
    try:
        return await check_credentials(
            services, email=invitation.target_email, password=given.password, address=address
        )
    except Invalid:
        if not invitation.is_by_mail:
            _checked_name(invitation, given)
        raise


def _checked_name(invitation: Invite, given: Signup) -> str:
    """Return the name for a new account; raises Invalid for a bad name or password."""
    name = check_name(given.first_name, most=MAX_NAME_LENGTH, attr="first_name")
    check_password(given.password, email=invitation.target_email)
    return name


async def _join(db: Db, services: Services, token: str, first_name: str, password_hash: str | None) -> int:
    invitation = await find_invite(db, services, token)
    used = await db.execute(delete(invite).where(invite.c.id == invitation.id))
    if used.rowcount == 0:
        raise NotFound("This invitation is no longer valid.")
    if password_hash is None:
        user_id = await user_id_by_email(db, invitation.target_email)
        assert user_id is not None  # users are never deleted
    else:
        user_id = await create_user(
            db,
            services,
            email=invitation.target_email,
            password_hash=password_hash,
            first_name=first_name,
        )
    if invitation.is_by_mail:
        await change_user(db, services, user_id, {"is_email_verified": True})
    organization_id = invitation.organization_id
    await _record_accepted(db, services, organization_id, user_id, (invitation.id, invitation.target_email))
    await add_member(db, services, organization_id=organization_id, user_id=user_id, level=invitation.level)
    await set_current(db, services, user_id=user_id, organization_id=organization_id, project_id=None)
    return user_id


async def accept_invites_of(
    db: Db, services: Services, user_id: int, email: str, organization_ids: frozenset[UUID]
) -> None:
    """Make a user whose address is proven a member of these organizations, with the highest level offered by each."""
    mine = (
        invite.c.target_email == email,
        invite.c.organization_id.in_(organization_ids),
        is_open(invite.c.expires_at, services.clock.now(), LASTS),
        IS_BACKED,
    )
    columns = (invite.c.id, invite.c.organization_id, invite.c.level)
    used = (await db.execute(delete(invite).where(*mine).returning(*columns))).all()
    best = {row.organization_id: row for row in sorted(used, key=lambda row: row.level)}
    for organization_id, row in best.items():
        await _record_accepted(db, services, organization_id, user_id, (row.id, email))
        await add_member(db, services, organization_id=organization_id, user_id=user_id, level=row.level)


async def _record_accepted(
    db: Db, services: Services, organization_id: UUID, user_id: int, invitation: tuple[UUID, str]
) -> None:
    id, email = invitation
    target = ("invitation", str(id), email)
    action = "invitation.accepted"
    await record(db, services, organization_id=organization_id, action=action, by=user_id, target=target)


async def forget_old_invites(db: Db, now: datetime) -> int:
    """Delete the invitations that expired so long ago that no list shows them; return how many."""
    return (await db.execute(delete(invite).where(invite.c.expires_at <= now - SHOWN))).rowcount
