"""Who hears of an event: each event of a project asks."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, select

from parley.integrations.webhooks.tables import (
    webhook_endpoint,
)
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db

# Served by the primary key. Most projects have no endpoint, and each of their events asks.
_LISTENERS = Prepared(
    select(webhook_endpoint.c.id, webhook_endpoint.c.events)
    .where(webhook_endpoint.c.project_id == bindparam("project_id"), webhook_endpoint.c.enabled)
    .order_by(webhook_endpoint.c.id)
)


async def listeners(db: Db, project_id: int) -> Sequence[tuple[UUID, Sequence[str]]]:
    """Return the endpoints that are switched on, each with the events that it hears of (primary key)."""
    rows = await db.rows(_LISTENERS, project_id=project_id)
    return [(row[0], row[1]) for row in rows]


async def is_listening(db: Db, project_id: int) -> bool:
    """Say whether any endpoint of the project is switched on."""
    return bool(await db.rows(_LISTENERS, project_id=project_id))
