"""Recovery codes: ten at a time, shown once, each good for one sign-in."""

from sqlalchemy import delete, insert, update

from parley.accounts.audit_log.actions import record_for_user
from parley.accounts.two_factor.actions.notices import notify
from parley.accounts.two_factor.errors import wrong_code
from parley.accounts.two_factor.rules import new_recovery_codes, plain_code
from parley.accounts.two_factor.tables import recovery_code
from parley.accounts.users.queries import credentials_by_id
from parley.kernel.database.transaction import Db
from parley.kernel.ids import token_hash
from parley.kernel.services import Services


async def replace_recovery_codes(db: Db, services: Services, user_id: int) -> list[str]:
    """Give a user ten new codes and return them, this once; the old ones are void, also those made at the same time."""
    await credentials_by_id(db, user_id, is_locking=True)
    await forget_recovery_codes(db, user_id)
    codes, now = new_recovery_codes(), services.clock.now()
    rows = [{"user_id": user_id, "code_hash": _hash(user_id, one), "created_at": now} for one in codes]
    await db.execute(insert(recovery_code), rows)
    await record_for_user(db, services, user_id, "recovery_codes.made")
    return codes


async def take_recovery_code(db: Db, services: Services, user_id: int, code: str) -> None:
    """Accept a recovery code, once, and tell its owner by mail; raises Invalid."""
    unused = (
        recovery_code.c.user_id == user_id,
        recovery_code.c.code_hash == _hash(user_id, code),
        recovery_code.c.used_at.is_(None),
    )
    taken = update(recovery_code).where(*unused).values(used_at=services.clock.now())
    if (await db.execute(taken)).rowcount == 0:
        raise wrong_code("token")
    await record_for_user(db, services, user_id, "recovery_code.used")
    await notify(db, user_id, "code_used")


async def forget_recovery_codes(db: Db, user_id: int) -> None:
    """Make all recovery codes of a user void."""
    await db.execute(delete(recovery_code).where(recovery_code.c.user_id == user_id))


def _hash(user_id: int, code: str) -> str:
    return token_hash(f"{user_id}:{plain_code(code)}")
