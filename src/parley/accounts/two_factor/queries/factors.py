"""The authenticator and the recovery codes of a user."""

from datetime import datetime

import msgspec
from sqlalchemy import func, select

from parley.accounts.two_factor.tables import recovery_code, totp
from parley.accounts.users.tables import user_account
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import OWNER, Principal


class Totp(msgspec.Struct, frozen=True):
    """An authenticator; `confirmed_at` is None while it is being set up."""

    sealed_secret: str
    started_at: datetime
    confirmed_at: datetime | None
    last_step: int | None


_TOTP = StructColumns(Totp, totp)


async def totp_of(db: Db, user_id: int, *, is_locking: bool = False) -> Totp | None:
    """Return the authenticator of a user (primary key)."""
    wanted = select(*_TOTP.columns).where(totp.c.user_id == user_id)
    row = (await db.execute(wanted.with_for_update() if is_locking else wanted)).first()
    return _TOTP(row) if row else None


async def n_recovery_codes_left(db: Db, user_id: int) -> int:
    """Count the recovery codes that are not used yet (primary key)."""
    unused = recovery_code.c.user_id == user_id, recovery_code.c.used_at.is_(None)
    count: int = (
        await db.execute(select(func.count()).select_from(recovery_code).where(*unused))
    ).scalar_one()
    return count


async def sealed_secrets(db: Db) -> list[tuple[int, str, str]]:
    """Return the id and the address of everybody with an authenticator, and its encrypted secret, by address."""
    wanted = select(totp.c.user_id, user_account.c.email, totp.c.sealed_secret)
    rows = await db.execute(wanted.join(user_account).order_by(user_account.c.email))
    return [(row.user_id, row.email, row.sealed_secret) for row in rows]


async def check_may_have_recovery_codes(db: Db, principal: Principal) -> None:
    """Raise Invalid for somebody who has no use for them: not an owner, and without an authenticator.

    Owners get in with them where their domain lets nobody sign in by password (break-glass).
    """
    found = await totp_of(db, principal.user_id)
    if (found is None or found.confirmed_at is None) and OWNER not in principal.levels.values():
        raise Invalid("2FA must be enabled first", code="2fa_not_enabled")
