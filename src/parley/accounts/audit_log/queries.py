"""Reading the audit log."""

from sqlalchemy import select

from parley.accounts.audit_log.schemas import EntryAuthor, Target
from parley.accounts.users.tables import user_account
from parley.kernel.database.transaction import Db


async def user_target(db: Db, user_id: int, kind: str = "member") -> Target:
    """Return a user as what something is done to (primary key)."""
    user = user_account.c
    columns = (user.uuid, user.email, user.first_name, user.last_name)
    row = (await db.execute(select(*columns).where(user.id == user_id))).one()
    return kind, str(row.uuid), f"{row.first_name} {row.last_name}".strip() or row.email


async def author_by_id(db: Db, user_id: int) -> EntryAuthor:
    """Return how a user is called now (primary key)."""
    user = user_account.c
    found = await db.execute(select(user.email, user.first_name, user.last_name).where(user.id == user_id))
    row = found.first()
    if row is None:
        return EntryAuthor(user_id)
    return EntryAuthor(user_id, row.email, f"{row.first_name} {row.last_name}".strip())
