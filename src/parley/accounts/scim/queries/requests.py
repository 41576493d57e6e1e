"""The log of requests."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from parley.accounts.scim.tables import scim_request
from parley.kernel.database.transaction import Db


async def ends_of_long_logs(db: Db, most: int) -> Sequence[tuple[UUID, UUID]]:
    """Return the domains whose log has more requests than so many, with the newest of those that are too many."""
    counted = select(scim_request.c.domain_id).group_by(scim_request.c.domain_id).having(func.count() > most)
    found = []
    for domain_id in (await db.execute(counted)).scalars().all():
        newest_first = (
            select(scim_request.c.id)
            .where(scim_request.c.domain_id == domain_id)
            .order_by(scim_request.c.id.desc())
        )
        last = (await db.execute(newest_first.limit(1).offset(most))).scalar()
        if last is not None:
            found.append((domain_id, last))
    return found
