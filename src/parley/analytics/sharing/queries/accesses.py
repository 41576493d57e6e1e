"""Who opened a share, and when."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from parley.analytics.sharing.schemas import ShareAccess, StoredShare
from parley.analytics.sharing.tables import share_access
from parley.kernel.database.transaction import Db
from parley.kernel.http.paging import PageRequest


async def access_page(
    db: Db, project_id: int, target_type: str, target_id: str, asked: PageRequest
) -> tuple[int, list[ShareAccess]]:
    """Return how many entries there are of a target, and a page of them, the latest first (ix_share_access_last)."""
    mine = (
        share_access.c.project_id == project_id,
        share_access.c.target_type == target_type,
        share_access.c.target_id == target_id,
    )
    count = (await db.execute(select(func.count()).select_from(share_access).where(*mine))).scalar_one()
    latest = select(share_access).where(*mine).order_by(share_access.c.last_at.desc(), share_access.c.id)
    rows = await db.execute(latest.limit(asked.limit).offset(asked.offset))
    return count, [
        ShareAccess(
            id=row.id,
            kind=row.kind,
            ip=row.address,
            password_id=row.password_id or None,
            password_note=row.password_note if row.password_id else None,
            access_token_suffix=row.token_suffix,
            count=row.access_count,
            first_at=row.first_at,
            last_at=row.last_at,
        )
        for row in rows
    ]


async def addresses_of_hour(db: Db, share: StoredShare, hour_at: datetime, *, most: int) -> set[str]:
    """Return the addresses that have entries of an hour, so many at most (uq_share_access_hour)."""
    found = select(share_access.c.address).where(
        share_access.c.project_id == share.project_id,
        share_access.c.target_type == share.target_type,
        share_access.c.target_id == share.target_id,
        share_access.c.hour_at == hour_at,
    )
    return set((await db.execute(found.distinct().limit(most))).scalars())


def old_accesses(before: datetime, limit: int) -> Select[Any]:
    """Select the ids of entries that are older (ix_share_access_kept)."""
    old = select(share_access.c.id).where(share_access.c.last_at < before)
    return old.order_by(share_access.c.last_at).limit(limit)
