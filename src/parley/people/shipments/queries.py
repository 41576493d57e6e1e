"""Every SELECT of shipments."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Integer, bindparam, func, select

from parley.accounts.projects.tables import project
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.people.shipments.rules import ShipmentKind
from parley.people.shipments.tables import shipment, shipped_project, shipping


class Shipment(msgspec.Struct, frozen=True):
    """What was stored together and has not arrived yet."""

    project_id: int
    id: UUID
    kind: ShipmentKind
    keys: Sequence[str]
    n_keys: int
    n_bytes: int


_SHIPMENT = StructColumns(Shipment, shipment)
_NEXT = Prepared(select(*_SHIPMENT.columns).order_by(shipment.c.id).limit(bindparam("limit", type_=Integer)))


async def next_shipments(db: Db, limit: int) -> list[Shipment]:
    """Return the oldest shipments (ix_shipment_id)."""
    return [_SHIPMENT(row) for row in await db.rows(_NEXT, limit=limit)]


class ShippingState(msgspec.Struct, frozen=True):
    """How far ClickHouse lags behind: what waits, since when, and why."""

    n_waiting: int
    waiting_since: datetime | None
    failing_since: datetime | None
    last_error: str | None
    n_incomplete: int
    """So many projects still have rows from before the setting was on."""


_WITH_PROGRESS = project.outerjoin(shipped_project, shipped_project.c.project_id == project.c.id)
_INCOMPLETE = func.coalesce(shipped_project.c.is_complete, False).is_(False)
_WAITING = Prepared(
    select(func.coalesce(func.sum(shipment.c.n_keys), 0), func.min(shipment.c.created_at).label("since"))
)
_FAILING = Prepared(select(shipping.c.failing_since, shipping.c.last_error))
_N_INCOMPLETE = Prepared(select(func.count()).select_from(_WITH_PROGRESS).where(_INCOMPLETE))


async def shipping_state(db: Db) -> ShippingState:
    """Return what waits; reads all shipments, of which there are few unless ClickHouse is away."""
    waiting = await db.row(_WAITING) or (0, None)
    failing = await db.row(_FAILING) or (None, None)
    unfinished = await db.row(_N_INCOMPLETE) or (0,)
    return ShippingState(*waiting, *failing, *unfinished)


_COMPLETE = Prepared(
    select(shipped_project.c.project_id).where(
        shipped_project.c.project_id == bindparam("project_id"), shipped_project.c.is_complete.is_(True)
    )
)


async def is_noted_whole(database: Database, project_id: int) -> bool:
    """Say whether everything that a project had before the setting was on is noted. Served by the primary key."""
    return bool(await database.read(_COMPLETE, project_id=project_id))


class Progress(msgspec.Struct, frozen=True):
    """How far a project's older rows are noted: after the key `after` of a kind; None for a project that hasn't begun."""

    project_id: int
    kind: ShipmentKind | None
    after: Any


async def next_incomplete(db: Db) -> Progress | None:
    """Return the first project that has rows from before the setting was on."""
    columns = (project.c.id, shipped_project.c.kind, shipped_project.c.after)
    found = select(*columns).select_from(_WITH_PROGRESS).where(_INCOMPLETE).order_by(project.c.id).limit(1)
    row = (await db.execute(found)).one_or_none()
    if row is None:
        return None
    return Progress(row.id, ShipmentKind(row.kind) if row.kind else None, row.after)
