"""Users."""

from sqlalchemy import select

from parley.accounts.tables import user_account
from parley.kernel.db import Db


async def user_id_by_email(db: Db, email: str) -> int | None:
    """Return the id of the user with this address in its normal form (unique index)."""
    found = await db.execute(select(user_account.c.id).where(user_account.c.email == email))
    user_id: int | None = found.scalar_one_or_none()
    return user_id
