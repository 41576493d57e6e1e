"""Links for forgotten passwords."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from parley.accounts.password_reset.tables import password_reset
from parley.accounts.users.queries import CREDENTIALS, UserCredentials
from parley.accounts.users.tables import user_account
from parley.kernel.database.columns import is_open
from parley.kernel.database.transaction import Db

LASTS = timedelta(hours=1)


async def reset_owner(db: Db, user_uuid: UUID, token_hash: str, now: datetime) -> UserCredentials | None:
    """Return the active user to whom a link still belongs (primary key of password_reset)."""
    statement = (
        select(*CREDENTIALS.columns)
        .join(password_reset, password_reset.c.user_id == user_account.c.id)
        .where(
            password_reset.c.token_hash == token_hash,
            is_open(password_reset.c.expires_at, now, LASTS),
            user_account.c.uuid == user_uuid,
            user_account.c.is_active.is_(True),
        )
    )
    row = (await db.execute(statement)).first()
    return CREDENTIALS(row) if row else None
