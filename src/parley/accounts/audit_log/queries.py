"""Reading the audit log."""

from sqlalchemy import select

from parley.accounts.audit_log.schemas import EntryAuthor
from parley.accounts.users.tables import user_account
from parley.kernel.database.transaction import Db


async def author_by_id(db: Db, user_id: int) -> EntryAuthor:
    """Return how a user is called now (primary key)."""
    user = user_account.c
    found = await db.execute(select(user.email, user.first_name, user.last_name).where(user.id == user_id))
    row = found.first()
    if row is None:
        return EntryAuthor(user_id)
    return EntryAuthor(user_id, row.email, f"{row.first_name} {row.last_name}".strip())
