"""Endpoints and deliveries, read."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, and_, bindparam, func, not_, or_, select, tuple_

from parley.integrations.webhooks.rules import (
    ERASED,
    LONGEST_PAUSE,
    PAUSES_S,
    without_secrets,
)
from parley.integrations.webhooks.schemas import (
    DeliveryOut,
    Due,
    EndpointOut,
    FailingEndpoint,
    State,
)
from parley.integrations.webhooks.tables import (
    FAILED,
    PENDING,
    TELLS_OF_TICKET,
    webhook_delivery,
    webhook_endpoint,
)
from parley.kernel.clock import is_ahead
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.paging import PageRequest
from parley.kernel.jobs import is_beyond

_ENDPOINT = [webhook_endpoint.c[name] for name in EndpointOut.__struct_fields__]
_DELIVERY = [webhook_delivery.c[name] for name in DeliveryOut.__struct_fields__]
_DUE = [webhook_delivery.c[name] for name in Due.__struct_fields__]

# Served by the primary key. Most projects have no endpoint, and each of their events asks.
_LISTENERS = Prepared(
    select(webhook_endpoint.c.id, webhook_endpoint.c.events)
    .where(webhook_endpoint.c.project_id == bindparam("project_id"), webhook_endpoint.c.enabled)
    .order_by(webhook_endpoint.c.id)
)


def endpoint_key(project_id: int, endpoint_id: UUID) -> ColumnElement[bool]:
    """Return the condition that names one endpoint (primary key)."""
    return and_(webhook_endpoint.c.project_id == project_id, webhook_endpoint.c.id == endpoint_id)


def uuid_or_not_found(given: str) -> UUID:
    """Read an id of a path; raises NotFound for what is none."""
    try:
        return UUID(given)
    except ValueError as error:
        raise NotFound from error


def state_of(given: str | None) -> State | None:
    """Read a filter by state; what is none is no filter."""
    states: dict[str, State] = {"pending": "pending", "delivered": "delivered", "failed": "failed"}
    return states.get(given or "")


async def endpoints_page(db: Db, project_id: int, asked: PageRequest) -> tuple[int, Sequence[EndpointOut]]:
    """Return the number of the project's endpoints and some of them, oldest first (primary key)."""
    mine = webhook_endpoint.c.project_id == project_id
    count = (await db.execute(select(func.count()).select_from(webhook_endpoint).where(mine))).scalar_one()
    page = select(*_ENDPOINT).where(mine).order_by(webhook_endpoint.c.id)
    rows = await db.execute(page.limit(asked.limit).offset(asked.offset))
    return count, [EndpointOut(**row._mapping) for row in rows]


MAY_BE_SENT_AGAIN = and_(FAILED, webhook_delivery.c.payload != ERASED)


async def failing_endpoints(db: Db, projects: Collection[int], now: datetime) -> list[FailingEndpoint]:
    """Return the projects' endpoints to which not everything goes out, oldest first.

    Reads their endpoints, and counts by ix_webhook_delivery_order and ix_webhook_delivery_failed.
    """
    e, d = webhook_endpoint.c, webhook_delivery.c
    count = select(func.count()).where(d.project_id == e.project_id, d.endpoint_id == e.id)
    counts = (
        count.where(PENDING).scalar_subquery().label("waiting"),
        count.where(MAY_BE_SENT_AGAIN).scalar_subquery().label("failed"),
    )
    own = [e[name] for name in FailingEndpoint.__struct_fields__ if name in e]
    rows = await db.execute(select(*own, *counts).where(e.project_id.in_(projects)).order_by(e.id))
    found = [FailingEndpoint(**{**row._mapping, "url": without_secrets(row.url)}) for row in rows]
    return [
        one
        for one in found
        if one.failed
        or one.failure_count
        or one.disabled_reason
        or is_ahead(one.paused_until, now, LONGEST_PAUSE)
    ]


async def failed_deliveries(db: Db, project_id: int, endpoint_id: UUID, limit: int) -> Sequence[UUID]:
    """Return deliveries that failed and may be sent again, the oldest first (ix_webhook_delivery_failed)."""
    mine = (_of_endpoint(project_id, endpoint_id), MAY_BE_SENT_AGAIN)
    c = webhook_delivery.c
    return (await db.execute(select(c.id).where(*mine).order_by(c.id).limit(limit))).scalars().all()


