"""Who is there to work on tickets."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from parley.accounts.queries.users import BASIC_COLUMNS
from parley.accounts.schemas.availability import AvailabilityOut
from parley.accounts.schemas.users import UserBasic
from parley.accounts.tables import membership, user_account
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound

_AVAILABILITY = select(membership.c.is_available, *BASIC_COLUMNS).join(
    user_account, user_account.c.id == membership.c.user_id
)


def _out(row: Sequence[Any]) -> AvailabilityOut:
    return AvailabilityOut(user=UserBasic(*row[1:]), is_available=row[0])


async def availability_page(db: Db, organization_id: UUID, limit: int, offset: int) -> list[AvailabilityOut]:
    """Return a page of the members in the order they joined (unique index on organization and user)."""
    found = await db.execute(
        _AVAILABILITY.where(membership.c.organization_id == organization_id)
        .order_by(membership.c.joined_at, membership.c.user_id)
        .limit(limit)
        .offset(offset)
    )
    return [_out(row) for row in found]


async def availability_of(db: Db, organization_id: UUID, user_uuid: UUID) -> AvailabilityOut:
    """Return whether one member is there, found by the user's uuid; raises NotFound."""
    mine = (membership.c.organization_id == organization_id, user_account.c.uuid == user_uuid)
    row = (await db.execute(_AVAILABILITY.where(*mine))).first()
    if row is None:
        raise NotFound
    return _out(row)
