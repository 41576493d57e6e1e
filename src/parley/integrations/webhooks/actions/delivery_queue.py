"""The delivery queue of an endpoint: its deliveries go out batch after batch, in one piece of work at a time.

So an endpoint that hangs delays only itself. The endpoint's row is the lock: `send_at_once` and `release` run with it
held, so no delivery is forgotten between them.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, update

from parley.accounts.projects.queries.projects import signing_secrets
from parley.integrations.webhooks.queries.deliveries import due_deliveries, next_due
from parley.integrations.webhooks.queries.endpoints import (
    endpoint_key,
    endpoint_locked,
    overdue_endpoints,
    postponed_endpoints,
)
from parley.integrations.webhooks.rules import LONGEST_PAUSE, batch_size
from parley.integrations.webhooks.schemas import Batch
from parley.integrations.webhooks.tables import PENDING, webhook_delivery, webhook_endpoint
from parley.kernel.clock import is_ahead
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import enqueue
from parley.kernel.network.webhook_messages import RETRIES_S
from parley.kernel.secrets import Vault

DELIVER = "webhooks.deliver"
LEASE = timedelta(seconds=90)
"""Longer than a batch can take. After that, whoever has it is taken for dead."""
FARTHEST = timedelta(seconds=max(RETRIES_S))
"""How far ahead work is planned at most."""
LOST = timedelta(minutes=10)
"""Work so long overdue is not coming any more, such as what no process could do for hours."""


async def send_at_once(db: Db, row: Row[Any], at: datetime) -> None:
    """Have the endpoint's deliveries sent at once, unless somebody is at it or about to. Its row must be held."""
    is_planned = row.paused_until is not None and row.wake_at == row.paused_until
    if row.enabled and not (row.busy_by or row.called_at or is_planned):
        await _ask_for_work(db, row, {"called_at": at}, None)


async def send_when_due(db: Db, project_id: int, endpoint_id: UUID, now: datetime) -> None:
    """Have what waits for an endpoint sent as soon as it is due and the endpoint's rest is over."""
    row = await endpoint_locked(db, project_id, endpoint_id)
    if row is None or not row.enabled:
        return
    first = await next_due(db, project_id, endpoint_id, now)
    if first is None:
        return
    at = max(first, row.paused_until or first)
    if at <= now:
        await send_at_once(db, row, now)
    elif row.wake_at is None or row.wake_at > at:
        await _ask_for_work(db, row, {"wake_at": at}, at)


async def _ask_for_work(db: Db, row: Row[Any], noted: dict[str, datetime], at: datetime | None) -> None:
    mine = endpoint_key(row.project_id, row.id)
    await db.execute(update(webhook_endpoint).where(mine).values(noted))
    payload = {"endpoint_id": str(row.id)}
    await enqueue(db, DELIVER, payload, project_id=row.project_id, queue="webhooks", not_before=at)


async def take_batch(
    db: Db, vault: Vault, project_id: int, endpoint_id: UUID, work_id: UUID, now: datetime
) -> Batch | None:
    """Take the queue and its next batch; None when there is nothing to send, or another work is at it."""
    row = await endpoint_locked(db, project_id, endpoint_id)
    if row is None or (is_ahead(row.busy_until, now, LEASE) and row.busy_by != work_id):
        return None
    is_open = row.enabled and not is_ahead(row.paused_until, now, LONGEST_PAUSE)
    limit = batch_size(row.failure_count)
    due = await due_deliveries(db, project_id, endpoint_id, now, limit) if is_open else ()
    if not due:
        await release(db, project_id, endpoint_id, work_id, now)
        return None
    mine = endpoint_key(project_id, endpoint_id)
    taken = {"busy_by": work_id, "busy_until": now + LEASE}
    await db.execute(update(webhook_endpoint).where(mine).values(**taken))
    return Batch(
        project_id=project_id,
        endpoint_id=endpoint_id,
        url=row.url,
        secrets=await signing_secrets(db, vault, project_id, now),
        deliveries=due,
    )


async def release(db: Db, project_id: int, endpoint_id: UUID, work_id: UUID, now: datetime) -> None:
    """Let others have the queue, and have the next batch sent when it is due."""
    row = await endpoint_locked(db, project_id, endpoint_id)
    if row is not None and row.busy_by in (None, work_id):
        await _free(db, row, now)


async def _free(db: Db, row: Row[Any], now: datetime) -> None:
    is_over = not is_ahead(row.wake_at, now, FARTHEST)
    free = {"busy_by": None, "busy_until": None, "called_at": None} | ({"wake_at": None} if is_over else {})
    mine = endpoint_key(row.project_id, row.id)
    await db.execute(update(webhook_endpoint).where(mine).values(**free))
    await send_when_due(db, row.project_id, row.id, now)


async def find_lost(db: Db, now: datetime) -> int:
    """Ask again for work that was asked for and never came; return for how many endpoints. Safe to run twice."""
    lost = await overdue_endpoints(db, now - LOST)
    for row in lost:
        await _free(db, row, now)
    return len(lost)


async def bring_forward(db: Db, now: datetime) -> int:
    """Have everything sent now that waits for a later time, which the clock was wrong about; return to how many endpoints.

    Safe to run twice: what isn't delivered is only tried earlier than it would have been.
    """
    c = webhook_delivery.c
    await db.execute(update(webhook_delivery).where(PENDING, c.next_at > now).values(next_at=now))
    found = await postponed_endpoints(db, now)
    for row in found:
        values: dict[str, Any] = {"wake_at": None, "paused_until": None}
        if row.busy_until and not is_ahead(row.busy_until, now, LEASE):
            values |= {"busy_by": None, "busy_until": None}
        await db.execute(
            update(webhook_endpoint).where(endpoint_key(row.project_id, row.id)).values(**values)
        )
        await send_when_due(db, row.project_id, row.id, now)
    return len(found)
