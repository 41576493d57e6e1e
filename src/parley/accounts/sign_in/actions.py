"""Signing in with address and password."""

from datetime import datetime

from parley.accounts.audit_log.actions import record_for_user
from parley.accounts.domains.enforcement import check_password_allowed
from parley.accounts.passwords.hashing import hash_password, is_right_password, needs_rehash
from parley.accounts.sessions.actions import end_session, open_session
from parley.accounts.sign_in.failed_attempts import report_failure
from parley.accounts.sign_in.login_throttle import LoginAttempt
from parley.accounts.two_factor.actions.steps import begin_second_step
from parley.accounts.two_factor.errors import TwoFactorRequired
from parley.accounts.users.actions import change_user
from parley.accounts.users.queries import UserCredentials, credentials_by_either, credentials_by_id
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Principal
from parley.kernel.http.cookies import OpenedSession
from parley.kernel.ids import token_hash
from parley.kernel.network.emails import normal_email
from parley.kernel.services import Services

WRONG = "Invalid email or password."


class PasswordChanged(Invalid):
    """The password that somebody has proved was changed since."""

    code = "invalid_credentials"


async def sign_in(
    services: Services, *, email: str, password: str, address: str, old_token: str | None = None
) -> OpenedSession:
    """Open a session for the right password; `old_token` is the session that it replaces.

    Raises Invalid, with the same text and after the same time for a wrong password and an unknown address, and Throttled
    after too many failures. Where the user has a second factor, raises TwoFactorRequired instead of opening a session.
    Opens its own transactions: none is held while the password is hashed.
    """
    given = {"email": email, "password": password, "address": address}
    user = await check_credentials(services, **given, session_token=old_token)
    new_hash = None
    if needs_rehash(password, user.password_hash):
        new_hash = await hash_password(password, address=address)
    try:
        return await opened_for(services, user, new_hash=new_hash, old_token=old_token)
    except PasswordChanged:  # maybe another sign-in has hashed the same password anew
        user = await check_credentials(services, **given, session_token=old_token)
        return await opened_for(services, user, old_token=old_token)


async def opened_for(
    services: Services, user: UserCredentials, *, old_token: str | None, new_hash: str | None = None
) -> OpenedSession:
    """Open a session for somebody whose password was right; `new_hash` is of the same password.

    Raises PasswordChanged, and TwoFactorRequired where the user has a second factor. Opens its own transaction.
    """
    async with services.database.transaction() as db:
        user = await held_account(db, user)
        if new_hash is not None:
            await change_user(db, services, user.user_id, {"password_hash": new_hash})
        if not user.has_two_factor:
            return await finish_sign_in(db, services, user.user_id, method="password", old_token=old_token)
        step_token = await begin_second_step(db, services, user.user_id)
    raise TwoFactorRequired(step_token)


async def held_account(db: Db, proved: UserCredentials) -> UserCredentials:
    """Return an account as it is now, and hold it until the transaction ends that opens a session for its password.

    Raises PasswordChanged if it was changed since it was proved: that ends sessions, so none may be opened after it.
    """
    user = await credentials_by_id(db, proved.user_id, is_locking=True)
    if user is None or not user.is_active or user.password_hash != proved.password_hash:
        raise PasswordChanged(WRONG)
    return user


async def finish_sign_in(
    db: Db,
    services: Services,
    user_id: int,
    *,
    method: str,
    old_token: str | None,
    authenticated_at: datetime | None = None,
) -> OpenedSession:
    """Open the session of somebody who has proved all that is asked of them, in place of the one that they had.

    `authenticated_at` is when they have proved it to a provider, if that was not just now.
    """
    if old_token:
        await end_session(db, services, token_hash(old_token))
    await record_for_user(db, services, user_id, "sign_in.succeeded", after={"method": method})
    return await open_session(db, services, user_id, method=method, authenticated_at=authenticated_at)


async def sign_out(db: Db, services: Services, principal: Principal) -> None:
    """End the session of the caller."""
    assert principal.session_hash is not None  # the guards let sessions in only
    await end_session(db, services, principal.session_hash)
    await record_for_user(db, services, principal.user_id, "session.ended")


async def check_credentials(
    services: Services, *, email: str, password: str, address: str, session_token: str | None = None
) -> UserCredentials:
    """Return who this is; raises Invalid and Throttled as `sign_in` does. `session_token` is what the browser has.

    Raises SsoEnforced, before the password is looked at, where people of this domain use none.
    """
    await check_password_allowed(services, normal_email(email))
    return await check_password(
        services, email=email, password=password, address=address, session_token=session_token
    )


async def check_password(
    services: Services, *, email: str, password: str, address: str, session_token: str | None = None
) -> UserCredentials:
    """Return whose password this is, whether or not it is enough to sign in; raises Invalid and Throttled."""
    typed, email = email.strip().lower(), normal_email(email)
    async with LoginAttempt(services, email, address, session_token).throttled():
        async with services.database.transaction(write=False) as db:
            user = await credentials_by_either(db, typed, email)
        is_right = await is_right_password(password, user.password_hash if user else None, address=address)
        if user is None or not is_right or not user.is_active:
            await report_failure(services, user.email if user else email)
            raise Invalid(WRONG, code="invalid_credentials")
        return user
