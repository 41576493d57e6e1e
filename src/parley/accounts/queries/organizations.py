"""Organizations."""

from uuid import UUID

from sqlalchemy import select

from parley.accounts.tables import organization
from parley.kernel.db import Db


async def organization_exists(db: Db, organization_id: UUID) -> bool:
    """Say whether there is such an organization (primary key)."""
    found = await db.execute(select(organization.c.id).where(organization.c.id == organization_id))
    return found.first() is not None
