"""Forgotten passwords: a link by mail that works once, for an hour."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert

from parley.accounts.api_keys.actions import delete_keys_of
from parley.accounts.audit_log.actions import record_for_user
from parley.accounts.domains.enforcement import check_reset_allowed
from parley.accounts.oauth_server.actions.ending import end_grants_of
from parley.accounts.password_reset.queries import LASTS, reset_owner
from parley.accounts.password_reset.tables import password_reset
from parley.accounts.passwords.hashing import hash_password
from parley.accounts.passwords.rules import check_password
from parley.accounts.sessions.actions import end_sessions_of
from parley.accounts.sign_in.login_throttle import link_throttle, trust_address
from parley.accounts.two_factor.actions.authenticator import forget_factors
from parley.accounts.two_factor.actions.steps import forget_steps_of
from parley.accounts.users.actions import change_user
from parley.accounts.users.queries import UserCredentials
from parley.kernel.clock import Clock
from parley.kernel.database.columns import is_open
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid, Throttled
from parley.kernel.ids import new_token, token_hash
from parley.kernel.jobs import enqueue
from parley.kernel.network.addresses import network_of
from parley.kernel.network.emails import normal_email
from parley.kernel.services import Services
from parley.kernel.throttle import HOUR_S, Limit

PER_ADDRESS = Limit("reset-address", 20, HOUR_S)
PER_ACCOUNT = Limit("reset-account", 5, HOUR_S)


async def ask_for_reset(services: Services, *, email: str, address: str) -> None:
    """Have a link sent if somebody has this e-mail address; the caller never learns whether.

    The look-up, too, is left to the background, so that both cases take the same time here. Raises Throttled after
    too many requests from one address; too many for one account are dropped silently, like those for nobody. Raises
    SsoEnforced where people of this domain use no passwords.
    """
    await services.throttles.hit((PER_ADDRESS, network_of(address)))
    await check_reset_allowed(services, email)
    try:
        await services.throttles.hit((PER_ACCOUNT, normal_email(email)))
    except Throttled:
        return
    async with services.database.transaction() as db:
        payload = {"email": normal_email(email)}
        await enqueue(db, "accounts.mail_password_reset", payload, project_id=0, queue="mail")


async def start_reset(db: Db, clock: Clock, user_id: int) -> str:
    """Make a token for the link and return it; only its hash is stored."""
    token, now = new_token(), clock.now()
    await db.execute(
        insert(password_reset).values(
            token_hash=token_hash(token), user_id=user_id, created_at=now, expires_at=now + LASTS
        )
    )
    return token


async def change_password(
    db: Db,
    services: Services,
    user_id: int,
    password_hash: str,
    *,
    but_session: str | None = None,
    keeps_keys: bool = False,
    action: str = "password.changed",
) -> None:
    """Set the password; end every session of the user, except the one whose hash is given, and all keys.

    Sessions end first: a session that is making a key holds itself open until the key is there to be ended.
    """
    await change_user(db, services, user_id, {"password_hash": password_hash})
    await end_sessions_of(db, services, user_id, but=but_session)
    if not keeps_keys:
        await delete_keys_of(db, services, user_id)
        await end_grants_of(db, services, user_id)
    await forget_resets_of(db, user_id)
    after = {"other_sessions": "ended", "api_keys": "kept" if keeps_keys else "deleted"}
    await record_for_user(db, services, user_id, action, after=after)
    await forget_steps_of(db, user_id)


async def reset_password(
    services: Services, *, user_uuid: UUID | None, token: str, password: str, address: str
) -> UserCredentials:
    """Set the password by the link, end all their sessions and keys, and return them.

    Raises Invalid for a link that is wrong, used or too old, and for a weak password; Throttled after too many
    wrong links from one address; SsoEnforced where people of this domain use no passwords by now.
    """
    now, hashed = services.clock.now(), token_hash(token)
    async with link_throttle(services, address):
        async with services.database.transaction(write=False) as db:
            user = await reset_owner(db, user_uuid, hashed, now) if token and user_uuid else None
        if user is None:
            raise _bad_link()
    await check_reset_allowed(services, user.email)
    check_password(password, email=user.email)
    password_hash = await hash_password(password, address=address)
    async with services.database.transaction() as db:
        claimed = delete(password_reset).where(
            password_reset.c.token_hash == hashed, is_open(password_reset.c.expires_at, now, LASTS)
        )
        if (await db.execute(claimed)).rowcount == 0:
            raise _bad_link()
        await change_password(db, services, user.user_id, password_hash, action="password.reset")
        await _note_mailbox(db, services, user)
    await trust_address(services, user.email, address)
    return user


async def _note_mailbox(db: Db, services: Services, user: UserCredentials) -> None:
    """Note that the address is proven: the link was in a mail alone.

    If it wasn't before, maybe somebody else has made the account: they keep no passkey. With two-factor sign-in nothing is
    proven by a mailbox alone: the code is still asked for, and the address stays unverified.
    """
    if user.is_email_verified or user.has_two_factor:
        return
    await forget_factors(db, services, user.user_id)
    await change_user(db, services, user.user_id, {"is_email_verified": True})


def _bad_link() -> Invalid:
    return Invalid("This reset token is invalid or has expired.", code="invalid_token", attr="token")


async def forget_resets_of(db: Db, user_id: int) -> None:
    """Let no link that was sent before set the password of a user."""
    await db.execute(delete(password_reset).where(password_reset.c.user_id == user_id))


async def forget_expired_resets(db: Db, now: datetime) -> int:
    """Delete the links that are too old; return how many."""
    over = delete(password_reset).where(password_reset.c.expires_at <= now)
    return (await db.execute(over)).rowcount