async def endpoint_by_id(db: Db, project_id: int, endpoint_id: UUID) -> EndpointOut:
    """Return an endpoint (primary key); raises NotFound."""
    row = (await db.execute(select(*_ENDPOINT).where(endpoint_key(project_id, endpoint_id)))).first()
    if row is None:
        raise NotFound
    return EndpointOut(**row._mapping)


async def endpoint_locked(db: Db, project_id: int, endpoint_id: UUID) -> Row[Any] | None:
    """Return an endpoint's row, held until the transaction ends (primary key).

    Whoever adds deliveries and whoever takes them for sending hold it, so that neither misses what the other did.
    """
    found = select(webhook_endpoint).where(endpoint_key(project_id, endpoint_id)).with_for_update()
    return (await db.execute(found)).first()


async def endpoints_locked(db: Db, keys: Collection[tuple[int, UUID]]) -> Sequence[Row[Any]]:
    """Return endpoints' rows, held until the transaction ends, always in the same order (primary key)."""
    c = webhook_endpoint.c
    found = select(webhook_endpoint).where(tuple_(c.project_id, c.id).in_(keys))
    return (await db.execute(found.order_by(c.project_id, c.id).with_for_update())).all()


async def listeners(db: Db, project_id: int) -> Sequence[tuple[UUID, Sequence[str]]]:
    """Return the endpoints that are switched on, each with the events that it hears of (primary key)."""
    rows = await db.rows(_LISTENERS, project_id=project_id)
    return [(row[0], row[1]) for row in rows]


async def is_listening(db: Db, project_id: int) -> bool:
    """Say whether any endpoint of the project is switched on."""
    return bool(await db.rows(_LISTENERS, project_id=project_id))


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


class Told(msgspec.Struct, frozen=True):
    """A delivery that tells of a ticket."""

    id: UUID
    endpoint_id: UUID
    event: str
    state: str
    payload: msgspec.Raw
    created_at: datetime


_ABOUT = Prepared(
    select(*(webhook_delivery.c[name] for name in Told.__struct_fields__))
    .where(
        webhook_delivery.c.project_id == bindparam("project_id"),
        TELLS_OF_TICKET,
        is_one_of(webhook_delivery.c.ticket_id, listed("ticket_ids", webhook_delivery.c.ticket_id)),
    )
    .order_by(webhook_delivery.c.id)
)


async def deliveries_about(db: Db, project_id: int, ticket_ids: Sequence[UUID]) -> list[Told]:
    """Return what was or will be sent about the tickets, oldest first (ix_webhook_delivery_ticket)."""
    rows = await db.rows(_ABOUT, project_id=project_id, ticket_ids=ticket_ids) if ticket_ids else ()
    found = [dict(zip(Told.__struct_fields__, row, strict=True)) for row in rows]
    return [Told(**{**one, "payload": msgspec.Raw(one["payload"].encode())}) for one in found]


_failed = webhook_delivery.alias("failed")


def _put_off(project_id: int, endpoint_id: UUID, now: datetime) -> ColumnElement[bool]:
    c = _failed.c
    mine = and_(c.project_id == project_id, c.endpoint_id == endpoint_id)
    is_wrong = is_beyond(c.next_at, c.attempts, PAUSES_S, now)
    return and_(mine, PENDING, c.attempts > 0, c.next_at > now, not_(is_wrong))


async def due_deliveries(
    db: Db, project_id: int, endpoint_id: UUID, now: datetime, limit: int
) -> Sequence[Due]:
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
    return [Due(**row._mapping) for row in rows]


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


async def overdue_endpoints(db: Db, before: datetime) -> Sequence[Row[Any]]:
    """Return endpoints, held, whose work was due before this and has not come; reads the whole small table."""
    c = webhook_endpoint.c
    overdue = or_(c.busy_until < before, c.called_at < before, c.wake_at < before)
    held = select(webhook_endpoint).where(c.enabled, overdue).order_by(c.project_id, c.id)
    return (await db.execute(held.with_for_update(skip_locked=True))).all()


async def postponed_endpoints(db: Db, now: datetime) -> Sequence[Row[Any]]:
    """Return endpoints, held, for which something waits for a later time; reads the whole small table."""
    c = webhook_endpoint.c
    later = or_(c.busy_until > now, c.wake_at > now, c.paused_until > now)
    held = select(webhook_endpoint).where(c.enabled, later).order_by(c.project_id, c.id)
    return (await db.execute(held.with_for_update())).all()
