"""What colleagues are called."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import bindparam, select

from parley.accounts.memberships.tables import membership
from parley.accounts.users.rules import user_name
from parley.accounts.users.tables import user_account
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared

_NAMES = Prepared(
    select(user_account.c.id, user_account.c.first_name, user_account.c.last_name, user_account.c.email)
    .join(membership, membership.c.user_id == user_account.c.id)
    .where(
        membership.c.organization_id == bindparam("organization_id"),
        is_one_of(membership.c.user_id, listed("ids", membership.c.user_id)),
    )
)


async def colleague_names(
    database: Database, organization_id: UUID, user_ids: Collection[int]
) -> dict[int, str]:
    """Return the names of those of the users who are members (the unique index of membership)."""
    if not user_ids:
        return {}
    rows = await database.read(_NAMES, organization_id=organization_id, ids=list(user_ids))
    return {id: user_name(first, last, email) for id, first, last, email in rows}
