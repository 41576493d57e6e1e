"""The authenticator: setting it up, taking its codes, turning it off."""

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import delete, update

from parley.accounts.audit_log.actions import record_for_user
from parley.accounts.two_factor.actions.notices import notify
from parley.accounts.two_factor.actions.recovery_codes import forget_recovery_codes, replace_recovery_codes
from parley.accounts.two_factor.errors import wrong_code
from parley.accounts.two_factor.queries.factors import totp_of
from parley.accounts.two_factor.rules import matching_step, new_secret, plain_code, setup_uri
from parley.accounts.two_factor.tables import passkey, totp
from parley.accounts.users.actions import change_user
from parley.kernel.clock import is_ahead
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.services import Services

SETUP_LASTS = timedelta(minutes=10)


class AuthenticatorSetup(msgspec.Struct, frozen=True):
    """What an authenticator is told, this once: the secret, and the same as a URI for its QR code."""

    secret: str
    uri: str


async def start_authenticator(db: Db, services: Services, user_id: int, email: str) -> AuthenticatorSetup:
    """Make a secret that holds for ten minutes until it is confirmed; an earlier unconfirmed one is gone.

    Raises Invalid while the user has a confirmed one.
    """
    secret = new_secret()
    values = {
        "sealed_secret": services.vault.encrypt(secret),
        "started_at": services.clock.now(),
        "last_step": None,
    }
    made = insert_for(db.dialect, totp).values(user_id=user_id, **values)
    made = made.on_conflict_do_update(
        index_elements=["user_id"], set_=values, where=totp.c.confirmed_at.is_(None)
    )
    if (await db.execute(made)).rowcount == 0:
        raise Invalid("2FA is on already. Turn it off first.", code="2fa_already_enabled")
    return AuthenticatorSetup(secret, setup_uri(secret, email))


async def setup_of(db: Db, services: Services, user_id: int, email: str) -> AuthenticatorSetup | None:
    """Return what is being set up and waits for its first code, if anything is."""
    found = await totp_of(db, user_id)
    if found is None or found.confirmed_at or not _is_open(found.started_at, services.clock.now()):
        return None
    secret = services.vault.decrypt(found.sealed_secret)
    return AuthenticatorSetup(secret, setup_uri(secret, email))


def _is_open(started_at: datetime, now: datetime) -> bool:
    return is_ahead(started_at + SETUP_LASTS, now, SETUP_LASTS)


async def confirm_authenticator(db: Db, services: Services, user_id: int, code: str) -> list[str]:
    """Turn the second factor on once the authenticator shows the right code; return new recovery codes, this once.

    Raises Invalid for a wrong code, and where nothing is being set up, or was begun too long ago.
    """
    now, found = services.clock.now(), await totp_of(db, user_id, is_locking=True)
    if found is None or found.confirmed_at or not _is_open(found.started_at, now):
        raise Invalid("2FA setup session expired. Please start setup again.", code="setup_expired")
    step = matching_step(services.vault.decrypt(found.sealed_secret), plain_code(code), now, None)
    if step is None:
        raise Invalid("Token is not valid", code="token_invalid", attr="token")
    confirmed = update(totp).where(totp.c.user_id == user_id, totp.c.confirmed_at.is_(None))
    if (await db.execute(confirmed.values(confirmed_at=now, last_step=step))).rowcount == 0:
        raise Invalid("2FA setup session expired. Please start setup again.", code="setup_expired")
    await change_user(db, services, user_id, {"two_factor_at": now})
    await record_for_user(db, services, user_id, "two_factor.enabled")
    await notify(db, user_id, "enabled")
    return await replace_recovery_codes(db, services, user_id)


async def take_totp_code(db: Db, services: Services, user_id: int, code: str) -> None:
    """Accept the code that the authenticator shows now, once; raises Invalid."""
    found = await totp_of(db, user_id)
    if found is None or found.confirmed_at is None or not services.vault.can_decrypt(found.sealed_secret):
        raise wrong_code("token")
    secret = services.vault.decrypt(found.sealed_secret)
    step = matching_step(secret, plain_code(code), services.clock.now(), found.last_step)
    if step is None:
        raise wrong_code("token")
    unused = totp.c.last_step.is_(None) | (totp.c.last_step < step)
    taken = update(totp).where(totp.c.user_id == user_id, totp.c.confirmed_at.is_not(None), unused)
    if (await db.execute(taken.values(last_step=step))).rowcount == 0:
        raise wrong_code("token")  # the same code was accepted meanwhile


async def turn_two_factor_off(db: Db, services: Services, user_id: int, *, by: int | None = None) -> None:
    """Forget the authenticator and the recovery codes of a user; by themselves, unless `by` says otherwise.

    Safe to run twice.
    """
    was_on = (await db.execute(delete(totp).where(totp.c.user_id == user_id))).rowcount > 0
    await forget_recovery_codes(db, user_id)
    await change_user(db, services, user_id, {"two_factor_at": None})
    if was_on:
        await record_for_user(db, services, user_id, "two_factor.disabled", by=by)
        await notify(db, user_id, "disabled")


async def forget_factors(db: Db, services: Services, user_id: int) -> None:
    """Take everything away that somebody may have set up in another's name: authenticator, codes and passkeys."""
    await db.execute(delete(totp).where(totp.c.user_id == user_id))
    await forget_recovery_codes(db, user_id)
    await db.execute(delete(passkey).where(passkey.c.user_id == user_id))
    await change_user(db, services, user_id, {"two_factor_at": None})
