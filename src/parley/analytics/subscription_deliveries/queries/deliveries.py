"""Deliveries of subscriptions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, and_, exists, or_, select

from parley.analytics.subscription_deliveries.schemas import (
    OpenDelivery,
    RecipientResult,
    SubscriptionDeliveryOut,
)
from parley.analytics.subscription_deliveries.tables import subscription_delivery, subscription_recipient
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound

PAGE = 50
TRIED_AGAIN = "{} is tried again, so far {} times in vain: {}"
c, r = subscription_delivery.c, subscription_recipient.c
_OPEN = StructColumns(OpenDelivery, subscription_delivery)


class DeliveryPlace(msgspec.Struct, frozen=True):
    """A place in the list of deliveries, newest first: what is older than this one, or newer."""

    id: UUID
    is_back: bool = False


def delivery_key(project_id: int, id: UUID) -> ColumnElement[bool]:
    """Return the condition that names one delivery (primary key)."""
    return and_(c.project_id == project_id, c.id == id)


async def open_delivery(db: Db, project_id: int, id: UUID, *, is_held: bool = False) -> OpenDelivery | None:
    """Return a delivery that is not done (primary key); with `is_held` nobody else changes it meanwhile."""
    found = select(*_OPEN.columns).where(delivery_key(project_id, id), c.status == "starting")
    row = (await db.execute(found.with_for_update() if is_held else found)).first()
    return _OPEN(row) if row else None


async def has_open_delivery(db: Db, project_id: int, subscription_id: int, since: datetime) -> bool:
    """Say whether a delivery of a subscription has begun since then and isn't done (ix_subscription_delivery_log)."""
    mine = (c.project_id == project_id, c.subscription_id == subscription_id, c.created_at > since)
    return bool((await db.execute(select(exists().where(*mine, c.status == "starting")))).scalar_one())


async def recipient_of(db: Db, project_id: int, delivery_id: UUID, number: int) -> Row[Any] | None:
    """Return a recipient that the delivery has not reached yet, and how often that was tried (primary key)."""
    mine = (r.project_id == project_id, r.delivery_id == delivery_id, r.number == number)
    return (await db.execute(select(r.recipient, r.attempts).where(*mine, r.status == "pending"))).first()


async def recipients_of(db: Db, project_id: int, delivery_id: UUID) -> Sequence[Row[Any]]:
    """Return what is known of all recipients of a delivery (primary key)."""
    mine = (r.project_id == project_id, r.delivery_id == delivery_id)
    return (await db.execute(select(r.recipient, r.status, r.error).where(*mine).order_by(r.number))).all()


async def deliveries_around(
    db: Db, project_id: int, subscription_id: int, status: str | None, place: DeliveryPlace | None
) -> tuple[list[SubscriptionDeliveryOut], bool]:
    """Return a page of deliveries, newest first, and whether the list goes on in the direction of the place."""
    wanted = [c.project_id == project_id, c.subscription_id == subscription_id]
    if status is not None:
        wanted.append(c.status == status)
    is_back = place is not None and place.is_back
    if place is not None:
        wanted.append(c.id > place.id if place.is_back else c.id < place.id)
    page = select(subscription_delivery).where(*wanted)
    page = page.order_by(c.id.asc() if is_back else c.id.desc()).limit(PAGE + 1)
    rows = (await db.execute(page)).all()
    found = await _shown(db, project_id, rows[:PAGE])
    return (found[::-1] if is_back else found), len(rows) > PAGE


async def delivery_by_key(db: Db, project_id: int, subscription_id: int, key: str) -> SubscriptionDeliveryOut:
    """Return one delivery of a subscription (primary key); raises NotFound."""
    try:
        id = UUID(key)
    except ValueError as error:
        raise NotFound from error
    found = select(subscription_delivery).where(delivery_key(project_id, id))
    rows = (await db.execute(found.where(c.subscription_id == subscription_id))).all()
    if not rows:
        raise NotFound
    return (await _shown(db, project_id, rows))[0]


async def _shown(db: Db, project_id: int, rows: Sequence[Row[Any]]) -> list[SubscriptionDeliveryOut]:
    columns = (r.delivery_id, r.recipient, r.status, r.error, r.attempts)
    mine = (r.project_id == project_id, is_one_of(r.delivery_id, listed("ids", r.delivery_id)))
    tried = select(*columns).where(*mine, or_(r.status != "pending", r.error.is_not(None))).order_by(r.number)
    results: dict[UUID, list[RecipientResult]] = {}
    waiting: dict[UUID, str] = {}
    if rows:
        for one in await db.execute(tried, {"ids": [row.id for row in rows]}):
            if one.status == "pending":
                waiting[one.delivery_id] = TRIED_AGAIN.format(one.recipient, one.attempts, one.error)
                continue
            result = RecipientResult(recipient=one.recipient, status=one.status, error=one.error)
            results.setdefault(one.delivery_id, []).append(result)
    return [_delivery(row, results.get(row.id, ()), waiting.get(row.id)) for row in rows]


def _delivery(
    row: Row[Any], results: Sequence[RecipientResult], waiting: str | None
) -> SubscriptionDeliveryOut:
    names = set(SubscriptionDeliveryOut.__struct_fields__) & set(row._mapping.keys()) - {"error"}
    return SubscriptionDeliveryOut(
        **{name: getattr(row, name) for name in names},
        subscription=row.subscription_id,
        temporal_workflow_id=f"subscription-{row.subscription_id}-{row.idempotency_key}",
        recipient_results=results,
        error=row.error or (waiting if row.status == "starting" else None),
    )
