"""Endpoints, read."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, tuple_

from parley.integrations.webhooks.rules import (
    ERASED,
    LONGEST_PAUSE,
)
from parley.integrations.webhooks.schemas import (
    EndpointOut,
    FailingEndpoint,
)
from parley.integrations.webhooks.tables import (
    FAILED,
    PENDING,
    webhook_delivery,
    webhook_endpoint,
)
from parley.kernel.clock import is_ahead
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.paging import PageRequest
from parley.kernel.ids import uuid_or_none
from parley.kernel.network.webhook_messages import without_secrets

_ENDPOINT = [webhook_endpoint.c[name] for name in EndpointOut.__struct_fields__]


def endpoint_key(project_id: int, endpoint_id: UUID) -> ColumnElement[bool]:
    """Return the condition that names one endpoint (primary key)."""
    return and_(webhook_endpoint.c.project_id == project_id, webhook_endpoint.c.id == endpoint_id)


def uuid_or_not_found(given: str) -> UUID:
    """Read an id of a path; raises NotFound for what is none."""
    found = uuid_or_none(given)
    if found is None:
        raise NotFound
    return found


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
