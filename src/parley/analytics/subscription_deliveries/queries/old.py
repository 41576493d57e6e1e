"""Deliveries whose time is over."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select

from parley.analytics.subscription_deliveries.tables import subscription_delivery
from parley.kernel.database.transaction import Db

c = subscription_delivery.c
_KEY = select(c.project_id, c.id)


async def hung_deliveries(db: Db, until: datetime, limit: int) -> Sequence[Row[Any]]:
    """Return deliveries that began before a time and are not done (ix_subscription_delivery_open)."""
    old = _KEY.where(c.status == "starting", c.created_at < until)
    return (await db.execute(old.limit(limit))).all()


async def deliveries_with_letters(db: Db, until: datetime, limit: int) -> Sequence[Row[Any]]:
    """Return deliveries that began before a time and have something in the storage (ix_subscription_delivery_age)."""
    old = _KEY.where(c.is_letter_stored, c.created_at < until)
    return (await db.execute(old.limit(limit))).all()


def older_deliveries(until: datetime, limit: int) -> Select[Any]:
    """Select deliveries that began before a time, for use in a DELETE (ix_subscription_delivery_age)."""
    return _KEY.where(c.created_at < until).limit(limit)


async def letters_of_project(db: Db, project_id: int, limit: int, *, is_open: bool) -> Sequence[UUID]:
    """Return deliveries of a project, done or not, that have something in the storage (primary key)."""
    found = select(c.id).where(c.project_id == project_id, c.is_letter_stored)
    status = c.status == "starting" if is_open else c.status != "starting"
    return (await db.execute(found.where(status).limit(limit))).scalars().all()
