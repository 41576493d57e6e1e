"""Deliveries, read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, and_, bindparam, func, not_, or_, select

from parley.integrations.webhooks.queries.endpoints import MAY_BE_SENT_AGAIN
from parley.integrations.webhooks.rules import (
    PAUSES_S,
)
from parley.integrations.webhooks.schemas import DeliveryOut, DueDelivery, State
from parley.integrations.webhooks.tables import (
    PENDING,
    TELLS_OF_TICKET,
    webhook_delivery,
)
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.paging import PageRequest
from parley.kernel.jobs import is_beyond

_DELIVERY = [webhook_delivery.c[name] for name in DeliveryOut.__struct_fields__]

_DUE = [webhook_delivery.c[name] for name in DueDelivery.__struct_fields__]


def state_of(given: str | None) -> State | None:
    """Read a filter by state; what is none is no filter."""
    states: dict[str, State] = {"pending": "pending", "delivered": "delivered", "failed": "failed"}
    return states.get(given or "")


async def failed_deliveries(db: Db, project_id: int, endpoint_id: UUID, limit: int) -> Sequence[UUID]:
    """Return deliveries that failed and may be sent again, the oldest first (ix_webhook_delivery_failed)."""
    mine = (_of_endpoint(project_id, endpoint_id), MAY_BE_SENT_AGAIN)
    c = webhook_delivery.c
    return (await db.execute(select(c.id).where(*mine).order_by(c.id).limit(limit))).scalars().all()


def _of_endpoint(project_id: int, endpoint_id: UUID) -> ColumnElement[bool]:
    c = webhook_delivery.c
    return and_(c.project_id == project_id, c.endpoint_id == endpoint_id)


def _shown(row: Row[Any]) -> DeliveryOut:
    return DeliveryOut(**{**row._mapping, "payload": msgspec.Raw(row.payload.encode())})


async def deliveries_page(
    db: Db, project_id: int, endpoint_id: UUID, state: State | None, asked: PageRequest
) -> tuple[int, Sequence[DeliveryOut]]:
    """Return the number of an endpoint's deliveries and some of them, newest first (ix_webhook_delivery_log)."""
    wanted = _of_endpoint(project_id, endpoint_id)
    if state is not None:
        wanted = and_(wanted, webhook_delivery.c.state == state)
    count = (await db.execute(select(func.count()).select_from(webhook_delivery).where(wanted))).scalar_one()
    page = select(*_DELIVERY).where(wanted).order_by(webhook_delivery.c.id.desc())
    rows = await db.execute(page.limit(asked.limit).offset(asked.offset))
    return count, [_shown(row) for row in rows]


async def delivery_by_id(db: Db, project_id: int, endpoint_id: UUID, delivery_id: UUID) -> DeliveryOut:
    """Return a delivery of this endpoint (primary key); raises NotFound."""
    one = and_(_of_endpoint(project_id, endpoint_id), webhook_delivery.c.id == delivery_id)
    row = (await db.execute(select(*_DELIVERY).where(one))).first()
    if row is None:
        raise NotFound
    return _shown(row)


async def delivery_under_way(db: Db, project_id: int, endpoint_id: UUID, event_id: UUID) -> UUID | None:
    """Return the delivery of a message that is yet to reach the endpoint, if there is one (ix_webhook_delivery_due)."""
    c = webhook_delivery.c
    wanted = (_of_endpoint(project_id, endpoint_id), PENDING, c.event_id == event_id)
    return (await db.execute(select(c.id).where(*wanted).limit(1))).scalar_one_or_none()


class DeliveredPayload(msgspec.Struct, frozen=True):
    """A delivery that tells of a ticket."""

    id: UUID
    endpoint_id: UUID
    event: str
    state: str
    payload: msgspec.Raw
    created_at: datetime


_ABOUT = (
    select(*(webhook_delivery.c[name] for name in DeliveredPayload.__struct_fields__))
    .where(
        webhook_delivery.c.project_id == bindparam("project_id"),
        TELLS_OF_TICKET,
        is_one_of(webhook_delivery.c.ticket_id, listed("ticket_ids", webhook_delivery.c.ticket_id)),
    )
    .order_by(webhook_delivery.c.id)
)


async def deliveries_about(db: Db, project_id: int, ticket_ids: Sequence[UUID]) -> list[DeliveredPayload]:
    """Return what was or will be sent about the tickets, oldest first (ix_webhook_delivery_ticket)."""
    if not ticket_ids:
        return []
    rows = await db.execute(_ABOUT, {"project_id": project_id, "ticket_ids": ticket_ids})
    return [
        DeliveredPayload(**{**row._mapping, "payload": msgspec.Raw(row.payload.encode())}) for row in rows
    ]


_failed = webhook_delivery.alias("failed")


def _put_off(project_id: int, endpoint_id: UUID, now: datetime) -> ColumnElement[bool]:
    c = _failed.c
    mine = and_(c.project_id == project_id, c.endpoint_id == endpoint_id)
    is_wrong = is_beyond(c.next_at, c.attempts, PAUSES_S, now)
    return and_(mine, PENDING, c.attempts > 0, c.next_at > now, not_(is_wrong))


async def due_deliveries(
    db: Db, project_id: int, endpoint_id: UUID, now: datetime, limit: int
) -> Sequence[DueDelivery]:
    """Return deliveries to attempt now, in the order in which things happened (ix_webhook_delivery_order).

    One that failed keeps back what else tells of its ticket until it is tried again (ix_webhook_delivery_due).
    """
    c = webhook_delivery.c
    kept_back = select(_failed.c.ticket_id).where(_put_off(project_id, endpoint_id, now), TELLS_OF_TICKET)
    due = select(*_DUE).where(
        _of_endpoint(project_id, endpoint_id),
        PENDING,
        or_(c.attempts == 0, c.next_at <= now, is_beyond(c.next_at, c.attempts, PAUSES_S, now)),
        or_(c.ticket_id.is_(None), c.ticket_id.not_in(kept_back)),
    )
    rows = await db.execute(due.order_by(c.id).limit(limit))
    return [DueDelivery(**row._mapping) for row in rows]


async def next_due(db: Db, project_id: int, endpoint_id: UUID, now: datetime) -> datetime | None:
    """Return when something can be sent to the endpoint next (ix_webhook_delivery_due), None when nothing waits."""
    if await due_deliveries(db, project_id, endpoint_id, now, 1):
        return now
    first = select(func.min(_failed.c.next_at)).where(_put_off(project_id, endpoint_id, now))
    found: datetime | None = (await db.execute(first)).scalar_one_or_none()
    return found


async def expired(db: Db, before: datetime, limit: int) -> Sequence[tuple[int, UUID]]:
    """Return deliveries that wait for too long, project and id (ix_webhook_delivery_waiting)."""
    c = webhook_delivery.c
    rows = await db.execute(select(c.project_id, c.id).where(PENDING, c.created_at < before).limit(limit))
    return [(row.project_id, row.id) for row in rows]


async def outdated(db: Db, before: datetime, limit: int) -> Sequence[tuple[int, UUID]]:
    """Return deliveries that are not kept any longer, project and id (ix_webhook_delivery_age)."""
    c = webhook_delivery.c
    rows = await db.execute(select(c.project_id, c.id).where(c.created_at < before).limit(limit))
    return [(row.project_id, row.id) for row in rows]
