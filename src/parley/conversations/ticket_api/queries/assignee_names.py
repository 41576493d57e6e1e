"""What an assignee is called."""

from uuid import UUID

from sqlalchemy import bindparam, select

from parley.accounts.roles.tables import role
from parley.accounts.users.rules import user_name
from parley.accounts.users.tables import user_account
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db

_u = user_account.c
_MEMBER = Prepared(select(_u.first_name, _u.last_name, _u.email).where(_u.id == bindparam("user_id")))
_ROLE = Prepared(select(role.c.name).where(role.c.id == bindparam("role_id")))


async def assignee_name(db: Db, user_id: int | None, role_id: str | None) -> str | None:
    """Return the name of a member or a role (primary keys); None for one that is gone."""
    if user_id is not None:
        people = await db.rows(_MEMBER, user_id=user_id)
        return next((user_name(*one) for one in people), None)
    if role_id is None:
        return None
    return next((row[0] for row in await db.rows(_ROLE, role_id=UUID(role_id))), None)
