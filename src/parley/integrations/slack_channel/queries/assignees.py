"""What an assignee is called."""

from uuid import UUID

from sqlalchemy import select

from parley.accounts.roles.tables import role
from parley.accounts.users.tables import user_account
from parley.kernel.database.transaction import Db


async def assignee_name(db: Db, user_id: int | None, role_id: str | None) -> str | None:
    """Return the name of a member or a role (primary keys); None for one that is gone."""
    if user_id is not None:
        c = user_account.c
        row = (await db.execute(select(c.first_name, c.last_name, c.email).where(c.id == user_id))).first()
        return (f"{row.first_name} {row.last_name}".strip() or row.email) if row else None
    if role_id is None:
        return None
    found = await db.execute(select(role.c.name).where(role.c.id == UUID(role_id)))
    name: str | None = found.scalar_one_or_none()
    return name
