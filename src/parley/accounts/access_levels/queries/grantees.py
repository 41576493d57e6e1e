"""Who can have a level: the members and roles of an organization, by name."""

from uuid import UUID

import msgspec
from sqlalchemy import bindparam, literal_column, select

from parley.accounts.memberships.tables import membership
from parley.accounts.roles.tables import role
from parley.accounts.users.tables import user_account
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.http.authorization import ADMIN

MOST_SHOWN = 500


class Grantee(msgspec.Struct, frozen=True):
    """Somebody whom a level can be set for; `may_anything` are admins and owners, whom none restricts."""

    key: str  # `role:<uuid>` or `member:<uuid>`
    name: str
    may_anything: bool = False


_MEMBERS = Prepared(
    select(
        membership.c.id,
        membership.c.level,
        user_account.c.first_name,
        user_account.c.last_name,
        user_account.c.email,
    )
    .join(user_account, user_account.c.id == membership.c.user_id)
    .where(membership.c.organization_id == bindparam("organization_id"))
    .order_by(user_account.c.first_name, user_account.c.email)
    .limit(literal_column(str(MOST_SHOWN)))
)
_ROLES = Prepared(
    select(role.c.id, role.c.name)
    .where(role.c.organization_id == bindparam("organization_id"))
    .order_by(role.c.name)
    .limit(literal_column(str(MOST_SHOWN)))
)


async def grantees_of(database: Database, organization_id: UUID) -> list[Grantee]:
    """Return roles, then members (unique indexes of both tables, led by the organization)."""
    roles = await database.read(_ROLES, organization_id=organization_id)
    members = await database.read(_MEMBERS, organization_id=organization_id)
    named = [Grantee(f"role:{id}", name) for id, name in roles]
    return named + [
        Grantee(f"member:{id}", f"{first} {last}".strip() or email, level >= ADMIN)
        for id, level, first, last, email in members
    ]
